//! What of a database is looked at.

use migrate_schema::{Catalog, Id, Kind, Name, Object};

/// What of a database is looked at. What belongs to an extension never is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only these schemas; all when there are none.
    pub schemas: Vec<String>,
    /// Not what these patterns match: `*` and `?` as in file names, against the name, or against schema and name where
    /// there is a dot.
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
        let is_kept = |id: &Id, object: Option<&Object>| {
            let name = match object {
                Some(Object::Index(index)) => &index.table,
                Some(Object::Statistics(statistics)) => &statistics.table,
                Some(Object::PublicationTable(published)) => &published.table,
                Some(Object::OwnedBy(owned_by)) => &owned_by.table,
                _ => &id.name,
            };
            self.keeps(id.kind, &id.name) && self.keeps(id.kind, name)
        };
        let gone: std::collections::BTreeSet<Id> = catalog
            .objects
            .keys()
            .filter(|id| !is_kept(id, catalog.get(&Id { aspect: migrate_schema::Aspect::Itself, ..(*id).clone() })))
            .chain(catalog.objects.iter().filter(|(id, object)| !is_kept(id, Some(object))).map(|(id, _)| id))
            .cloned()
            .collect();
        catalog.objects.retain(|id, _| !gone.contains(id));
        catalog.edges.retain(|edge| !gone.contains(&edge.from) && !gone.contains(&edge.to));
    }

    fn keeps(&self, kind: Kind, name: &Name) -> bool {
        if let Some((schema, table)) = &self.version_table
            && *name.schema == **schema
            && *name.name == **table
        {
            return false;
        }
        let schema = if kind == Kind::Schema { &name.name } else { &name.schema };
        let is_in_schemas =
            self.schemas.is_empty() || schema.is_empty() || self.schemas.iter().any(|s| **s == **schema);
        let qualified = format!("{}.{}", name.schema, name.name);
        let is_excluded = self.exclude.iter().any(|pattern| {
            let text = if pattern.contains('.') { qualified.as_str() } else { &name.name };
            matches(pattern.as_bytes(), text.as_bytes())
        });
        is_in_schemas && !is_excluded
    }
}

/// Whether a pattern with `*` and `?` matches all of a text.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    // The last star, and how much of the text it covers so far.
    let mut star = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == b'?' || pattern[p] == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((at, covered)) = star {
            star = Some((at, covered + 1));
            p = at + 1;
            t = covered + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::{Filter, matches};
    use migrate_schema::{Kind, Name};

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, text) in [("a*", "abc"), ("*c", "abc"), ("a?c", "abc"), ("*", ""), ("a*b*c", "aXbXbYc")] {
            assert!(matches(pattern.as_bytes(), text.as_bytes()), "{pattern} {text}");
        }
        for (pattern, text) in [("a", "ab"), ("?", ""), ("*b", "abc"), ("a*b*c", "acb")] {
            assert!(!matches(pattern.as_bytes(), text.as_bytes()), "{pattern} {text}");
        }
    }

    #[test]
    fn a_name_is_kept_unless_a_rule_is_against_it() {
        let filter = Filter {
            schemas: vec!["public".to_owned()],
            exclude: vec!["tmp_*".to_owned(), "public.secret".to_owned()],
            version_table: Some(("public".to_owned(), "revisions".to_owned())),
        };
        let keeps = |schema: &str, name: &str| filter.keeps(Kind::Relation, &Name::new(schema, name));
        assert!(keeps("public", "users"));
        assert!(!keeps("other", "users"));
        assert!(!keeps("public", "tmp_users"));
        assert!(!keeps("public", "secret"));
        assert!(!keeps("public", "revisions"));
        assert!(filter.keeps(Kind::Extension, &Name::bare("pg_trgm")));
    }
}
