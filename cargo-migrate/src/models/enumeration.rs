//! Enums of Rust that are enums of Postgres.

use syn::{Fields, ItemEnum};

use crate::models::attribute::{self, Entry, checked_name};
use crate::models::cfg::{Presence, conditional, presence};
use crate::models::derive::is_sqlx_type;
use crate::models::imports::name_of;
use crate::models::module_tree::Module;
use crate::models::package::{documentation, repr};
use crate::models::source::{Problems, Spot, Written};
use crate::models::sql_name::{Name, whole_name};
use crate::models::sqlx_attribute::{self, RenameAll, same_as_sqlx, snake_case};
use crate::report::Failure;

/// Keys of `#[enumeration(…)]`.
pub(super) const KEYS: &[&str] = &["name", "schema", "comment", "doc_comments", "rename_all", "renamed_from"];

/// Keys of `#[variant(…)]`.
pub(super) const VARIANT_KEYS: &[&str] = &["name", "renamed_from"];

/// An enum.
#[derive(Debug)]
pub(super) struct Enumeration {
    pub(super) name: Written<Name>,
    pub(super) labels: Vec<Label>,
    pub(super) comment: Option<Written>,
    pub(super) renamed_from: Option<Written>,
}

/// One of its values.
#[derive(Debug)]
pub(super) struct Label {
    pub(super) name: Written,
    pub(super) renamed_from: Option<Written>,
}

#[derive(Default)]
struct Keys {
    name: Option<Written>,
    schema: Option<Written>,
    comment: Option<Written>,
    doc_comments: Option<bool>,
    rename_all: Option<Written<RenameAll>>,
    renamed_from: Option<Written>,
}

/// Reads an enum that derives the marker.
pub(super) fn read(item: &ItemEnum, module: &Module, problems: &mut Problems) -> Option<Enumeration> {
    let name = problems.take(name(item, module))?;
    let keys = problems.take(keys(item, module))?;
    problems.take(check(item, module))?;
    let on_type = problems.take(sqlx_attribute::on_type(&item.attrs, &module.file))?;
    let is_of_sqlx = is_sqlx_type(&item.attrs, &module.imports, &module.path);
    if let Some(rule) = keys.rename_all.as_ref().filter(|rule| is_of_sqlx && Some(rule.value) != on_type.rename_all) {
        let failure = rule.spot.failure("sqlx does not rename the values so");
        problems.add([failure.help("write `rename_all` in `#[sqlx(…)]` in place of this: both go by it")]);
    }
    let rename_all = keys.rename_all.map(|rule| rule.value).or(on_type.rename_all);
    let mut labels: Vec<Label> = Vec::new();
    let in_program = |variant: &&syn::Variant| !matches!(presence(&variant.attrs), Presence::Tests);
    for variant in item.variants.iter().filter(in_program) {
        let Some(label) = problems.take(label(variant, module, rename_all, is_of_sqlx)) else { continue };
        match labels.iter().find(|earlier| earlier.name.value == label.name.value) {
            Some(earlier) => problems.add([label
                .name
                .spot
                .failure(format!("two variants of `{}` are called `{}`", item.ident, label.name.value))
                .help(format!("the other is at {}: give one another name", earlier.name.spot.shown()))]),
            None => labels.push(label),
        }
    }
    let from_docs = || documentation(&item.attrs).map(|(value, span)| Written { value, spot: module.file.spot(span) });
    let comment = keys.comment.or_else(|| keys.doc_comments.unwrap_or(false).then(from_docs).flatten());
    Some(Enumeration { name, labels, comment, renamed_from: keys.renamed_from })
}

/// What it is called in the database: what sqlx looks for, where sqlx reads it.
pub(super) fn name(item: &ItemEnum, module: &Module) -> Result<Written<Name>, Failure> {
    let Keys { name, schema, .. } = keys(item, module)?;
    let spot = module.file.spot(item.ident.span());
    let of_sqlx = sqlx_attribute::on_type(&item.attrs, &module.file)?.type_name;
    let schema = schema.map(|schema| schema.value);
    let of_sqlx = match of_sqlx {
        Some(of_sqlx) => Some(whole_name(&of_sqlx.value).ok_or_else(|| {
            of_sqlx
                .spot
                .failure(format!("`{}` is no name of a type", of_sqlx.value))
                .help("write `type_name = \"mood\"`, with its schema where it is in one")
        })?),
        // Postgres folds the name by which sqlx asks.
        None if is_sqlx_type(&item.attrs, &module.imports, &module.path) => {
            Some(Name::new(None, name_of(&item.ident).to_lowercase()))
        }
        None => None,
    };
    let value = match (name, of_sqlx) {
        (Some(name), Some(of_sqlx)) => Name::new(schema, same_as_sqlx(&name, &of_sqlx.name, "type", "type_name")?),
        (Some(name), None) => Name::new(schema, name.value),
        (None, Some(of_sqlx)) => match schema {
            Some(schema) => Name::new(Some(schema), of_sqlx.name),
            None => of_sqlx,
        },
        (None, None) => Name::new(schema, snake_case(&name_of(&item.ident))),
    };
    checked_name(&Written { value: value.name.clone(), spot: spot.clone() })?;
    Ok(Written { value, spot })
}

fn keys(item: &ItemEnum, module: &Module) -> Result<Keys, Failure> {
    let mut keys = Keys::default();
    for entry in attribute::read(&item.attrs, "enumeration", &module.file)? {
        match entry.key.as_str() {
            "name" => entry.set(&mut keys.name, entry.name()?)?,
            "schema" => entry.set(&mut keys.schema, entry.name()?)?,
            "comment" => entry.set(&mut keys.comment, entry.text()?)?,
            "doc_comments" => entry.set(&mut keys.doc_comments, entry.flag()?)?,
            "rename_all" => {
                let text = entry.text()?;
                let rule = Written { value: RenameAll::read(&text)?, spot: text.spot };
                entry.set(&mut keys.rename_all, rule)?;
            }
            "renamed_from" => entry.set(&mut keys.renamed_from, entry.name()?)?,
            _ => return Err(entry.unknown("`enumeration`", KEYS)),
        }
    }
    Ok(keys)
}

fn check(item: &ItemEnum, module: &Module) -> Result<(), Failure> {
    let spot = module.file.spot(item.ident.span());
    let ident = &item.ident;
    if let Some(span) = conditional(&item.attrs, &["enumeration", "variant", "sqlx"]) {
        return Err(conditioned(&module.file.spot(span), &format!("what `{ident}` is in the database")));
    }
    if item.variants.is_empty() {
        return Err(spot
            .failure(format!("the enum `{ident}` has no variants"))
            .help("give it one, or remove its marker"));
    }
    if let Some(number) = repr(item) {
        return Err(spot
            .failure(format!("`{ident}` is stored as a number: it has `#[repr({number})]`"))
            .help("remove `Enum` from its derives: its columns are numbers; or remove the `repr`"));
    }
    for variant in &item.variants {
        let spot = module.file.spot(variant.ident.span());
        if !matches!(variant.fields, Fields::Unit) {
            return Err(spot
                .failure(format!(
                    "the variant `{}` has data, and a value of an enum in Postgres has none",
                    variant.ident
                ))
                .help("store the enum as JSON, `sqlx::types::Json<…>`, and remove `Enum` from its derives"));
        }
        if let Presence::Unknown(span) = presence(&variant.attrs) {
            return Err(conditioned(&module.file.spot(span), &format!("whether `{}` is a value", variant.ident)));
        }
        if let Some(span) = conditional(&variant.attrs, &["variant", "sqlx"]) {
            return Err(conditioned(&module.file.spot(span), &format!("what `{}` is called", variant.ident)));
        }
    }
    Ok(())
}

fn label(
    variant: &syn::Variant,
    module: &Module,
    rename_all: Option<RenameAll>,
    is_of_sqlx: bool,
) -> Result<Label, Failure> {
    let (mut name, mut renamed_from) = (None, None);
    for entry in attribute::read(&variant.attrs, "variant", &module.file)? {
        read_variant_key(&entry, &mut name, &mut renamed_from)?;
    }
    let rename = sqlx_attribute::on_field(&variant.attrs, &module.file)?.rename;
    let ident = name_of(&variant.ident);
    let of_sqlx = match rename {
        Some(name) => name.value,
        None => rename_all.map_or_else(|| ident.clone(), |rule| rule.apply(&ident)),
    };
    let value = match name {
        Some(name) if is_of_sqlx => same_as_sqlx(&name, &of_sqlx, "value", "rename")?,
        Some(name) => name.value,
        None => of_sqlx,
    };
    let name = Written { value, spot: module.file.spot(variant.ident.span()) };
    checked_name(&name)?;
    Ok(Label { name, renamed_from })
}

fn read_variant_key(
    entry: &Entry,
    name: &mut Option<Written>,
    renamed_from: &mut Option<Written>,
) -> Result<(), Failure> {
    match entry.key.as_str() {
        "name" => entry.set(name, entry.name()?),
        "renamed_from" => entry.set(renamed_from, entry.name()?),
        _ => Err(entry.unknown("`variant`", VARIANT_KEYS)),
    }
}

/// What depends on a condition of compilation.
pub(super) fn conditioned(spot: &Spot, what: &str) -> Failure {
    spot.failure(format!("{what} depends on how the package is compiled, and that cannot be read"))
        .help("remove the condition; the markers have no code, so they need none")
}
