//! What goes through the rows of a table: constraints, indexes, partitions, and domains with the tables that use them.

use crate::context::Context;
use crate::hazard::{Lock, Work};
use crate::kind::attachment::Attachment;
use crate::kind::constraint::{Constraint, ConstraintSort};
use crate::kind::domain::{Domain, DomainConstraint};
use crate::kind::index::Index;
use crate::name::{Id, Kind, Name};
use std::collections::BTreeSet;

use super::Wait;

pub(super) fn constraint(id: &Id, constraint: &Constraint, context: &Context<'_>) -> Vec<Wait> {
    // Neither has what is on the table alone an index yet.
    if !constraint.is_validated || !constraint.is_index_valid || constraint.is_only_validated_here(id, context) {
        return Vec::new();
    }
    match constraint.sort {
        ConstraintSort::PrimaryKey | ConstraintSort::Unique | ConstraintSort::Exclusion => {
            vec![Wait::new(&id.name, Lock::ReadsAndWrites, Work::Index)]
        }
        ConstraintSort::Check => vec![Wait::new(&id.name, Lock::ReadsAndWrites, Work::Check)],
        // Both tables are locked, and the rows of a table that is new are few.
        ConstraintSort::ForeignKey if super::has_rows(&id.name, context) => {
            let tables = [Some(&id.name), constraint.refers_to.as_ref()].into_iter().flatten();
            tables.map(|table| Wait::new(table, Lock::Writes, Work::Check)).collect()
        }
        ConstraintSort::ForeignKey | ConstraintSort::Trigger => Vec::new(),
    }
}

pub(super) fn index(index: &Index) -> Vec<Wait> {
    let is_on_table_alone = index.is_partitioned && !index.is_valid;
    if is_on_table_alone { Vec::new() } else { vec![Wait::new(&index.table, Lock::Writes, Work::Index)] }
}

/// The rows of a partition are checked against its bounds.
pub(super) fn attachment(id: &Id, attachment: &Attachment) -> Vec<Wait> {
    let is_partition = attachment.bound.is_some();
    if is_partition { vec![Wait::new(&id.name, Lock::ReadsAndWrites, Work::Check)] } else { Vec::new() }
}

pub(super) fn domain_constraint(id: &Id, constraint: &DomainConstraint, context: &Context<'_>) -> Vec<Wait> {
    if constraint.is_validated { with_domain(&id.name, context) } else { Vec::new() }
}

pub(super) fn domain(id: &Id, now: &Domain, then: &Domain, context: &Context<'_>) -> Vec<Wait> {
    if !now.is_not_null && then.is_not_null { with_domain(&id.name, context) } else { Vec::new() }
}

/// Every table with a column of the domain is locked and read (`validateDomainCheckConstraint`).
fn with_domain(domain: &Name, context: &Context<'_>) -> Vec<Wait> {
    let domain = Id::new(Kind::Type, domain.clone());
    let is_column = |id: &&Id| id.kind == Kind::Column && context.desired.contains(id);
    let edges = context.current.edges.iter().filter(|edge| edge.to == domain && !context.is_made(&domain));
    let tables: BTreeSet<&Name> = edges.map(|edge| &edge.from).filter(is_column).map(|id| &id.name).collect();
    tables.into_iter().map(|table| Wait::new(table, Lock::Writes, Work::Check)).collect()
}
