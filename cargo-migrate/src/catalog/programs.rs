//! What runs: functions, aggregates, triggers, rules and policies.

use super::Reading;
use super::batch::{Batch, Query};
use super::identities::class;
use migrate_schema::kind::aggregate::Aggregate;
use migrate_schema::kind::policy::Policy;
use migrate_schema::kind::routine::Routine;
use migrate_schema::kind::rule::Rule;
use migrate_schema::kind::trigger::{Enabled, Trigger};
use migrate_schema::quote::{identifier, qualified};
use migrate_schema::{Id, Kind, Name, Object};
use std::collections::HashMap;

impl Reading {
    pub(super) fn programs(&mut self, batch: &Batch) {
        self.routines(batch);
        self.triggers(batch);
        self.rules(batch);
        self.policies(batch);
    }

    fn routines(&mut self, batch: &Batch) {
        let mut aggregates = HashMap::new();
        for mut row in batch.rows(Query::Routines) {
            let (oid, schema, name, sort, owner) = (row.oid(), row.oid(), row.str(), row.str(), row.str());
            let (types, definition, signature) = (row.str(), row.str(), row.text());
            let (n_defaults, language, identity, arguments) = (row.number(), row.text(), row.str(), row.str());
            let Some(schema) = self.identities.schema(schema) else { continue };
            let name = Name::new(schema, name);
            if !row.flag() && &*name.schema == "public" {
                self.catalog.hidden.insert(name.clone());
            }
            if sort == "a" {
                let or_star =
                    |arguments: &str| if arguments.is_empty() { "*".to_owned() } else { arguments.to_owned() };
                let id = Id::part(Kind::Routine, name, or_star(identity));
                aggregates.insert(oid, or_star(arguments));
                let aggregate = Aggregate { arguments: or_star(arguments), parameters: Vec::new() };
                self.insert_owned(class::ROUTINE, oid, id, Object::Aggregate(aggregate), owner);
                continue;
            }
            let is_procedure = sort == "p";
            let keyword = if is_procedure { "PROCEDURE" } else { "FUNCTION" };
            let start = format!("CREATE OR REPLACE {keyword} {}", qualified(&name));
            let definition = definition.strip_prefix(&start).unwrap_or(definition).trim_end().to_owned();
            let id = Id::part(Kind::Routine, name, types);
            let routine = Routine { is_procedure, definition, signature, n_defaults, language };
            self.insert_owned(class::ROUTINE, oid, id, Object::Routine(routine), owner);
        }
        self.aggregates(batch);
    }

    fn aggregates(&mut self, batch: &Batch) {
        for mut row in batch.rows(Query::Aggregates) {
            let (oid, sort) = (row.oid(), row.str());
            let mut parameters = Vec::new();
            let mut add = |name: &str, value: Option<String>| {
                parameters.extend(value.map(|value| (name.to_owned(), value)));
            };
            let function = |value: Option<&str>| value.map(|text| text.to_owned()).filter(|text| text != "-");
            let flag = |is_set: bool| is_set.then(String::new);
            let space = |value: i32| (value != 0).then(|| value.to_string());
            // Hypothetical and ordered-set aggregates may change what they go over, plain ones do not.
            let modify = |letter: &str| {
                let word = match letter {
                    "s" => "SHAREABLE",
                    "w" => "READ_WRITE",
                    _ => "READ_ONLY",
                };
                let usual = if sort == "n" { "READ_ONLY" } else { "READ_WRITE" };
                (word != usual).then(|| word.to_owned())
            };
            add("SFUNC", function(row.optional()));
            add("STYPE", row.optional_text());
            add("SSPACE", space(row.number()));
            let has_final = function(row.optional());
            add("FINALFUNC", has_final.clone());
            add("FINALFUNC_EXTRA", flag(row.flag()));
            add("FINALFUNC_MODIFY", modify(row.str()).filter(|_| has_final.is_some()));
            add("COMBINEFUNC", function(row.optional()));
            add("SERIALFUNC", function(row.optional()));
            add("DESERIALFUNC", function(row.optional()));
            add("INITCOND", row.optional_text());
            add("MSFUNC", function(row.optional()));
            add("MINVFUNC", function(row.optional()));
            add("MSTYPE", row.optional_text());
            add("MSSPACE", space(row.number()));
            let has_final = function(row.optional());
            add("MFINALFUNC", has_final.clone());
            add("MFINALFUNC_EXTRA", flag(row.flag()));
            add("MFINALFUNC_MODIFY", modify(row.str()).filter(|_| has_final.is_some()));
            add("MINITCOND", row.optional_text());
            add("SORTOP", row.optional_text());
            add("HYPOTHETICAL", flag(sort == "h"));
            let parallel = match row.str() {
                "s" => Some("SAFE".to_owned()),
                "r" => Some("RESTRICTED".to_owned()),
                _ => None,
            };
            add("PARALLEL", parallel);
            if let Some(id) = self.identities.get(class::ROUTINE, oid)
                && let Some(Object::Aggregate(aggregate)) = self.catalog.objects.get_mut(id)
            {
                aggregate.parameters = parameters;
            }
        }
    }

    fn triggers(&mut self, batch: &Batch) {
        for mut row in batch.rows(Query::Triggers) {
            let (oid, name, table, enabled, definition) = (row.oid(), row.str(), row.oid(), row.str(), row.str());
            let Some(table) = self.identities.relation(table) else { continue };
            let id = Id::part(Kind::Trigger, table.clone(), name);
            let definition = with_short_name(definition, " ON ", table);
            let trigger = Trigger { definition, enabled: Enabled::of(enabled) };
            self.insert_owned(class::TRIGGER, oid, id, Object::Trigger(trigger), "");
        }
    }

    fn rules(&mut self, batch: &Batch) {
        for mut row in batch.rows(Query::Rules) {
            let (oid, name, relation, enabled, definition) =
                (row.oid(), row.str(), row.oid(), row.str(), row.optional());
            let Some(table) = self.identities.relation(relation) else {
                if let Some(extension) = self.identities.get(class::RELATION, relation).cloned() {
                    self.identities.add(class::RULE, oid, extension);
                }
                continue;
            };
            let Some(definition) = definition else {
                // The rule by which a view reads is the view.
                let view = Id::relation(table);
                self.identities.add(class::RULE, oid, view);
                continue;
            };
            let id = Id::part(Kind::Rule, table.clone(), name);
            let definition = definition.strip_suffix(';').unwrap_or(definition);
            let definition = with_short_name(definition, " TO ", table);
            let rule = Rule { definition, enabled: Enabled::of(enabled) };
            self.insert_owned(class::RULE, oid, id, Object::Rule(rule), "");
        }
    }

    fn policies(&mut self, batch: &Batch) {
        for mut row in batch.rows(Query::Policies) {
            let (oid, name, table, command) = (row.oid(), row.str(), row.oid(), row.str());
            let (is_permissive, roles) = (row.flag(), row.list());
            let (using, check) = (row.optional().map(bare), row.optional().map(bare));
            let Some(table) = self.identities.relation(table) else { continue };
            let command = match command {
                "r" => "SELECT",
                "a" => "INSERT",
                "w" => "UPDATE",
                "d" => "DELETE",
                _ => "ALL",
            };
            let id = Id::part(Kind::Policy, table.clone(), name);
            let policy = Policy { is_permissive, command: command.to_owned(), roles, using, check };
            self.insert_owned(class::POLICY, oid, id, Object::Policy(policy), "");
        }
    }
}

/// The name without the default schema.
pub(super) fn short(name: &Name) -> String {
    if &*name.schema == "public" { identifier(&name.name).into_owned() } else { qualified(name) }
}

/// The definition with the name of its table as it is written elsewhere; Postgres always prints the schema there.
fn with_short_name(definition: &str, before: &str, table: &Name) -> String {
    let (long, short) = (format!("{before}{}", qualified(table)), format!("{before}{}", short(table)));
    definition.replacen(&long, &short, 1)
}

/// An expression without parentheses around all of it.
fn bare(expression: &str) -> String {
    let inner = expression.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
    let Some(inner) = inner else { return expression.to_owned() };
    let (mut depth, mut quote) = (0_i32, None);
    for char in inner.chars() {
        match char {
            '\'' | '"' if quote.is_none() => quote = Some(char),
            _ if quote == Some(char) => quote = None,
            '(' if quote.is_none() => depth += 1,
            ')' if quote.is_none() => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return expression.to_owned();
        }
    }
    inner.to_owned()
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn only_parentheses_around_everything_are_taken_away() {
        assert_eq!(bare("(a = 1)"), "a = 1");
        assert_eq!(bare("(a) OR (b)"), "(a) OR (b)");
        assert_eq!(bare("(a = ')')"), "a = ')'");
        assert_eq!(bare("true"), "true");
    }
}
