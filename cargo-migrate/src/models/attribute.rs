//! The grammar of attributes: `key`, `key = value` and `key(…)`, with the place of each.

use std::rc::Rc;

use migrate_runtime::graph::nearest;
use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Ident, Lit, LitStr, Meta, Path, Token};

use crate::models::source::{SourceFile, Spot, Written};
use crate::report::Failure;

/// Names longer than this Postgres cuts off.
const NAME_LIMIT: usize = 63;

/// One `key`, `key = value` or `key(…)`.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) spot: Spot,
    pub(super) value: Value,
}

/// What follows a key.
#[derive(Clone)]
pub(super) enum Value {
    Nothing,
    Text(Written),
    /// A number or a truth value, as it is written.
    Plain(Written),
    Path(Path, Spot),
    List(Vec<Element>),
}

/// What may stand in a list.
#[derive(Clone)]
pub(super) enum Element {
    Entry(Entry),
    Text(Written),
}

/// The entries of all attributes of this name, in their order.
pub(super) fn read(attributes: &[Attribute], name: &str, file: &Rc<SourceFile>) -> Result<Vec<Entry>, Failure> {
    let mut entries = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(name)) {
        let list = match &attribute.meta {
            Meta::List(list) => list,
            Meta::Path(_) => continue,
            Meta::NameValue(_) => {
                return Err(file
                    .spot(attribute.pound_token.span)
                    .failure(format!("the attribute `{name}` takes a list"))
                    .help(format!("write `#[{name}(KEY = \"VALUE\")]`")));
            }
        };
        let elements = list.parse_args_with(|input: ParseStream<'_>| elements(input, file)).map_err(|error| {
            let span = error.span();
            file.spot(span)
                .failure(format!("the attribute `{name}` cannot be read: {error}"))
                .help(format!("write `#[{name}(flag, key = \"text\", key(…))]`"))
        })?;
        for element in elements {
            match element {
                Element::Entry(entry) => entries.push(entry),
                Element::Text(text) => {
                    return Err(text
                        .spot
                        .failure(format!("a text without a key in the attribute `{name}`"))
                        .help(format!("write `#[{name}(KEY = \"…\")]`")));
                }
            }
        }
    }
    Ok(entries)
}

fn elements(input: ParseStream<'_>, file: &Rc<SourceFile>) -> syn::Result<Vec<Element>> {
    let mut elements = Vec::new();
    while !input.is_empty() {
        elements.push(element(input, file)?);
        if input.is_empty() {
            break;
        }
        input.parse::<Token![,]>()?;
    }
    Ok(elements)
}

fn element(input: ParseStream<'_>, file: &Rc<SourceFile>) -> syn::Result<Element> {
    if input.peek(LitStr) {
        let text: LitStr = input.parse()?;
        return Ok(Element::Text(Written { value: text.value(), spot: file.spot(text.span()) }));
    }
    // Any word: `type` and `match` are keywords of Rust.
    let key = input.call(Ident::parse_any)?;
    let value = if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        value(input, file)?
    } else if input.peek(syn::token::Paren) {
        let inner;
        syn::parenthesized!(inner in input);
        Value::List(elements(&inner, file)?)
    } else {
        Value::Nothing
    };
    let spot = file.spot(key.span());
    Ok(Element::Entry(Entry { key: key.unraw().to_string(), spot, value }))
}

fn value(input: ParseStream<'_>, file: &Rc<SourceFile>) -> syn::Result<Value> {
    let minus: Option<Token![-]> = input.parse()?;
    let start = minus.as_ref().map(|minus| minus.span);
    if minus.is_none() && input.peek(Ident::peek_any) && !input.peek(syn::LitBool) {
        let path = Path::parse_mod_style(input)?;
        let span = path.segments.first().map_or_else(Span::call_site, |segment| segment.ident.span());
        return Ok(Value::Path(path, file.spot(span)));
    }
    let literal: Lit = input.parse()?;
    let spot = file.spot(start.unwrap_or_else(|| literal.span()));
    let sign = if minus.is_some() { "-" } else { "" };
    let plain = |text: String| Value::Plain(Written { value: format!("{sign}{text}"), spot: spot.clone() });
    match &literal {
        Lit::Str(text) if minus.is_none() => Ok(Value::Text(Written { value: text.value(), spot })),
        Lit::Bool(value) if minus.is_none() => Ok(plain(value.value.to_string())),
        Lit::Int(number) if number.suffix().is_empty() => Ok(plain(number.base10_digits().to_owned())),
        Lit::Float(number) if number.suffix().is_empty() => Ok(plain(number.base10_digits().to_owned())),
        _ => Err(syn::Error::new(literal.span(), "expected a text in quotes, a number, `true` or `false`")),
    }
}

impl Entry {
    /// Where its value is; where it has none, where it is itself.
    pub(super) fn value_spot(&self) -> &Spot {
        match &self.value {
            Value::Text(text) | Value::Plain(text) => &text.spot,
            Value::Path(_, spot) => spot,
            Value::Nothing | Value::List(_) => &self.spot,
        }
    }

    /// A text that says something.
    pub(super) fn text(&self) -> Result<Written, Failure> {
        let Value::Text(text) = &self.value else {
            return Err(self.wrong_value("a text in quotes", &format!("{} = \"…\"", self.key)));
        };
        said(text, &self.key)
    }

    /// The name of something in the database.
    pub(super) fn name(&self) -> Result<Written, Failure> {
        let name = self.text()?;
        checked_name(&name)?;
        Ok(name)
    }

    /// A text of SQL, or a number or truth value that is the same in SQL.
    pub(super) fn sql(&self) -> Result<Written, Failure> {
        match &self.value {
            Value::Text(text) => said(text, &self.key),
            Value::Plain(plain) => Ok(plain.clone()),
            _ => Err(self.wrong_value("an expression of SQL in quotes", &format!("{} = \"…\"", self.key))),
        }
    }

    /// Whether it is wanted.
    pub(super) fn flag(&self) -> Result<bool, Failure> {
        match &self.value {
            Value::Nothing => Ok(true),
            Value::Plain(plain) if plain.value == "true" => Ok(true),
            Value::Plain(plain) if plain.value == "false" => Ok(false),
            _ => Err(self.wrong_value("no value, or `true` or `false`", &self.key)),
        }
    }

    /// A whole number.
    pub(super) fn number(&self) -> Result<Written, Failure> {
        match &self.value {
            Value::Plain(plain) if plain.value.parse::<i64>().is_ok() => Ok(plain.clone()),
            _ => Err(self.wrong_value("a whole number", &format!("{} = 100", self.key))),
        }
    }

    /// The elements of its list.
    pub(super) fn list(&self) -> Result<&[Element], Failure> {
        match &self.value {
            Value::List(elements) => Ok(elements),
            _ => Err(self.wrong_value("a list", &format!("{}(…)", self.key))),
        }
    }

    /// The entries of its list, which has nothing else.
    pub(super) fn entries<'e>(&'e self) -> Result<Vec<&'e Entry>, Failure> {
        let entry = |element: &'e Element| match element {
            Element::Entry(entry) => Ok(entry),
            Element::Text(text) => Err(text
                .spot
                .failure(format!("a text without a key in `{}`", self.key))
                .help(format!("write `{}(KEY = \"…\")`", self.key))),
        };
        self.list()?.iter().map(entry).collect()
    }

    /// Names, bare or in quotes.
    pub(super) fn names(&self) -> Result<Vec<Written>, Failure> {
        let names: Vec<Written> = match &self.value {
            Value::Text(text) => vec![said(text, &self.key)?],
            _ => self
                .list()?
                .iter()
                .map(|element| match element {
                    Element::Text(text) => said(text, &self.key),
                    Element::Entry(Entry { key, spot, value: Value::Nothing }) => {
                        Ok(Written { value: key.clone(), spot: spot.clone() })
                    }
                    Element::Entry(entry) => Err(entry
                        .spot
                        .failure(format!("`{}` has names, and `{}` is none", self.key, entry.key))
                        .help(format!("write `{}(a, b)`", self.key))),
                })
                .collect::<Result<_, Failure>>()?,
        };
        if names.is_empty() {
            return Err(self
                .spot
                .failure(format!("`{}` names nothing", self.key))
                .help(format!("write `{}(a, b)`", self.key)));
        }
        Ok(names)
    }

    /// One of these words.
    pub(super) fn one_of(&self, words: &[&'static str]) -> Result<&'static str, Failure> {
        let text = self.text()?;
        let lower = text.value.to_lowercase();
        words.iter().find(|word| **word == lower).copied().ok_or_else(|| {
            text.spot
                .failure(format!("`{}` cannot be `{}`", self.key, text.value))
                .help(format!("write {}", list_of(words, " or ")))
        })
    }

    /// A value of another kind than the key takes.
    pub(super) fn wrong_value(&self, takes: &str, example: &str) -> Failure {
        self.value_spot().failure(format!("`{}` takes {takes}", self.key)).help(format!("write `{example}`"))
    }

    /// A key that is none of these.
    pub(super) fn unknown(&self, of: &str, keys: &[&str]) -> Failure {
        let help = match nearest(&self.key, keys.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the keys are {}", list_of(keys, " and ")),
        };
        self.spot.failure(format!("unknown key `{}` of {of}", self.key)).help(help)
    }

    /// Puts the value where none is yet.
    pub(super) fn set<T>(&self, slot: &mut Option<T>, value: T) -> Result<(), Failure> {
        match slot.replace(value) {
            None => Ok(()),
            Some(_) => Err(self.spot.failure(format!("`{}` is said twice", self.key)).help("remove one of the two")),
        }
    }
}

/// A name that Postgres takes as it is.
pub(super) fn checked_name(name: &Written) -> Result<(), Failure> {
    let length = name.value.len();
    if length > NAME_LIMIT {
        return Err(name
            .spot
            .failure(format!(
                "`{}` is {length} bytes long, and a name in Postgres has at most {NAME_LIMIT}",
                name.value
            ))
            .help("give it a shorter one with `name = \"…\"`"));
    }
    if name.value.contains('\0') {
        return Err(name.spot.failure("a name cannot contain a null character").help("remove it"));
    }
    Ok(())
}

fn said(text: &Written, key: &str) -> Result<Written, Failure> {
    if text.value.trim().is_empty() {
        return Err(text.spot.failure(format!("`{key}` is empty")).help("say what it is, or remove it"));
    }
    Ok(text.clone())
}

fn list_of(words: &[&str], last: &str) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match &quoted[..] {
        [before @ .., end] if !before.is_empty() => format!("{}{last}{end}", before.join(", ")),
        _ => quoted.concat(),
    }
}
