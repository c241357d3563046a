//! How large the batches are, and how fast they follow each other.

use std::ops::RangeInclusive;
use std::time::Duration;

/// Modest: nothing is known of the table yet, and what fits comes within a few doublings.
const FIRST: u64 = 1_000;

/// What one batch may change the size by: a single slow one, as during a checkpoint, says little about the next.
const MOST_CHANGE: f64 = 2.0;

/// The size of the next batch, found by how long those before it took.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    pub(crate) target: Duration,
    pub(crate) pause: Duration,
    sizes: RangeInclusive<u64>,
    size: u64,
}

impl Default for Pace {
    fn default() -> Self {
        let (target, pause) = (Duration::from_secs(1), Duration::ZERO);
        Self { target, pause, sizes: 1..=u64::MAX, size: FIRST }.within(100..=100_000)
    }
}

impl Pace {
    /// The same pace within other limits.
    pub(crate) fn within(self, sizes: RangeInclusive<u64>) -> Self {
        // A size of none would end the work before it began, and the server counts with a sign.
        let least = (*sizes.start()).clamp(1, i64::MAX.unsigned_abs());
        let most = (*sizes.end()).clamp(least, i64::MAX.unsigned_abs());
        Self { size: FIRST.clamp(least, most), sizes: least..=most, ..self }
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Takes note of a batch that was done in `elapsed`.
    pub(crate) fn done(&mut self, elapsed: Duration) {
        let factor = self.target.as_secs_f64() / elapsed.as_secs_f64().max(1e-6);
        self.change(factor.clamp(1.0 / MOST_CHANGE, MOST_CHANGE));
    }

    /// Takes note of a batch that somebody's locks were in the way of: a smaller one meets fewer of them.
    pub(crate) fn locked_out(&mut self) {
        self.change(1.0 / MOST_CHANGE);
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a size need not be exact, and the limits hold in any case"
    )]
    fn change(&mut self, factor: f64) {
        self.size = ((self.size as f64 * factor) as u64).clamp(*self.sizes.start(), *self.sizes.end());
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Pace;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn the_size_goes_to_where_a_batch_takes_the_target() {
        // A server that does 20,000 rows a second.
        let mut pace = Pace::default();
        for _ in 0..8 {
            pace.done(MS(pace.size() / 20));
        }
        assert_eq!(pace.size(), 20_000);
        // It becomes ten times slower.
        for _ in 0..8 {
            pace.done(MS(pace.size() / 2));
        }
        assert_eq!(pace.size(), 2_000);
    }

    #[test]
    fn one_batch_changes_the_size_twofold_at_most_and_never_past_the_limits() {
        let mut pace = Pace::default().within(400..=3_000);
        let mut sizes = vec![pace.size()];
        for elapsed in [MS(0), MS(1), MS(1), MS(60_000), MS(60_000), MS(60_000)] {
            pace.done(elapsed);
            sizes.push(pace.size());
        }
        assert_eq!(sizes, [1_000, 2_000, 3_000, 3_000, 1_500, 750, 400]);
        pace.locked_out();
        assert_eq!(pace.size(), 400);
    }

    #[test]
    fn limits_that_cannot_be_are_mended() {
        assert_eq!(Pace::default().within(0..=0).size(), 1);
        let [least, most] = [5_000, 10];
        assert_eq!(Pace::default().within(least..=most).size(), 5_000);
        assert_eq!(Pace::default().within(u64::MAX..=u64::MAX).size(), i64::MAX.unsigned_abs());
    }
}
