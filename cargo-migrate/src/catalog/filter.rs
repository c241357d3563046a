//! What of a database is looked at.

mod pattern;

use std::collections::BTreeSet;

use migrate_schema::{Aspect, Catalog, Id, Kind, Name, Object};

pub use self::pattern::check_pattern;
use self::pattern::{Pattern, Subject};

/// What of a database is looked at. What belongs to an extension never is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only these schemas; all when there are none.
    pub schemas: Vec<String>,
    /// Only what these patterns match; all when there are none.
    pub include: Vec<String>,
    /// Not what these patterns match: `*` and `?` as in file names, against the name, or against schema and name where
    /// there is a dot. With a kind before it, as in `view:report_*`, a pattern is about that kind alone.
    pub exclude: Vec<String>,
    /// The table in which applied revisions are recorded.
    pub version_table: Option<(String, String)>,
}

impl Filter {
    /// Takes out what is not looked at.
    pub(crate) fn apply(&self, catalog: &mut Catalog) {
        if *self == Self::default() {
            return;
        }
        let rules = Rules {
            filter: self,
            include: self.include.iter().map(|text| Pattern::of(text)).collect(),
            exclude: self.exclude.iter().map(|text| Pattern::of(text)).collect(),
        };
        let itself = |id: &Id| catalog.get(&id.aspect(Aspect::Itself));
        // A sequence is meant by the table that owns it, too.
        let owner = |id: &Id| catalog.get(&id.aspect(Aspect::OwnedBy));
        let is_kept = |id: &Id, object: Option<&Object>| {
            rules.keep(&pattern::subjects(id, object)) && rules.keep(&pattern::subjects(id, owner(id).or(object)))
        };
        let gone: BTreeSet<Id> = catalog
            .objects
            .iter()
            .filter(|(id, object)| !is_kept(id, itself(id)) || !is_kept(id, Some(object)))
            .map(|(id, _)| id.clone())
            .collect();
        catalog.objects.retain(|id, _| !gone.contains(id));
        catalog.edges.retain(|edge| !gone.contains(&edge.from) && !gone.contains(&edge.to));
    }
}

/// The filter, with its patterns read.
struct Rules<'f> {
    filter: &'f Filter,
    include: Vec<Pattern<'f>>,
    exclude: Vec<Pattern<'f>>,
}

impl Rules<'_> {
    /// Whether an object is looked at, of which these are the names: its own, and that of its table.
    fn keep(&self, subjects: &[Subject<'_>]) -> bool {
        let is_looked_at = |subject: &Subject<'_>| self.is_in_schemas(subject.kind, subject.name);
        subjects.iter().all(is_looked_at)
            && !self.exclude.iter().any(|pattern| subjects.iter().any(|subject| pattern.matches(subject)))
            && (self.include.is_empty()
                || self.include.iter().any(|pattern| subjects.iter().any(|subject| pattern.matches(subject))))
    }

    fn is_in_schemas(&self, kind: Kind, name: &Name) -> bool {
        if let Some((schema, table)) = &self.filter.version_table
            && *name.schema == **schema
            && *name.name == **table
        {
            return false;
        }
        let schema = if kind == Kind::Schema { &name.name } else { &name.schema };
        let schemas = &self.filter.schemas;
        schemas.is_empty() || schema.is_empty() || schemas.iter().any(|s| **s == **schema)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_unless_a_rule_is_against_it() {
        let exclude = ["tmp_*", "public.secret", "index:*_old", "column:users.legacy_*"].map(str::to_owned).to_vec();
        let filter = Filter {
            schemas: vec!["public".to_owned()],
            exclude,
            version_table: Some(("public".to_owned(), "revisions".to_owned())),
            ..Filter::default()
        };
        let rules = Rules {
            include: Vec::new(),
            exclude: filter.exclude.iter().map(|text| Pattern::of(text)).collect(),
            filter: &filter,
        };
        let keeps = |id: &Id| rules.keep(&pattern::subjects(id, None));
        let relation = |schema: &str, name: &str| Id::relation(&Name::new(schema, name));
        assert!(keeps(&relation("public", "users")));
        assert!(!keeps(&relation("other", "users")));
        assert!(!keeps(&relation("public", "tmp_users")));
        assert!(!keeps(&relation("public", "secret")));
        assert!(!keeps(&relation("public", "revisions")));
        assert!(keeps(&relation("public", "users_old")), "the pattern is about indexes");
        assert!(!keeps(&Id::new(Kind::Index, Name::new("public", "users_old"))));
        assert!(!keeps(&Id::column(&Name::new("public", "users"), "legacy_name")));
        assert!(keeps(&Id::column(&Name::new("public", "users"), "name")));
        assert!(keeps(&Id::new(Kind::Extension, Name::bare("pg_trgm"))));
    }

    #[test]
    fn what_is_included_comes_with_what_belongs_to_it() {
        let filter = Filter { include: vec!["table:app_*".to_owned()], ..Filter::default() };
        let rules = Rules {
            include: filter.include.iter().map(|text| Pattern::of(text)).collect(),
            exclude: Vec::new(),
            filter: &filter,
        };
        let table = Name::new("public", "app_users");
        assert!(rules.keep(&pattern::subjects(&Id::relation(&table), None)));
        assert!(rules.keep(&pattern::subjects(&Id::column(&table, "name"), None)));
        assert!(!rules.keep(&pattern::subjects(&Id::relation(&Name::new("public", "users")), None)));
    }
}
