//! A limit on time, as a header has it: `2s`, `500ms`, `10min`, `0`.

use std::time::Duration;

/// Reads a limit as milliseconds.
pub(super) fn parse(text: &str) -> Option<u64> {
    if text == "0" {
        return Some(0);
    }
    let limit = humantime::parse_duration(text).ok().filter(|limit| limit.subsec_nanos() % 1_000_000 == 0)?;
    // Postgres keeps it in 32 bits.
    u64::try_from(limit.as_millis()).ok().filter(|limit| *limit <= i32::MAX as u64)
}

/// A limit as it is written.
pub(super) fn shown(milliseconds: u64) -> String {
    match milliseconds {
        0 => "0".to_owned(),
        limit => humantime::format_duration(Duration::from_millis(limit)).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{parse, shown};

    #[test]
    fn limits_are_read_and_written() {
        for (text, expected) in [
            ("2s", Some(2_000)),
            ("500ms", Some(500)),
            ("10min", Some(600_000)),
            ("1m 30s", Some(90_000)),
            ("0", Some(0)),
            ("2", None),
            ("-1s", None),
            ("1us", None),
            ("1000h", None),
            ("", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
        for limit in [0, 1, 999, 61_001, i32::MAX as u64] {
            assert_eq!(parse(&shown(limit)), Some(limit));
        }
    }
}
