//! Revision ids that are points in time: UTC, fourteen digits, one for each second.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The id of a moment.
fn id(moment: Timestamp) -> String {
    moment.to_zoned(TimeZone::UTC).strftime("%Y%m%d%H%M%S").to_string()
}

/// The first id, from this second on, that is not taken.
pub(crate) fn free_id(taken: impl Fn(&str) -> bool) -> String {
    free_id_from(Timestamp::now(), taken)
}

fn free_id_from(mut moment: Timestamp, taken: impl Fn(&str) -> bool) -> String {
    loop {
        let id = id(moment);
        if !taken(&id) {
            return id;
        }
        moment += SignedDuration::from_secs(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_free_second_is_taken() {
        let new_year: Timestamp = "2026-12-31T23:59:58.9Z".parse().expect("a moment");
        for (taken, expected) in [
            (&[][..], "20261231235958"),
            (&["20261231235958"], "20261231235959"),
            (&["20261231235958", "20261231235959"], "20270101000000"),
            (&["20261231235959"], "20261231235958"),
        ] {
            assert_eq!(free_id_from(new_year, |id| taken.contains(&id)), expected);
        }
    }
}
