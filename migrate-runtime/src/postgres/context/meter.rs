//! How long the rest of some work will take.

use std::time::{Duration, Instant};

/// Measures a work from the first number that it is given.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Meter {
    begun: Option<Begun>,
}

#[derive(Clone, Copy, Debug)]
struct Begun {
    at: Instant,
    first: u64,
    last: u64,
    total: Option<u64>,
}

impl Meter {
    /// Since when the work is under way, and how long the rest will take. A number that is lower than the last, or another
    /// total, is that of another work.
    pub(crate) fn read(&mut self, now: Instant, done: u64, total: Option<u64>) -> (Duration, Option<Duration>) {
        let begun = match self.begun {
            Some(begun) if begun.last <= done && begun.total == total => Begun { last: done, ..begun },
            _ => Begun { at: now, first: done, last: done, total },
        };
        self.begun = Some(begun);
        let elapsed = now.saturating_duration_since(begun.at);
        (elapsed, total.and_then(|total| left(elapsed, done - begun.first, total.saturating_sub(done))))
    }
}

#[expect(clippy::cast_precision_loss, reason = "an estimate need not be exact")]
fn left(elapsed: Duration, gained: u64, missing: u64) -> Option<Duration> {
    match (gained, missing) {
        (_, 0) => Some(Duration::ZERO),
        (0, _) => None,
        _ => Duration::try_from_secs_f64(elapsed.as_secs_f64() * missing as f64 / gained as f64).ok(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Meter;

    #[test]
    fn the_rest_is_estimated_by_what_this_run_has_done() {
        let (mut meter, start) = (Meter::default(), Instant::now());
        let mut read = |seconds, done, total| {
            let (elapsed, left) = meter.read(start + Duration::from_secs(seconds), done, total);
            (elapsed.as_secs(), left.map(|left| left.as_secs()))
        };
        // An earlier run has done 500 of 1,000.
        assert_eq!(read(0, 500, Some(1_000)), (0, None));
        assert_eq!(read(10, 600, Some(1_000)), (10, Some(40)));
        assert_eq!(read(50, 1_000, Some(1_000)), (50, Some(0)));
        assert_eq!(read(51, 1_001, Some(1_000)), (51, Some(0)));
        // Another work.
        assert_eq!(read(60, 0, Some(10)), (0, None));
        assert_eq!(read(61, 5, Some(10)), (1, Some(1)));
        assert_eq!(read(70, 6, None), (0, None));
        assert_eq!(read(71, 7, None), (1, None));
    }
}
