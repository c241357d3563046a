//! Conditions of compilation: what depends on them a reader of source cannot know.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::{Attribute, Meta};

/// Whether something is compiled.
#[derive(Clone, Copy, Debug)]
pub(super) enum Presence {
    Always,
    /// Only in tests, which have no database of their own.
    Tests,
    /// It depends; here is on what.
    Unknown(Span),
}

/// What the attributes of an item say on that.
pub(super) fn presence(attributes: &[Attribute]) -> Presence {
    let mut presence = Presence::Always;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")) {
        match &attribute.meta {
            Meta::List(list) if list.tokens.to_string() == "test" => return Presence::Tests,
            _ => presence = Presence::Unknown(attribute.path().span()),
        }
    }
    presence
}

/// A `cfg_attr` that may bring one of these words.
pub(super) fn conditional(attributes: &[Attribute], words: &[&str]) -> Option<Span> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg_attr") && mentions(list.tokens.clone(), words) => {
            Some(list.path.span())
        }
        _ => None,
    })
}

fn mentions(tokens: TokenStream, words: &[&str]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => words.iter().any(|word| ident == word),
        TokenTree::Group(group) => mentions(group.stream(), words),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}
