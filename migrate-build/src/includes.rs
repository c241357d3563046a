//! The crates whose revisions a package includes, as its build script names them.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::problem::Problem;

/// Modules with tables, each with the crate that it is of.
#[derive(Default)]
pub(crate) struct Includes {
    crates: Vec<(String, syn::Path)>,
}

impl Includes {
    /// Reads paths of modules; a crate alone stands for its module `migrations`.
    pub(crate) fn of(paths: &[String]) -> Result<Self, Problem> {
        let mut crates: Vec<(String, syn::Path)> = Vec::new();
        for text in paths {
            let path = module(text)?;
            let name = path.segments[0].ident.to_string();
            if crates.iter().any(|(other, _)| *other == name) {
                return Err(Problem::new("build.rs", format!("the crate `{name}` is included twice"))
                    .help("delete one of the calls of `include_crate`"));
            }
            crates.push((name, path));
        }
        Ok(Self { crates })
    }

    /// What code calls the crates.
    pub(crate) fn names(&self) -> Vec<String> {
        self.crates.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The module of a crate, as generated code names it.
    pub(crate) fn module(&self, crate_name: &str) -> Option<TokenStream> {
        self.crates.iter().find(|(name, _)| name == crate_name).map(|(_, path)| rooted(path))
    }

    /// The tables, each after the name of its crate.
    pub(crate) fn tables(&self) -> impl Iterator<Item = TokenStream> {
        self.crates.iter().map(|(name, path)| {
            let path = rooted(path);
            quote!((#name, &#path::MIGRATIONS))
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.crates.is_empty()
    }
}

/// The path of the module that is included with this text.
pub(crate) fn module(text: &str) -> Result<syn::Path, Problem> {
    let refused = || {
        Problem::new("build.rs", format!("`{text}` cannot be included: it is no path of a module in another crate"))
            .help("name a library of [dependencies] as code does, `include_crate(\"auth\")`, or its module: `\"auth::schema\"`")
    };
    let path: syn::Path = syn::parse_str(text).map_err(|_| refused())?;
    let is_plain = path.segments.iter().all(|segment| segment.arguments.is_none());
    let is_other =
        path.segments.first().is_some_and(|first| !["crate", "self", "super"].iter().any(|own| first.ident == own));
    match (is_plain && is_other && path.leading_colon.is_none(), path.segments.len()) {
        (true, 1) => syn::parse_str(&format!("{text}::migrations")).map_err(|_| refused()),
        (true, _) => Ok(path),
        (false, _) => Err(refused()),
    }
}

fn rooted(path: &syn::Path) -> TokenStream {
    let path = path.to_token_stream();
    quote!(::#path)
}
