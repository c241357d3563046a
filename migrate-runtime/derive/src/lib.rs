//! The markers by which `cargo migrate` finds the models of a package. Use them as `migrate_runtime::{Table, Enum}`.
//!
//! They have no code: the attributes are read from the source of the package, which need not compile for that.

use proc_macro::TokenStream;

/// Marks a struct as a table of the schema that `cargo migrate` compares a database with.
///
/// ```
/// # extern crate migrate_derive as migrate_runtime;
/// # type Decimal = f64; type Timestamp = i64;
/// use migrate_runtime::Table;
///
/// #[derive(Table)]
/// #[table(name = "products", check = "price >= 0", index(columns(product_name), using = "gin", opclass = "gin_trgm_ops"))]
/// pub struct Product {
///     #[column(primary_key, identity)]
///     pub id: i64,
///     #[column(unique, renamed_from = "name")]
///     pub product_name: String,
///     pub description: Option<String>,
///     #[column(type = "numeric(12,2)", default = "0")]
///     pub price: Decimal,
///     #[column(references = "suppliers (id) on delete restrict", index)]
///     pub supplier_id: i64,
///     #[column(type = "timestamptz", default = "now()")]
///     pub created_at: Timestamp,
/// }
/// ```
///
/// Structs in all modules of the package's library and programs are read, or in the files that
/// `models = ["src/models"]` names under `[package.metadata.migrate]`. What stands under a `#[cfg]` is refused, because
/// its condition cannot be known, unless the file is named so; `#[cfg(test)]` is passed over. Import the marker from `migrate_runtime` itself: a
/// `Table` of another crate is another thing. A struct that a macro writes is not seen.
///
/// A text that is SQL is given to the server as it is. Where something has no name, the server gives it the one that it
/// gives in SQL: `products_pkey`, `products_name_key`, `products_supplier_id_fkey`, `products_price_check`.
/// A column may be named in attributes by its own name, or by that of its field. A key without a value is a flag, and may
/// be taken back with `= false`.
///
/// # The type of a column
///
/// A field has the type that sqlx stores it as ([its table](https://docs.rs/sqlx/0.9/sqlx/postgres/types/index.html)),
/// and is `NOT NULL` unless it is an `Option`. `Vec<T>`, `Box<[T]>` and `[T; N]` are arrays, of bytes `bytea`; `Json<T>`
/// and `serde_json::Value` are `jsonb`. `Box`, `Arc`, `Cow` and references are what they hold. Followed in the package are
/// type aliases, newtypes with `#[sqlx(transparent)]`, enums with [`Enum`], and enums that sqlx stores as numbers. For
/// everything else, and for another type than the usual, there is `type`.
///
/// # `#[table(…)]`
///
/// | key | what it says |
/// |---|---|
/// | `name = "…"` | the table; else the struct's name in snake case |
/// | `schema = "…"` | its schema, which is made |
/// | `comment = "…"` | its comment |
/// | `doc_comments` | the doc comments of the struct and its fields are comments, where no other is given |
/// | `renamed_from = "…"` | what the table was called before |
/// | `primary_key(columns(a, b))` | a primary key; also `name`, `include`, `options`, `deferrable`, `initially_deferred`, `comment`; short: `primary_key = "a, b"` |
/// | `unique(columns(a, b))` | a unique constraint; the same keys, and `nulls_not_distinct` |
/// | `check = "…"` | a check; with more: `check(expression = "…", name = "…", no_inherit, comment = "…")` |
/// | `foreign_key(columns(a, b), references = "…")` | a foreign key; also `name`, `on_delete`, `on_update`, `match`, `deferrable`, `initially_deferred`, `comment` |
/// | `exclude(using = "gist", elements("room with =", "during with &&"))` | an exclusion constraint; also `where`, `name`, `include`, `options`, `deferrable`, `initially_deferred`, `comment` |
/// | `index(columns(…))` | an index, see below; short: `index = "a, b"` |
/// | `unlogged` | an unlogged table |
/// | `inherits = "…"` | a table that it inherits from, or `inherits(a, b)` |
/// | `options = "fillfactor = 70"` | storage parameters |
/// | `partition_by = "range (created_at)"` | how it is partitioned |
/// | `partition(name = "…", values = "from (…) to (…)")` | a partition; `values = "default"`; also `schema`, `of` for a partition of a partition, `partition_by`, `options`, `unlogged` |
/// | `row_level_security`, `force_row_level_security` | row level security; policies are for `schema.sql` |
/// | `replica_identity = "full"` | what identifies a row to replicas, as SQL |
/// | `mixin` | no table: its columns and constraints are for structs that flatten it |
///
/// # `#[column(…)]`
///
/// | key | what it says |
/// |---|---|
/// | `name = "…"` | the column; else `#[sqlx(rename)]`, `#[sqlx(rename_all)]`, the field's name |
/// | `type = "…"` | its type in Postgres |
/// | `nullable` | `NULL` is allowed, whatever the field's type; `nullable = false` is `NOT NULL` |
/// | `default = "now()"` | its default, as SQL; numbers, `true` and `false` without quotes |
/// | `identity` | `GENERATED ALWAYS AS IDENTITY`; `identity = "by default"`, or `identity(always, options = "START WITH 100")` and `identity(by_default, …)` |
/// | `generated = "a * b"` | a generated column, stored; `generated(expression = "…", virtual)` from PostgreSQL 18 on |
/// | `primary_key`, `unique` | as on the struct, of this column: `unique(name = "…", nulls_not_distinct)` |
/// | `check = "…"` | as on the struct |
/// | `index` | as on the struct, of this column: `index(using = "brin")` |
/// | `references = "…"` | what follows `REFERENCES` in SQL; or a model, `Supplier`, or its field, `Supplier::id` |
/// | `on_delete = "cascade"`, `on_update = "…"`, `match = "full"`, `deferrable`, `initially_deferred` | of that reference |
/// | `collate = "…"` | its collation |
/// | `storage = "external"`, `compression = "lz4"`, `statistics = 500` | how it is stored, and what is known of it |
/// | `comment = "…"` | its comment |
/// | `renamed_from = "…"` | what the column was called before |
/// | `skip` | no column; as `#[sqlx(skip)]` |
///
/// # `index(…)`
///
/// An element of `columns` is a column, a column with `opclass`, `collate`, `order` or `desc` and `asc`, `nulls`, or a text
/// of SQL:
///
/// ```
/// # extern crate migrate_derive as migrate_runtime;
/// # use migrate_runtime::Table;
/// #[derive(Table)]
/// #[table(index(columns(account, at(desc, nulls = "last")), where = "NOT hidden", include(title)))]
/// #[table(index(columns("lower(title) text_pattern_ops"), name = "post_title", unique))]
/// struct Post {
///     account: i64,
///     at: i64,
///     title: String,
///     hidden: bool,
/// }
/// ```
///
/// | key | what it says |
/// |---|---|
/// | `name`, `comment` | its name and its comment |
/// | `unique`, `nulls_not_distinct` | a unique index |
/// | `using = "gin"` | the access method |
/// | `where = "…"` | of which rows, as SQL |
/// | `include(…)` | columns that are only stored in it |
/// | `opclass`, `collate`, `order`, `nulls` | of every element that does not say otherwise |
/// | `options = "fastupdate = off"` | storage parameters |
///
/// # `#[sqlx(…)]`
///
/// `rename`, `rename_all`, `skip`, `json`, `try_from` and `transparent` mean what they mean to sqlx. `flatten` takes the
/// columns of a struct of the package as if they were written here. What has no meaning for a schema, as `default`, is left
/// to sqlx. A name that is given beside another one that sqlx goes by, in a struct with `sqlx::FromRow` or an enum with
/// `sqlx::Type`, is refused.
#[proc_macro_derive(Table, attributes(table, column, sqlx))]
pub fn table(_: TokenStream) -> TokenStream {
    TokenStream::new()
}

/// Marks an enum without data as an enum of Postgres.
///
/// ```
/// # extern crate migrate_derive as migrate_runtime;
/// use migrate_runtime::Enum;
///
/// #[derive(Enum)]
/// #[enumeration(name = "mood", schema = "app", rename_all = "lowercase", comment = "How somebody is")]
/// pub enum Mood {
///     Sad,
///     #[variant(name = "so-so", renamed_from = "ok")]
///     Fair,
///     Happy,
/// }
/// ```
///
/// Its values are in the order of the variants.
///
/// # `#[enumeration(…)]`
///
/// | key | what it says |
/// |---|---|
/// | `name = "…"` | the type; else what sqlx looks for, where it derives `sqlx::Type`: `#[sqlx(type_name)]`, else the enum's name in lower case; else its name in snake case |
/// | `schema = "…"` | its schema, which is made |
/// | `comment = "…"` | its comment |
/// | `doc_comments` | the doc comment is the comment, where no other is given |
/// | `rename_all = "…"` | as `#[sqlx(rename_all)]`, which is honoured too |
/// | `renamed_from = "…"` | what the type was called before |
///
/// # `#[variant(…)]`
///
/// | key | what it says |
/// |---|---|
/// | `name = "…"` | the value; else `#[sqlx(rename)]`, `rename_all`, the variant's name |
/// | `renamed_from = "…"` | what the value was called before |
#[proc_macro_derive(Enum, attributes(enumeration, variant, sqlx))]
pub fn enumeration(_: TokenStream) -> TokenStream {
    TokenStream::new()
}
