//! What `#[sqlx(…)]` says: the names and types that sqlx itself goes by.

use std::rc::Rc;

use heck::{ToKebabCase, ToLowerCamelCase, ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};
use syn::{Attribute, Type};

use crate::models::attribute::{self, Value};
use crate::models::source::{SourceFile, Written};
use crate::report::Failure;

const RENAMES: [&str; 7] =
    ["lowercase", "snake_case", "UPPERCASE", "SCREAMING_SNAKE_CASE", "kebab-case", "camelCase", "PascalCase"];

/// A rule that makes names in the database of names in Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RenameAll(&'static str);

impl RenameAll {
    pub(super) fn read(text: &Written) -> Result<Self, Failure> {
        RENAMES.iter().find(|rule| **rule == text.value).map(|rule| Self(rule)).ok_or_else(|| {
            text.spot
                .failure(format!("`rename_all` cannot be `{}`", text.value))
                .help(format!("write one of {}", RENAMES.map(|rule| format!("`{rule}`")).join(", ")))
        })
    }

    /// The name in the database.
    pub(super) fn apply(self, name: &str) -> String {
        match self.0 {
            "lowercase" => name.to_lowercase(),
            "snake_case" => name.to_snake_case(),
            "UPPERCASE" => name.to_uppercase(),
            "SCREAMING_SNAKE_CASE" => name.to_shouty_snake_case(),
            "kebab-case" => name.to_kebab_case(),
            "camelCase" => name.to_lower_camel_case(),
            _ => name.to_upper_camel_case(),
        }
    }
}

/// On a struct or an enum.
#[derive(Debug, Default)]
pub(super) struct OnType {
    pub(super) is_transparent: bool,
    pub(super) type_name: Option<Written>,
    pub(super) rename_all: Option<RenameAll>,
}

/// On a field or a variant.
#[derive(Default)]
pub(super) struct OnField {
    pub(super) rename: Option<Written>,
    pub(super) is_skipped: bool,
    pub(super) is_flattened: bool,
    /// Stored as JSON.
    pub(super) is_json: bool,
    pub(super) is_nullable_json: bool,
    /// The type that is stored in its place.
    pub(super) try_from: Option<Written<Type>>,
}

/// Reads what is on a type. Keys without a meaning for the schema are sqlx's own business.
pub(super) fn on_type(attributes: &[Attribute], file: &Rc<SourceFile>) -> Result<OnType, Failure> {
    let mut on_type = OnType::default();
    for entry in attribute::read(attributes, "sqlx", file)? {
        match entry.key.as_str() {
            "transparent" => on_type.is_transparent = true,
            "type_name" => on_type.type_name = Some(entry.text()?),
            "rename_all" => on_type.rename_all = Some(RenameAll::read(&entry.text()?)?),
            _ => {}
        }
    }
    Ok(on_type)
}

/// Reads what is on a field or a variant.
pub(super) fn on_field(attributes: &[Attribute], file: &Rc<SourceFile>) -> Result<OnField, Failure> {
    let mut on_field = OnField::default();
    for entry in attribute::read(attributes, "sqlx", file)? {
        match entry.key.as_str() {
            "rename" => on_field.rename = Some(entry.name()?),
            "skip" => on_field.is_skipped = true,
            "flatten" => on_field.is_flattened = true,
            "json" => {
                on_field.is_json = true;
                on_field.is_nullable_json = matches!(entry.value, Value::List(_));
            }
            "try_from" => {
                let text = entry.text()?;
                let parsed = syn::parse_str(&text.value).map_err(|_| {
                    text.spot
                        .failure(format!("`{}` is no type of Rust", text.value))
                        .help("write the type that sqlx reads: `try_from = \"i64\"`")
                })?;
                on_field.try_from = Some(Written { value: parsed, spot: text.spot });
            }
            _ => {}
        }
    }
    Ok(on_field)
}

/// A name that is given in an attribute of ours. Where sqlx goes by another one, it would not find what has this one.
pub(super) fn same_as_sqlx(name: &Written, of_sqlx: &str, what: &str, key: &str) -> Result<String, Failure> {
    if name.value == of_sqlx {
        return Ok(name.value.clone());
    }
    Err(name
        .spot
        .failure(format!("sqlx looks for the {what} `{of_sqlx}`, and the model calls it `{}`", name.value))
        .help(format!("write `#[sqlx({key} = \"{}\")]` in place of `name`: both go by it", name.value)))
}

/// The name of a type or table that has none: what sqlx would look for is another matter.
pub(super) fn snake_case(name: &str) -> String {
    name.to_snake_case()
}
