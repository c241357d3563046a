//! The rarer kinds: statistics, collations, casts, operators, text search, event triggers, publications, foreign data.

use super::Reading;
use super::batch::{Batch, Query};
use super::identities::class;
use migrate_schema::kind::cast::Cast;
use migrate_schema::kind::collation::Collation;
use migrate_schema::kind::event_trigger::EventTrigger;
use migrate_schema::kind::foreign::{ForeignDataWrapper, Server, UserMapping};
use migrate_schema::kind::operator::Operator;
use migrate_schema::kind::publication::{Publication, PublicationSchema, PublicationTable};
use migrate_schema::kind::statistics::Statistics;
use migrate_schema::kind::storage::Parameters;
use migrate_schema::kind::text_search::{TextSearchConfiguration, TextSearchObject, TextSearchSort};
use migrate_schema::kind::trigger::Enabled;
use migrate_schema::quote::{literal, qualified};
use migrate_schema::{Id, Kind, Name, Object};

impl Reading {
    pub(super) fn extras(&mut self, batch: &Batch) {
        self.statistics(batch);
        self.collations(batch);
        self.casts_and_operators(batch);
        self.text_search(batch);
        self.publications(batch);
        self.foreign(batch);
        for mut row in batch.rows(Query::EventTriggers) {
            let (oid, id, owner) = (row.oid(), Id::new(Kind::EventTrigger, Name::bare(row.str())), row.str());
            let (event, tags, function) = (row.text(), row.list(), row.text());
            let trigger = EventTrigger { event, tags, function, enabled: Enabled::of(row.str()) };
            self.insert_owned(class::EVENT_TRIGGER, oid, id, Object::EventTrigger(trigger), owner);
        }
        for mut row in batch.rows(Query::Others) {
            let (class, oid, schema, name, part) = (row.oid(), row.oid(), row.oid(), row.str(), row.str());
            let schema = self.identities.schema(schema).unwrap_or_default();
            let id = Id::part(Kind::Other, Name::new(schema, name), format!("{class} {part}"));
            self.insert_owned(class, oid, id, Object::Other(row.text()), "");
        }
    }

    fn statistics(&mut self, batch: &Batch) {
        for mut row in batch.rows(Query::Statistics) {
            let (oid, schema, name, table, owner) = (row.oid(), row.oid(), row.str(), row.oid(), row.str());
            let (definition, target) = (row.str(), row.optional_number());
            let (Some(schema), Some(table)) = (self.identities.schema(schema), self.identities.relation(table)) else {
                continue;
            };
            let name = Name::new(schema, name);
            let start = format!("CREATE STATISTICS {}", qualified(&name));
            let short = format!("CREATE STATISTICS {}", super::programs::short(&name));
            let statistics =
                Statistics { table: table.clone(), definition: definition.replacen(&start, &short, 1), target };
            let id = Id::new(Kind::Statistics, name);
            self.insert_owned(class::STATISTICS, oid, id, Object::Statistics(statistics), owner);
        }
    }

    fn collations(&mut self, batch: &Batch) {
        for mut row in batch.rows(Query::Collations) {
            let (oid, schema, name, owner) = (row.oid(), row.oid(), row.str(), row.str());
            let (provider, is_deterministic) = (row.str(), row.flag());
            let (collate, ctype, locale, rules) = (row.optional(), row.optional(), row.optional(), row.optional());
            let Some(schema) = self.identities.schema(schema) else { continue };
            let provider = match provider {
                "i" => "icu",
                "b" => "builtin",
                _ => "libc",
            };
            let mut parameters = vec![("provider".to_owned(), provider.to_owned())];
            let mut add = |name: &str, value: Option<&str>| {
                parameters.extend(value.map(|value| (name.to_owned(), literal(value))));
            };
            match (locale, collate, ctype) {
                // Before 15 a locale of ICU is in both of the others.
                (Some(locale), ..) => add("locale", Some(locale)),
                (None, Some(collate), Some(ctype)) if collate == ctype => add("locale", Some(collate)),
                (None, collate, ctype) => {
                    add("lc_collate", collate);
                    add("lc_ctype", ctype);
                }
            }
            add("rules", rules);
            if !is_deterministic {
                parameters.push(("deterministic".to_owned(), "false".to_owned()));
            }
            let id = Id::new(Kind::Collation, Name::new(schema, name));
            self.insert_owned(class::COLLATION, oid, id, Object::Collation(Collation { parameters }), owner);
        }
    }

    fn casts_and_operators(&mut self, batch: &Batch) {
        for mut row in batch.rows(Query::Casts) {
            let (oid, types) = (row.oid(), row.str());
            let (context, method, signature) = (row.str(), row.str(), row.str());
            let method = match method {
                "f" => format!("WITH FUNCTION {signature}"),
                "i" => "WITH INOUT".to_owned(),
                _ => "WITHOUT FUNCTION".to_owned(),
            };
            let context = match context {
                "a" => Some("AS ASSIGNMENT".to_owned()),
                "i" => Some("AS IMPLICIT".to_owned()),
                _ => None,
            };
            let id = Id::part(Kind::Cast, Name::default(), types);
            self.insert_owned(class::CAST, oid, id, Object::Cast(Cast { method, context }), "");
        }
        for mut row in batch.rows(Query::Operators) {
            let (oid, schema, name, owner) = (row.oid(), row.oid(), row.str(), row.str());
            let (left, right) = (row.optional_text(), row.optional_text());
            let Some(schema) = self.identities.schema(schema) else { continue };
            let arguments = [&left, &right].map(|ty| ty.as_deref().unwrap_or("NONE"));
            let id = Id::part(Kind::Operator, Name::new(schema, name), arguments.join(", "));
            let values = [
                ("FUNCTION", row.optional_text()),
                ("LEFTARG", left),
                ("RIGHTARG", right),
                ("COMMUTATOR", row.optional_text()),
                ("NEGATOR", row.optional_text()),
                ("RESTRICT", row.optional_text()),
                ("JOIN", row.optional_text()),
                ("HASHES", row.flag().then(String::new)),
                ("MERGES", row.flag().then(String::new)),
            ];
            let parameters = values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
            self.insert_owned(class::OPERATOR, oid, id, Object::Operator(Operator { parameters }), owner);
        }
    }

    fn text_search(&mut self, batch: &Batch) {
        for mut row in batch.rows(Query::TextSearch) {
            let (sort, oid, schema, name, owner) = (row.str(), row.oid(), row.oid(), row.str(), row.str());
            let entries = row.list();
            let Some(schema) = self.identities.schema(schema) else { continue };
            let pair = |entry: &String| {
                let (name, value) = entry.split_once(" = ").unwrap_or((entry, ""));
                (name.to_owned(), value.to_owned())
            };
            let (class, kind, sort) = match sort {
                "c" => {
                    let (parser, mappings) = entries.split_first().map_or(("", &[][..]), |(a, b)| (a.as_str(), b));
                    let mappings = mappings.iter().map(pair).collect();
                    let configuration = TextSearchConfiguration { parser: parser.to_owned(), mappings };
                    let id = Id::new(Kind::TextSearchConfiguration, Name::new(schema, name));
                    let object = Object::TextSearchConfiguration(configuration);
                    self.insert_owned(class::TEXT_SEARCH_CONFIGURATION, oid, id, object, owner);
                    continue;
                }
                "d" => (class::TEXT_SEARCH_DICTIONARY, Kind::TextSearchDictionary, TextSearchSort::Dictionary),
                "p" => (class::TEXT_SEARCH_PARSER, Kind::TextSearchParser, TextSearchSort::Parser),
                _ => (class::TEXT_SEARCH_TEMPLATE, Kind::TextSearchTemplate, TextSearchSort::Template),
            };
            let parameters = entries.iter().map(pair).collect();
            let id = Id::new(kind, Name::new(schema, name));
            let object = Object::TextSearchObject(TextSearchObject { sort, parameters });
            self.insert_owned(class, oid, id, object, owner);
        }
    }

    fn publications(&mut self, batch: &Batch) {
        for mut row in batch.rows(Query::Publications) {
            let (oid, id, owner) = (row.oid(), Id::new(Kind::Publication, Name::bare(row.str())), row.str());
            let is_for_all_tables = row.flag();
            let operations = ["insert", "update", "delete", "truncate"];
            let operations = operations.into_iter().filter(|_| row.flag()).map(str::to_owned).collect();
            let publication = Publication { is_for_all_tables, operations, is_via_root: row.flag() };
            self.insert_owned(class::PUBLICATION, oid, id, Object::Publication(publication), owner);
        }
        for mut row in batch.rows(Query::PublicationTables) {
            let (oid, publication, table) = (row.oid(), row.oid(), row.oid());
            let (columns, filter) = (row.list(), row.optional_text());
            let Some(table) = self.identities.relation(table).cloned() else { continue };
            let Some(publication) = self.identities.get(class::PUBLICATION, publication) else { continue };
            let part = format!("{}.{}", table.schema, table.name);
            let id = Id::part(Kind::PublicationTable, publication.name.clone(), part);
            let object = Object::PublicationTable(PublicationTable { table, columns, filter });
            self.insert_owned(class::PUBLICATION_TABLE, oid, id, object, "");
        }
        for mut row in batch.rows(Query::PublicationSchemas) {
            let (oid, publication, schema) = (row.oid(), row.oid(), row.str());
            let Some(publication) = self.identities.get(class::PUBLICATION, publication) else { continue };
            let id = Id::part(Kind::PublicationSchema, publication.name.clone(), schema);
            let object = Object::PublicationSchema(PublicationSchema);
            self.insert_owned(class::PUBLICATION_SCHEMA, oid, id, object, "");
        }
    }

    fn foreign(&mut self, batch: &Batch) {
        for mut row in batch.rows(Query::Foreign) {
            let (sort, oid, name, owner) = (row.str(), row.oid(), row.str(), row.str());
            let (wrapper, first, second) = (row.str(), row.optional_text(), row.optional_text());
            let options = Parameters::parse(row.list().iter().map(String::as_str));
            let name = Name::bare(name);
            match sort {
                "w" => {
                    let object = ForeignDataWrapper { handler: first, validator: second, options };
                    let id = Id::new(Kind::ForeignDataWrapper, name);
                    self.insert_owned(class::WRAPPER, oid, id, Object::ForeignDataWrapper(object), owner);
                }
                "s" => {
                    let object = Server { wrapper: wrapper.to_owned(), ty: first, version: second, options };
                    let id = Id::new(Kind::Server, name);
                    self.insert_owned(class::SERVER, oid, id, Object::Server(object), owner);
                }
                _ => {
                    let id = Id::part(Kind::UserMapping, name, wrapper);
                    self.insert_owned(class::USER_MAPPING, oid, id, Object::UserMapping(UserMapping { options }), "");
                }
            }
        }
    }
}
