//! The Postgres types of Rust types, as sqlx maps them.
//!
//! The table is that of [`sqlx::postgres::types`](https://docs.rs/sqlx/0.9/sqlx/postgres/types/index.html); where sqlx reads
//! several types into one, it is the one that sqlx writes.

/// A crate that defines the type, its name, and the type in Postgres. sqlx's own have the crate `sqlx`, and what it
/// re-exports from others is found under theirs.
const TYPES: &[(&str, &str, &str)] = &[
    ("std", "bool", "boolean"),
    ("std", "i8", "\"char\""),
    ("std", "i16", "smallint"),
    ("std", "i32", "integer"),
    ("std", "i64", "bigint"),
    ("std", "f32", "real"),
    ("std", "f64", "double precision"),
    ("std", "str", "text"),
    ("std", "String", "text"),
    ("std", "IpAddr", "inet"),
    ("std", "Duration", "interval"),
    ("bytes", "Bytes", "bytea"),
    ("uuid", "Uuid", "uuid"),
    ("uuid", "Hyphenated", "uuid"),
    ("uuid", "Simple", "uuid"),
    ("chrono", "NaiveDate", "date"),
    ("chrono", "NaiveTime", "time"),
    ("chrono", "NaiveDateTime", "timestamp"),
    ("chrono", "DateTime", "timestamptz"),
    ("chrono", "Duration", "interval"),
    ("chrono", "TimeDelta", "interval"),
    ("time", "Date", "date"),
    ("time", "Time", "time"),
    ("time", "PrimitiveDateTime", "timestamp"),
    ("time", "OffsetDateTime", "timestamptz"),
    ("time", "UtcDateTime", "timestamptz"),
    ("time", "Duration", "interval"),
    ("rust_decimal", "Decimal", "numeric"),
    ("bigdecimal", "BigDecimal", "numeric"),
    ("serde_json", "Value", "jsonb"),
    ("serde_json", "RawValue", "jsonb"),
    ("ipnetwork", "IpNetwork", "inet"),
    ("ipnet", "IpNet", "inet"),
    ("mac_address", "MacAddress", "macaddr"),
    ("bit_vec", "BitVec", "varbit"),
    ("sqlx", "Json", "jsonb"),
    ("sqlx", "JsonValue", "jsonb"),
    ("sqlx", "JsonRawValue", "jsonb"),
    ("sqlx", "Text", "text"),
    ("sqlx", "Oid", "oid"),
    ("sqlx", "PgInterval", "interval"),
    ("sqlx", "PgTimeTz", "timetz"),
    ("sqlx", "PgMoney", "money"),
    ("sqlx", "PgCiText", "citext"),
    ("sqlx", "PgLTree", "ltree"),
    ("sqlx", "PgLQuery", "lquery"),
    ("sqlx", "PgHstore", "hstore"),
    ("sqlx", "PgCube", "cube"),
    ("sqlx", "PgPoint", "point"),
    ("sqlx", "PgLine", "line"),
    ("sqlx", "PgLSeg", "lseg"),
    ("sqlx", "PgBox", "box"),
    ("sqlx", "PgPath", "path"),
    ("sqlx", "PgPolygon", "polygon"),
    ("sqlx", "PgCircle", "circle"),
    ("jiff_sqlx", "Timestamp", "timestamptz"),
    ("jiff_sqlx", "DateTime", "timestamp"),
    ("jiff_sqlx", "Date", "date"),
    ("jiff_sqlx", "Time", "time"),
    ("jiff_sqlx", "Span", "interval"),
];

/// The range over a type.
const RANGES: [(&str, &str); 6] = [
    ("integer", "int4range"),
    ("bigint", "int8range"),
    ("numeric", "numrange"),
    ("timestamp", "tsrange"),
    ("timestamptz", "tstzrange"),
    ("date", "daterange"),
];

/// Rust types that have no counterpart, each with what to use.
const REFUSED: [(&str, &str); 9] = [
    ("u8", "i16"),
    ("u16", "i32"),
    ("u32", "i64"),
    ("u64", "i64"),
    ("usize", "i64"),
    ("isize", "i64"),
    ("i128", "Decimal"),
    ("u128", "Uuid"),
    ("char", "String"),
];

/// The Postgres type of a path, as far as its origin is known: of a name alone nothing is.
pub(super) fn known(path: &[String]) -> Option<&'static str> {
    let (last, before) = path.split_last()?;
    let of_name = || TYPES.iter().filter(|(_, name, _)| name == last);
    match before.first().map(String::as_str) {
        None => of_name().next().map(|(_, _, postgres)| *postgres),
        Some("core" | "alloc") => of_name().find(|(origin, ..)| *origin == "std").map(|(_, _, postgres)| *postgres),
        // sqlx re-exports in modules of the crates' names, and some without one.
        Some("sqlx" | "sqlx_postgres" | "sqlx_core") => {
            let inside = before.iter().skip(1).find(|part| TYPES.iter().any(|(origin, ..)| origin == *part));
            let origin = inside.map(String::as_str);
            let mut rows = of_name().filter(|(crate_name, ..)| *crate_name != "jiff_sqlx");
            rows.find(|(crate_name, ..)| origin.is_none_or(|origin| origin == *crate_name))
                .map(|(_, _, postgres)| *postgres)
        }
        Some(first) => of_name().find(|(origin, ..)| *origin == first).map(|(_, _, postgres)| *postgres),
    }
}

/// The range type over a Postgres type.
pub(super) fn range_over(postgres: &str) -> Option<&'static str> {
    RANGES.iter().find(|(over, _)| *over == postgres).map(|(_, range)| *range)
}

/// What to write instead of a Rust type that Postgres has nothing for.
pub(super) fn instead_of(name: &str) -> Option<&'static str> {
    REFUSED.iter().find(|(refused, _)| *refused == name).map(|(_, instead)| *instead)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_known_by_its_origin() {
        for (path, expected) in [
            ("String", Some("text")),
            ("std::string::String", Some("text")),
            ("chrono::DateTime", Some("timestamptz")),
            ("jiff_sqlx::DateTime", Some("timestamp")),
            ("sqlx::types::time::Time", Some("time")),
            ("sqlx::types::chrono::NaiveDate", Some("date")),
            ("sqlx::types::Uuid", Some("uuid")),
            ("sqlx::types::JsonValue", Some("jsonb")),
            ("sqlx::postgres::types::PgMoney", Some("money")),
            ("toml::Value", None),
            ("serde_json::Value", Some("jsonb")),
            ("crate::Uuid", None),
        ] {
            let path: Vec<String> = path.split("::").map(str::to_owned).collect();
            assert_eq!(known(&path), expected, "{path:?}");
        }
    }
}
