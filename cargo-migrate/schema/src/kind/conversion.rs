//! How the values of a column become values of another type, and whether they may not fit.

/// The expression after `USING`, where Postgres has no cast that it applies by itself.
pub(crate) fn using(from: &str, to: &str, column: &str) -> Option<String> {
    match (element(from), element(to)) {
        (Some(from), Some(to)) => match cast(from, to) {
            Cast::Assignment => None,
            Cast::Explicit => Some(format!("{column}::{to}[]")),
            Cast::Text => Some(format!("{column}::text[]::{to}[]")),
        },
        // A null stays a null and becomes no array of one.
        (None, Some(to)) if !is_text(from) => {
            let value = converted(from, to, column);
            Some(format!("CASE WHEN {column} IS NOT NULL THEN ARRAY[{value}] END"))
        }
        (Some(from), None) if !is_text(to) => Some(converted(from, to, &format!("{column}[1]"))),
        _ => match cast(from, to) {
            Cast::Assignment => None,
            _ => Some(converted(from, to, column)),
        },
    }
}

/// The values of a type in the type of the same name that replaces it.
pub(crate) fn through_text(ty: &str, column: &str) -> String {
    let text = if element(ty).is_some() { "text[]" } else { "text" };
    format!("{column}::{text}::{ty}")
}

/// Whether values of the first type may not fit into the second, or lose something.
pub(crate) fn narrows(from: &str, to: &str) -> bool {
    match (element(from), element(to)) {
        (Some(from), Some(to)) => return narrows(from, to),
        (None, Some(to)) if !is_text(from) => return narrows(from, to),
        _ => {}
    }
    let ((from_base, from_limit), (to_base, to_limit)) = (split(from), split(to));
    if from_base == to_base {
        return !to_limit.is_empty() && !widens_limit(from_limit, to_limit);
    }
    const WIDER: &[(&str, &[&str])] = &[
        ("smallint", &["integer", "bigint", "numeric", "real", "double precision"]),
        ("integer", &["bigint", "numeric", "double precision"]),
        ("bigint", &["numeric"]),
        ("real", &["double precision"]),
        ("date", &["timestamp without time zone", "timestamp with time zone"]),
        ("timestamp without time zone", &["timestamp with time zone"]),
        ("cidr", &["inet"]),
        ("json", &["jsonb"]),
        ("jsonb", &["json"]),
    ];
    if to_limit.is_empty() {
        let is_wider = WIDER.iter().any(|(narrow, wide)| *narrow == from_base && wide.contains(&to_base));
        return !is_wider && !is_text(to);
    }
    true
}

/// Whether a change of the type writes each row of a table anew: it does unless the values are stored alike, and any value
/// of the one fits into the other (`ATColumnChangeRequiresRewrite`). What depends on the session's time zone does.
pub(crate) fn rewrites(from: &str, to: &str) -> bool {
    if using(from, to, "").is_some() || element(from).is_some() || element(to).is_some() {
        return true;
    }
    let ((from_base, from_limit), (to_base, to_limit)) = (split(from), split(to));
    const ALIKE: &[(&str, &str)] = &[
        ("character varying", "text"),
        ("text", "character varying"),
        ("text", "citext"),
        ("citext", "text"),
        ("character varying", "citext"),
        ("citext", "character varying"),
        ("cidr", "inet"),
        ("xml", "text"),
        ("integer", "oid"),
        ("oid", "integer"),
    ];
    if from_base != to_base {
        return !to_limit.is_empty() || !ALIKE.contains(&(from_base, to_base));
    }
    let is_growing = matches!(from_base, "character varying" | "bit varying" | "numeric" | "interval")
        || from_base.starts_with("time");
    let keeps_scale = || match (from_limit.split_once(','), to_limit.split_once(',')) {
        (Some((_, scale)), Some((_, to_scale))) => scale == to_scale,
        (one, other) => one == other,
    };
    // Without a limit there is room for all.
    !is_growing || !(to_limit.is_empty() || (widens_limit(from_limit, to_limit) && keeps_scale()))
}

/// Whether values of both types can be compared with each other, as a foreign key does.
pub(crate) fn are_comparable(one: &str, other: &str) -> bool {
    let (one, other) = (split(one).0, split(other).0);
    one == other || (is_text(one) && is_text(other)) || family(one).is_some_and(|name| family(other) == Some(name))
}

/// The storage of the built-in types whose values can be long, for a column that loses a storage of its own.
pub(crate) fn usual_storage(ty: &str) -> Option<&'static str> {
    let base = split(ty).0;
    if element(ty).is_some() || is_text(base) || matches!(base, "json" | "jsonb" | "bytea" | "xml" | "tsvector") {
        Some("EXTENDED")
    } else if matches!(base, "numeric" | "inet" | "cidr") {
        Some("MAIN")
    } else if matches!(base, "integer" | "bigint" | "smallint" | "boolean" | "date" | "uuid") {
        Some("PLAIN")
    } else {
        None
    }
}

enum Cast {
    /// Postgres applies it when it stores a value.
    Assignment,
    /// It has to be written.
    Explicit,
    /// There may be none but by the written form of the value.
    Text,
}

fn cast(from: &str, to: &str) -> Cast {
    let (from, to) = (split(from).0, split(to).0);
    if from == to || is_text(to) || family(from).is_some_and(|name| family(to) == Some(name)) {
        Cast::Assignment
    } else if is_text(from) || matches!((from, to), ("integer", "boolean") | ("boolean", "integer")) {
        Cast::Explicit
    } else {
        Cast::Text
    }
}

fn converted(from: &str, to: &str, value: &str) -> String {
    if from == to {
        return value.to_owned();
    }
    match cast(from, to) {
        Cast::Text => format!("{value}::text::{to}"),
        _ => format!("{value}::{to}"),
    }
}

/// Types between which every pair has an assignment cast.
fn family(base: &str) -> Option<&'static str> {
    match base {
        "smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision" => Some("number"),
        "date" | "timestamp without time zone" | "timestamp with time zone" => Some("time"),
        "json" | "jsonb" => Some("json"),
        "inet" | "cidr" => Some("address"),
        _ => None,
    }
}

fn is_text(ty: &str) -> bool {
    matches!(split(ty).0, "text" | "character varying" | "character" | "citext" | "name" | "bpchar")
}

fn element(ty: &str) -> Option<&str> {
    ty.strip_suffix("[]")
}

/// The type without its modifier, and the modifier: `timestamp(3) without time zone` has it in the middle.
fn split(ty: &str) -> (&str, &str) {
    let Some(open) = ty.find('(') else { return (ty, "") };
    let close = ty[open..].find(')').map_or(ty.len(), |index| open + index);
    let base = match ty.get(close + 1..).map(str::trim) {
        Some("without time zone") if ty.starts_with("timestamp") => "timestamp without time zone",
        Some("with time zone") if ty.starts_with("timestamp") => "timestamp with time zone",
        _ => &ty[..open],
    };
    (base, ty.get(open + 1..close).unwrap_or(""))
}

fn widens_limit(from: &str, to: &str) -> bool {
    let numbers = |text: &str| text.split(',').map(|part| part.trim().parse().ok()).collect::<Option<Vec<i64>>>();
    match (numbers(from), numbers(to)) {
        (Some(from), Some(to)) => match (from[..].split_first(), to[..].split_first()) {
            // numeric: both the digits before and those after the point must have room.
            (Some((all, [scale])), Some((to_all, [to_scale]))) => to_scale >= scale && to_all - to_scale >= all - scale,
            _ => from.iter().zip(&to).all(|(from, to)| to >= from),
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{narrows, rewrites, using};

    #[test]
    fn a_cast_is_written_where_postgres_finds_none() {
        assert_eq!(using("integer", "bigint", "c"), None);
        assert_eq!(using("character varying(20)", "text", "c"), None);
        assert_eq!(using("text", "integer", "c").unwrap(), "c::integer");
        assert_eq!(using("integer", "uuid", "c").unwrap(), "c::text::uuid");
        assert_eq!(using("text[]", "mood[]", "c").unwrap(), "c::mood[]");
        assert_eq!(using("integer", "integer[]", "c").unwrap(), "CASE WHEN c IS NOT NULL THEN ARRAY[c] END");
        assert_eq!(using("text", "integer[]", "c").unwrap(), "c::integer[]");
    }

    #[test]
    fn what_is_stored_alike_and_fits_is_not_rewritten() {
        for (from, to) in [
            ("character varying(5)", "character varying(6)"),
            ("character varying(5)", "text"),
            ("text", "character varying"),
            ("numeric(10,2)", "numeric(12,2)"),
            ("numeric(10,2)", "numeric"),
            ("timestamp(3) without time zone", "timestamp(6) without time zone"),
            ("timestamp(3) with time zone", "timestamp with time zone"),
            ("cidr", "inet"),
        ] {
            assert!(!rewrites(from, to), "{from} to {to}");
        }
        for (from, to) in [
            ("integer", "bigint"),
            ("text", "character varying(5)"),
            ("character varying", "character varying(5)"),
            ("character varying(6)", "character varying(5)"),
            ("character(5)", "character(6)"),
            ("character(5)", "text"),
            ("numeric(10,2)", "numeric(12,3)"),
            ("numeric", "numeric(10,2)"),
            ("timestamp without time zone", "timestamp with time zone"),
            ("timestamp(6) with time zone", "timestamp(3) with time zone"),
            ("character varying(5)[]", "character varying(6)[]"),
            ("json", "jsonb"),
            ("inet", "cidr"),
        ] {
            assert!(rewrites(from, to), "{from} to {to}");
        }
    }

    #[test]
    fn what_may_not_fit_is_known() {
        for (from, to) in [
            ("bigint", "integer"),
            ("text", "character varying(5)"),
            ("numeric(10,2)", "numeric(10,4)"),
            ("timestamp with time zone", "date"),
            ("timestamp(6) without time zone", "timestamp(3) without time zone"),
            ("integer[]", "integer"),
            ("text", "mood"),
        ] {
            assert!(narrows(from, to), "{from} to {to}");
        }
        for (from, to) in [
            ("integer", "bigint"),
            ("character varying(5)", "character varying(6)"),
            ("character varying(5)", "text"),
            ("numeric(10,2)", "numeric(12,4)"),
            ("mood", "text"),
            ("integer", "integer[]"),
        ] {
            assert!(!narrows(from, to), "{from} to {to}");
        }
    }
}
