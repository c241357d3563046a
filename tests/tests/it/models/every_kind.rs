//! Models with every attribute: compiled with the tests, and read from its text by one of them.
#![expect(dead_code, reason = "models are read, not run")]

use migrate_runtime::{Enum, Table};
use sqlx::postgres::types::{PgInterval, PgRange};

/// How somebody is.
#[derive(Enum, sqlx::Type)]
#[sqlx(type_name = "mood", rename_all = "lowercase")]
#[enumeration(doc_comments, renamed_from = "feeling")]
enum Mood {
    Sad,
    #[variant(name = "so-so", renamed_from = "ok")]
    #[sqlx(rename = "so-so")]
    Fair,
    Happy,
}

#[derive(Enum)]
#[enumeration(name = "state", schema = "app", comment = "Of an order", rename_all = "SCREAMING_SNAKE_CASE")]
enum State {
    New,
    PaidFor,
}

#[derive(sqlx::Type)]
#[sqlx(transparent)]
struct SupplierId(i64);

#[derive(Table)]
#[table(mixin, check = "updated_at >= created_at")]
struct Times {
    #[column(type = "timestamptz", default = "now()", index(using = "brin"))]
    created_at: i64,
    #[column(type = "timestamptz", default = "now()")]
    updated_at: i64,
}

/// Who sells.
#[derive(Table)]
#[table(name = "suppliers", doc_comments, unique(columns(country, code), nulls_not_distinct, include(name)))]
#[table(row_level_security, force_row_level_security, options = "fillfactor = 70", replica_identity = "full")]
#[sqlx(default)]
struct Supplier {
    #[column(primary_key(name = "suppliers_pk"), identity(by_default, options = "START WITH 100"))]
    id: SupplierId,
    country: Option<String>,
    #[column(collate = "C", storage = "external", statistics = 500)]
    code: String,
    /// What everybody calls them.
    #[column(index(opclass = "text_pattern_ops"))]
    name: String,
    #[sqlx(json)]
    address: State,
    #[sqlx(flatten)]
    times: Times,
    #[sqlx(skip)]
    n_seen: u64,
    #[column(skip)]
    n_sold: u64,
}

#[derive(Table)]
#[table(
    schema = "app",
    name = "orders",
    comment = "What was bought",
    renamed_from = "purchases",
    primary_key(columns(shop, id)),
    check(expression = "amount > 0", name = "orders_amount_positive", no_inherit, comment = "No gifts"),
    exclude(using = "gist", elements("delivery with &&"), where = "NOT cancelled", name = "one_delivery"),
    index(columns(state, placed(desc, nulls = "last")), where = "NOT cancelled", include(amount)),
    index(columns("lower(note) text_pattern_ops"), comment = "For the search"),
    index(columns(note(collate = "C", asc)), unique, nulls_not_distinct, name = "orders_note"),
    index = "amount, shop"
)]
struct Order {
    shop: i32,
    id: i64,
    #[column(references = Supplier::id, on_delete = "cascade", on_update = "restrict", initially_deferred)]
    supplier: i64,
    #[column(references = "suppliers on delete set null", renamed_from = "seller", nullable)]
    other_supplier: i64,
    #[column(name = "status", type = "app.state", default = "'NEW'")]
    state: State,
    mood: Option<Mood>,
    moods: Vec<Mood>,
    #[column(check = "amount < 1000", comment = "In cents")]
    amount: i32,
    #[column(generated = "amount * 2")]
    twice: i32,
    #[column(default = false)]
    cancelled: bool,
    note: Option<String>,
    delivery: Option<PgRange<i32>>,
    takes: PgInterval,
    #[column(type = "date", unique(deferrable))]
    placed: Option<i32>,
}

#[derive(Table)]
#[table(foreign_key(columns(shop, order), references = "app.orders", match = "full", name = "of_order"), unlogged)]
struct Line {
    #[column(primary_key, identity = "always")]
    id: i64,
    shop: i32,
    order: i64,
}

#[derive(Table)]
#[table(partition_by = "range (at)", primary_key = "id, at, kind")]
#[table(partition(
    name = "event_2026",
    values = "from ('2026-01-01') to ('2027-01-01')",
    partition_by = "list (kind)"
))]
#[table(partition(name = "event_2026_a", of = "event_2026", values = "in ('a')", options = "fillfactor = 90"))]
#[table(partition(name = "event_rest", values = "default"))]
struct Event {
    id: i64,
    #[column(type = "date")]
    at: i32,
    kind: String,
}

#[derive(Table)]
#[table(inherits = "line")]
struct SpecialLine {
    why: String,
}
