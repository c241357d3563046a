//! Text search: parsers, templates, dictionaries and configurations.

use crate::context::Context;
use crate::kind::Definition;
use crate::name::Id;
use crate::statement::{Change, Statement};
use std::collections::BTreeMap;

/// A parser, template or dictionary: a list of parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextSearchObject {
    /// Which of the three it is.
    pub sort: TextSearchSort,
    /// `TEMPLATE = simple` and so on, with the values as SQL.
    pub parameters: Vec<(String, String)>,
}

/// What a text search object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is what Postgres calls it")]
pub enum TextSearchSort {
    Parser,
    Template,
    Dictionary,
}

/// A configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextSearchConfiguration {
    /// The parser, as SQL.
    pub parser: String,
    /// The dictionaries for each sort of token, as SQL.
    pub mappings: BTreeMap<String, String>,
}

impl TextSearchObject {
    pub(crate) fn keyword(&self) -> &'static str {
        match self.sort {
            TextSearchSort::Parser => "TEXT SEARCH PARSER",
            TextSearchSort::Template => "TEXT SEARCH TEMPLATE",
            TextSearchSort::Dictionary => "TEXT SEARCH DICTIONARY",
        }
    }
}

impl Definition for TextSearchObject {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let parameters: Vec<_> = self.parameters.iter().map(|(name, value)| format!("    {name} = {value}")).collect();
        let phrase = context.phrase(id, context.desired.get(id));
        vec![Statement::whole(format!("CREATE {phrase} (\n{}\n)", parameters.join(",\n")))]
    }
}

impl Definition for TextSearchConfiguration {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let name = context.name(&id.name);
        let create = format!("CREATE TEXT SEARCH CONFIGURATION {name} (PARSER = {})", self.parser);
        let empty = Self { parser: self.parser.clone(), mappings: BTreeMap::new() };
        let mut statements = vec![Statement::whole(create)];
        if let Change::Alter(mappings) = empty.change(self, id, context) {
            statements.extend(mappings);
        }
        statements
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        if self.parser != desired.parser {
            return Change::Rebuild;
        }
        let head = format!("ALTER TEXT SEARCH CONFIGURATION {}", context.name(&id.name));
        let mut statements = Vec::new();
        for token in self.mappings.keys().filter(|token| !desired.mappings.contains_key(*token)) {
            statements.push(Statement::whole(format!("{head} DROP MAPPING FOR {token}")));
        }
        for (token, dictionaries) in &desired.mappings {
            let verb = match self.mappings.get(token) {
                Some(now) if now == dictionaries => continue,
                Some(_) => "ALTER",
                None => "ADD",
            };
            statements.push(Statement::whole(format!("{head} {verb} MAPPING FOR {token} WITH {dictionaries}")));
        }
        Change::of(statements)
    }
}
