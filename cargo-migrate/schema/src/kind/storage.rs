//! Storage parameters and other `name=value` options.

use crate::quote::{identifier, literal};

/// Options by name, as `reloptions` and its like hold them; their order is kept, and is no difference.
#[derive(Clone, Debug, Default)]
pub struct Parameters(Vec<(String, String)>);

impl PartialEq for Parameters {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.0.iter().all(|entry| other.0.contains(entry))
    }
}

impl Eq for Parameters {}

impl Parameters {
    /// Reads `name=value` entries. `pg_attver` is the server's own and no part of a schema.
    pub fn parse<'text>(entries: impl IntoIterator<Item = &'text str>) -> Self {
        let entries = entries.into_iter().filter_map(|entry| {
            let (name, value) = entry.split_once('=').unwrap_or((entry, ""));
            (name != "pg_attver").then(|| (name.to_owned(), value.to_owned()))
        });
        Self(entries.collect())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn find(&self, name: &str) -> Option<&String> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    /// `name = value, …`, for `WITH (…)` and `SET (…)`.
    pub(crate) fn list(&self) -> String {
        list(&self.0)
    }

    /// What must be set and what reset so that these become those.
    pub(crate) fn changes(&self, desired: &Self) -> Vec<String> {
        let set: Vec<_> = desired.0.iter().filter(|(name, value)| self.find(name) != Some(value)).cloned().collect();
        let reset: Vec<_> =
            self.0.iter().filter(|(name, _)| desired.find(name).is_none()).map(|(name, _)| option_name(name)).collect();
        let mut changes = Vec::new();
        if !reset.is_empty() {
            changes.push(format!("RESET ({})", reset.join(", ")));
        }
        if !set.is_empty() {
            changes.push(format!("SET ({})", list(&set)));
        }
        changes
    }

    /// `OPTIONS (name 'value', …)` of foreign things, with a blank before; nothing when there are none.
    pub(crate) fn foreign(&self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        let options: Vec<_> =
            self.0.iter().map(|(name, value)| format!("{} {}", identifier(name), literal(value))).collect();
        format!(" OPTIONS ({})", options.join(", "))
    }

    /// `OPTIONS (ADD …, SET …, DROP …)` that turns these foreign options into those.
    pub(crate) fn foreign_changes(&self, desired: &Self) -> Option<String> {
        let mut options = Vec::new();
        for (name, _) in self.0.iter().filter(|(name, _)| desired.find(name).is_none()) {
            options.push(format!("DROP {}", identifier(name)));
        }
        for (name, value) in &desired.0 {
            match self.find(name) {
                Some(now) if now == value => {}
                Some(_) => options.push(format!("SET {} {}", identifier(name), literal(value))),
                None => options.push(format!("ADD {} {}", identifier(name), literal(value))),
            }
        }
        (!options.is_empty()).then(|| format!("OPTIONS ({})", options.join(", ")))
    }
}

fn list(options: &[(String, String)]) -> String {
    options
        .iter()
        .map(|(name, value)| format!("{} = {}", option_name(name), plain(value)))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The name of an option may have a namespace before a dot.
fn option_name(name: &str) -> String {
    name.split('.').map(identifier).collect::<Vec<_>>().join(".")
}

/// Numbers and words stand for themselves.
fn plain(value: &str) -> String {
    let is_number = value.parse::<f64>().is_ok() && value.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
    if is_number || matches!(value, "true" | "false" | "on" | "off" | "auto" | "local" | "cascaded") {
        value.to_owned()
    } else {
        literal(value)
    }
}

/// The clauses that take what has rows from one access method and one tablespace to another; the first of each pair is now.
pub(crate) fn moves(methods: [&Option<String>; 2], tablespaces: [&Option<String>; 2]) -> Vec<String> {
    let clause = |[now, then]: [&Option<String>; 2], what: &str, usual: &str| {
        (now != then).then(|| format!("SET {what} {}", identifier(then.as_deref().unwrap_or(usual))))
    };
    let clauses = [clause(methods, "ACCESS METHOD", "heap"), clause(tablespaces, "TABLESPACE", "pg_default")];
    clauses.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::Parameters;

    #[test]
    fn what_the_server_keeps_for_itself_is_no_difference() {
        assert!(Parameters::parse(["pg_attver=3"]).is_empty());
        assert_eq!(Parameters::parse(["n_distinct=5", "pg_attver=3"]), Parameters::parse(["n_distinct=5"]));
    }

    #[test]
    fn options_are_set_in_their_order_and_those_that_are_gone_reset() {
        let (now, then) = (Parameters::parse(["b=1", "c=2"]), Parameters::parse(["fillfactor=70", "b=on", "a=x y"]));
        assert_eq!(now.changes(&then), ["RESET (c)", "SET (fillfactor = 70, b = on, a = 'x y')"]);
        assert_eq!(Parameters::parse(["a=1", "b=2"]), Parameters::parse(["b=2", "a=1"]));
    }
}
