//! Indexes as attributes say them, on a column or on the struct.

use crate::models::attribute::{Element, Entry, Value};
use crate::models::constraint::{columns_on_column, columns_or};
use crate::models::source::{Spot, Written};
use crate::models::sql_name::whole_list;
use crate::report::Failure;

/// Keys of `index(…)`.
pub(super) const KEYS: &[&str] = &[
    "columns",
    "name",
    "unique",
    "using",
    "where",
    "include",
    "nulls_not_distinct",
    "options",
    "opclass",
    "collate",
    "order",
    "nulls",
    "comment",
];

/// Keys of a column in `columns(…)` of an index.
pub(super) const ELEMENT_KEYS: &[&str] = &["opclass", "collate", "order", "nulls", "desc", "asc"];

const ORDERS: &[&str] = &["asc", "desc"];
const NULLS: &[&str] = &["first", "last"];

/// An index.
#[derive(Clone, Debug)]
pub(super) struct Index {
    pub(super) spot: Spot,
    pub(super) name: Option<Written>,
    pub(super) is_unique: bool,
    pub(super) using: Option<Written>,
    pub(super) elements: Vec<IndexElement>,
    pub(super) include: Vec<Written>,
    pub(super) nulls_not_distinct: bool,
    pub(super) options: Option<Written>,
    pub(super) predicate: Option<Written>,
    pub(super) comment: Option<Written>,
}

/// What is indexed: a column, or an expression with all that SQL lets follow it.
#[derive(Clone, Debug)]
pub(super) struct IndexElement {
    pub(super) written: Written,
    /// Whether it was written as an expression; a text may still be the name of a column.
    pub(super) is_text: bool,
    pub(super) how: How,
}

/// How an element is indexed.
#[derive(Clone, Debug, Default)]
pub(super) struct How {
    pub(super) collate: Option<Written>,
    pub(super) opclass: Option<Written>,
    pub(super) order: Option<&'static str>,
    pub(super) nulls: Option<&'static str>,
}

impl How {
    /// Reads a key that it knows; whether it does is the answer.
    fn read(&mut self, entry: &Entry) -> Result<bool, Failure> {
        match entry.key.as_str() {
            "collate" => entry.set(&mut self.collate, entry.name()?)?,
            "opclass" => entry.set(&mut self.opclass, entry.text()?)?,
            "order" => entry.set(&mut self.order, entry.one_of(ORDERS)?)?,
            "nulls" => entry.set(&mut self.nulls, entry.one_of(NULLS)?)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn or(self, others: &Self) -> Self {
        Self {
            collate: self.collate.or_else(|| others.collate.clone()),
            opclass: self.opclass.or_else(|| others.opclass.clone()),
            order: self.order.or(others.order),
            nulls: self.nulls.or(others.nulls),
        }
    }
}

/// An index; none where `= false` says so.
pub(super) fn read(entry: &Entry, of_column: Option<&Written>) -> Result<Option<Index>, Failure> {
    let (mut name, mut comment, mut using, mut options, mut predicate) = (None, None, None, None, None);
    let (mut is_unique, mut nulls_not_distinct, mut include, mut elements) = (None, None, None, None);
    let mut how = How::default();
    match &entry.value {
        Value::Text(text) if of_column.is_none() => elements = Some(elements_of_text(text)),
        Value::List(_) => {
            for inner in entry.entries()? {
                match inner.key.as_str() {
                    "columns" if of_column.is_none() => inner.set(&mut elements, read_elements(inner)?)?,
                    "columns" => return Err(columns_on_column(inner)),
                    "name" => inner.set(&mut name, inner.name()?)?,
                    "comment" => inner.set(&mut comment, inner.text()?)?,
                    "unique" => inner.set(&mut is_unique, inner.flag()?)?,
                    "using" => inner.set(&mut using, inner.text()?)?,
                    "where" => inner.set(&mut predicate, inner.text()?)?,
                    "include" => inner.set(&mut include, inner.names()?)?,
                    "nulls_not_distinct" => inner.set(&mut nulls_not_distinct, inner.flag()?)?,
                    "options" => inner.set(&mut options, inner.text()?)?,
                    _ if how.read(inner)? => {}
                    _ => return Err(inner.unknown("`index`", KEYS)),
                }
            }
        }
        _ if !entry.flag()? => return Ok(None),
        _ => {}
    }
    let elements = match elements {
        Some(elements) => elements,
        None => columns_or(None, of_column, entry)?.into_iter().map(column_element).collect(),
    };
    let elements = elements.into_iter().map(|element| IndexElement { how: element.how.or(&how), ..element }).collect();
    Ok(Some(Index {
        spot: entry.spot.clone(),
        name,
        is_unique: is_unique.unwrap_or(false),
        using,
        elements,
        include: include.unwrap_or_default(),
        nulls_not_distinct: nulls_not_distinct.unwrap_or(false),
        options,
        predicate,
        comment,
    }))
}

fn column_element(written: Written) -> IndexElement {
    IndexElement { written, is_text: false, how: How::default() }
}

fn text_element(written: Written) -> IndexElement {
    IndexElement { written, is_text: true, how: How::default() }
}

/// `a, b` is two columns; what is no list of names is one expression.
fn elements_of_text(text: &Written) -> Vec<IndexElement> {
    match whole_list(&text.value) {
        Some(names) => {
            let column = |value| column_element(Written { value, spot: text.spot.clone() });
            names.into_iter().map(column).collect()
        }
        None => vec![text_element(text.clone())],
    }
}

fn read_elements(entry: &Entry) -> Result<Vec<IndexElement>, Failure> {
    let Value::List(elements) = &entry.value else {
        return Ok(entry.names()?.into_iter().map(text_element).collect());
    };
    if elements.is_empty() {
        entry.names()?;
    }
    elements
        .iter()
        .map(|element| match element {
            Element::Text(text) => Ok(text_element(text.clone())),
            Element::Entry(column) => {
                let written = Written { value: column.key.clone(), spot: column.spot.clone() };
                let mut how = How::default();
                if !matches!(column.value, Value::Nothing) {
                    for inner in column.entries()? {
                        match inner.key.as_str() {
                            "desc" if inner.flag()? => inner.set(&mut how.order, "desc")?,
                            "asc" if inner.flag()? => inner.set(&mut how.order, "asc")?,
                            _ if how.read(inner)? => {}
                            _ => return Err(inner.unknown("a column of an index", ELEMENT_KEYS)),
                        }
                    }
                }
                Ok(IndexElement { how, ..column_element(written) })
            }
        })
        .collect()
}
