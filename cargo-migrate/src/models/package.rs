//! The package that is read: its modules, the types in them, and what a field's type is in Postgres.

use std::collections::HashMap;

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, GenericArgument, Item, ItemEnum, ItemStruct, Lit, PathArguments, Type, TypePath};

use crate::models::derive::{Derive, is_derived, is_sqlx_type};
use crate::models::enumeration;
use crate::models::imports::{name_of, segments};
use crate::models::module_tree::Module;
use crate::models::source::{Spot, Written};
use crate::models::sqlx_attribute::{self, OnType};
use crate::models::types::{instead_of, known, range_over};
use crate::report::Failure;

/// How many newtypes and aliases may stand for one another.
const DEPTH: usize = 16;

/// The modules, with an index of the types that they define.
pub(super) struct Package {
    pub(super) modules: Vec<Module>,
    /// What the code calls the crate that has the markers.
    pub(super) crate_names: Vec<String>,
    /// What a program of the package calls its library.
    own_crate: Option<String>,
    /// Modules and items by the name of the item.
    by_name: HashMap<String, Vec<(usize, usize)>>,
}

/// What a column stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ColumnType {
    pub(super) sql: String,
    pub(super) may_be_null: bool,
}

impl ColumnType {
    fn of(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), may_be_null: false }
    }
}

/// An item, and the module that it is in.
pub(super) type Found<'p> = (&'p Module, &'p Item);

impl Package {
    pub(super) fn new(modules: Vec<Module>, crate_names: Vec<String>, own_crate: Option<String>) -> Self {
        let mut by_name: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
        for (n_module, module) in modules.iter().enumerate() {
            for (n_item, item) in module.items.iter().enumerate() {
                let ident = match item {
                    Item::Struct(item) => &item.ident,
                    Item::Enum(item) => &item.ident,
                    Item::Type(item) => &item.ident,
                    _ => continue,
                };
                by_name.entry(name_of(ident)).or_default().push((n_module, n_item));
            }
        }
        Self { modules, crate_names, own_crate, by_name }
    }

    /// Whether an item of a module derives the marker.
    pub(super) fn derives(&self, derive: Derive, attributes: &[syn::Attribute], module: &Module) -> bool {
        is_derived(derive, attributes, &module.imports, &module.path, &self.crate_names)
    }

    /// The item that a path of a module means; none, where the package has no such item.
    pub(super) fn find<'p>(&'p self, module: &Module, path: &syn::Path) -> Result<Option<Found<'p>>, Failure> {
        let mut expanded = module.imports.expand(&module.path, &segments(path));
        if self.own_crate.is_some() && expanded.first() == self.own_crate.as_ref() && expanded.len() > 1 {
            "crate".clone_into(&mut expanded[0]);
        }
        let Some((name, before)) = expanded.split_last() else { return Ok(None) };
        let is_foreign = before.first().is_some_and(|first| first != "crate");
        let candidates = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        let found = |&(module, item): &(usize, usize)| {
            let module = &self.modules[module];
            (module, &module.items[item])
        };
        if is_foreign || candidates.is_empty() {
            return Ok(None);
        }
        if let Some(exact) = candidates.iter().find(|(module, _)| self.modules[*module].path == before) {
            return Ok(Some(found(exact)));
        }
        match candidates {
            // Re-exported, or imported with all that a module has.
            [only] => Ok(Some(found(only))),
            _ => Err(module
                .file
                .spot(path.span())
                .failure(format!("`{name}` may be one of {} types of the package", candidates.len()))
                .help(format!("write its whole path, `crate::…::{name}`"))),
        }
    }

    /// The Postgres type of a field's type.
    pub(super) fn column_type(&self, module: &Module, ty: &Type) -> Result<ColumnType, Failure> {
        self.type_within(module, ty, DEPTH)
    }

    /// The Postgres type of the type that sqlx reads in the place of another; its tokens are in a text.
    pub(super) fn stored_type(&self, module: &Module, stored: &Written<Type>) -> Result<ColumnType, Failure> {
        self.column_type(module, &stored.value).map_err(|_| unknown_type(&stored.spot, &text_of(&stored.value)))
    }

    fn type_within(&self, module: &Module, ty: &Type, depth: usize) -> Result<ColumnType, Failure> {
        let unknown = || unknown_type(&module.file.spot(ty.span()), &text_of(ty));
        if depth == 0 {
            return Err(unknown());
        }
        match ty {
            Type::Reference(reference) => self.type_within(module, &reference.elem, depth),
            Type::Paren(inner) => self.type_within(module, &inner.elem, depth),
            Type::Group(inner) => self.type_within(module, &inner.elem, depth),
            Type::Slice(slice) => self.array(module, &slice.elem, depth),
            Type::Array(array) => self.array(module, &array.elem, depth),
            Type::Path(TypePath { qself: None, path, .. }) => {
                self.path_type(module, path, depth).and_then(|found| found.ok_or_else(unknown))
            }
            _ => Err(unknown()),
        }
    }

    fn path_type(&self, module: &Module, path: &syn::Path, depth: usize) -> Result<Option<ColumnType>, Failure> {
        // A type of one's own may have a name that others have too.
        if let Some((its_module, item)) = self.find(module, path)? {
            return self.item_type(its_module, item, depth);
        }
        let expanded = module.imports.expand(&module.path, &segments(path));
        let Some(name) = expanded.last().map(String::as_str) else { return Ok(None) };
        let argument = path.segments.last().and_then(|segment| only_argument(&segment.arguments));
        match (name, argument) {
            ("Option", Some(inner)) => {
                Ok(Some(ColumnType { may_be_null: true, ..self.type_within(module, inner, depth)? }))
            }
            ("Vec", Some(element)) => self.array(module, element, depth).map(Some),
            ("Box" | "Arc" | "Rc" | "Cow", Some(inner)) => self.type_within(module, inner, depth).map(Some),
            ("PgRange", Some(bound)) => {
                Ok(range_over(&self.type_within(module, bound, depth)?.sql).map(ColumnType::of))
            }
            _ => Ok(known(&expanded).map(ColumnType::of)),
        }
    }

    fn array(&self, module: &Module, element: &Type, depth: usize) -> Result<ColumnType, Failure> {
        if is_byte(element) {
            return Ok(ColumnType::of("bytea"));
        }
        let column = self.type_within(module, element, depth)?;
        if column.sql.ends_with("[]") {
            return Err(module
                .file
                .spot(element.span())
                .failure("sqlx reads no arrays of arrays")
                .help("store it as JSON, `sqlx::types::Json<…>`, or say its type: `#[column(type = \"…\")]`"));
        }
        Ok(ColumnType::of(format!("{}[]", column.sql)))
    }

    fn item_type(&self, module: &Module, item: &Item, depth: usize) -> Result<Option<ColumnType>, Failure> {
        match item {
            Item::Type(alias) if alias.generics.params.is_empty() => {
                self.type_within(module, &alias.ty, depth - 1).map(Some)
            }
            Item::Struct(item) => self.struct_type(module, item, depth),
            Item::Enum(item) => self.enum_type(module, item),
            _ => Ok(None),
        }
    }

    fn struct_type(&self, module: &Module, item: &ItemStruct, depth: usize) -> Result<Option<ColumnType>, Failure> {
        let OnType { is_transparent, type_name, .. } = sqlx_attribute::on_type(&item.attrs, &module.file)?;
        let mut fields = item.fields.iter();
        match (type_name, fields.next(), fields.next()) {
            (Some(name), ..) => Ok(Some(ColumnType::of(name.value))),
            (None, Some(field), None) if is_transparent && item.generics.params.is_empty() => {
                self.type_within(module, &field.ty, depth - 1).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn enum_type(&self, module: &Module, item: &ItemEnum) -> Result<Option<ColumnType>, Failure> {
        if self.derives(Derive::Enum, &item.attrs, module) {
            // What is wrong with it is told where it is read.
            let sql = enumeration::name(item, module).map_or_else(|_| "text".to_owned(), |name| name.value.to_string());
            return Ok(Some(ColumnType::of(sql)));
        }
        let number = match repr(item).as_deref() {
            Some("i8") => Some("\"char\""),
            Some("i16") => Some("smallint"),
            Some("i32") => Some("integer"),
            Some("i64") => Some("bigint"),
            _ => None,
        };
        let name = sqlx_attribute::on_type(&item.attrs, &module.file)?.type_name;
        let is_stored = is_sqlx_type(&item.attrs, &module.imports, &module.path);
        Ok(match (number, name) {
            (_, Some(name)) => Some(ColumnType::of(name.value)),
            (Some(number), None) if is_stored => Some(ColumnType::of(number)),
            _ => None,
        })
    }
}

/// The number that sqlx stores for an enum.
pub(super) fn repr(item: &ItemEnum) -> Option<String> {
    let attribute = item.attrs.iter().find(|attribute| attribute.path().is_ident("repr"))?;
    attribute.parse_args::<syn::Ident>().ok().map(|ident| ident.to_string())
}

/// A type of which nobody has said what it is in Postgres.
fn unknown_type(spot: &Spot, text: &str) -> Failure {
    let failure = spot.failure(format!("the Postgres type of `{text}` is not known"));
    match instead_of(text) {
        Some(instead) => failure.help(format!(
            "sqlx stores no `{text}`: use `{instead}`, or say the type of the column with `#[column(type = \"…\")]`"
        )),
        None => failure.help(
            "say it with `#[column(type = \"…\")]` on the field; \
             a newtype of the package is followed with `#[sqlx(transparent)]`, an enum with `#[derive(Enum)]`, and what is \
             stored as JSON is `sqlx::types::Json<…>`",
        ),
    }
}

/// The only type among the arguments; lifetimes are none.
fn only_argument(arguments: &PathArguments) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else { return None };
    let mut types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.next().filter(|_| types.next().is_none())
}

fn is_byte(ty: &Type) -> bool {
    matches!(ty, Type::Path(TypePath { qself: None, path, .. }) if path.is_ident("u8"))
}

/// A type as somebody wrote it.
fn text_of(ty: &Type) -> String {
    let text = ty.span().source_text();
    text.unwrap_or_else(|| "this type".to_owned())
}

/// The text of a doc comment.
pub(super) fn documentation(attributes: &[syn::Attribute]) -> Option<(String, Span)> {
    let mut lines = Vec::new();
    let mut span = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("doc")) {
        if let syn::Meta::NameValue(pair) = &attribute.meta
            && let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value
        {
            span.get_or_insert_with(|| attribute.pound_token.span);
            lines.extend(text.value().lines().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned()));
        }
    }
    let text = lines.join("\n").trim().to_owned();
    span.filter(|_| !text.is_empty()).map(|span| (text, span))
}
