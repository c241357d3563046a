//! The SQL of the models, and from which place in the source each part of it comes.

use std::collections::BTreeMap;
use std::ops::Range;

use migrate_runtime::graph::nearest;
use migrate_schema::quote::identifier;

use crate::models::source::Spot;
use crate::models::sql_name::Name;
use crate::report::Place;

/// An object that the models describe. Columns and constraints have the name of their table too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Object {
    Type(Name),
    Table(Name),
    Column(Name, String),
    Constraint(Name, String),
    /// In the schema of its table.
    Index(Name),
}

/// A text that grows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    text: String,
    /// Where in the text what comes from which place begins, in order.
    marks: Vec<(usize, Spot)>,
    pub(super) objects: BTreeMap<Object, Spot>,
}

impl Script {
    /// What is written from here on comes from this place.
    pub(super) fn from(&mut self, spot: &Spot) -> &mut Self {
        self.marks.push((self.text.len(), spot.clone()));
        self
    }

    pub(super) fn write(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Ends a statement.
    pub(super) fn end(&mut self) {
        self.text.push_str(";\n");
    }

    pub(super) fn has(&mut self, object: Object, spot: &Spot) {
        self.objects.entry(object).or_insert_with(|| spot.clone());
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The place that a byte of the text comes from: inside of what an attribute says, where that is written there as it
    /// is in the text.
    pub(crate) fn place_at(&self, offset: usize) -> Option<Place> {
        let n_before = self.marks.partition_point(|(start, _)| *start <= offset);
        let (start, spot) = &self.marks[n_before.checked_sub(1)?];
        Some(spot.inside(&self.text[*start..offset]).place())
    }

    /// Where a statement says what a column is, if it does.
    pub(crate) fn offset_of_column(&self, statement: Range<usize>, column: &str) -> Option<usize> {
        let definition = format!("{} ", identifier(column));
        let starts = self.marks.iter().map(|(start, _)| *start).filter(|start| statement.contains(start));
        starts.into_iter().find(|start| self.text[*start..].starts_with(&definition))
    }

    /// The table or type of the models that is most like this name, if any is like it.
    pub(crate) fn nearest(&self, name: &str) -> Option<&str> {
        let names = self.objects.keys().filter_map(|object| match object {
            Object::Table(of) | Object::Type(of) => Some(of.name.as_str()),
            Object::Column(..) | Object::Constraint(..) | Object::Index(_) => None,
        });
        nearest(name, names)
    }
}
