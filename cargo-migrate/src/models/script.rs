//! The SQL of the models, and from which place in the source each part of it comes.

use std::collections::BTreeMap;

use crate::models::source::Spot;
use crate::models::sql_name::Name;

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
#[derive(Debug, Default)]
pub(super) struct Script {
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

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The place that a byte of the text comes from.
    pub(super) fn spot_at(&self, offset: usize) -> Option<&Spot> {
        let n_before = self.marks.partition_point(|(start, _)| *start <= offset);
        n_before.checked_sub(1).map(|last| &self.marks[last].1)
    }
}
