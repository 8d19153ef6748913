use crate::config::{MAPPING_CONCURRENCY, MAPPING_GROWTH, MAPPING_MAX_CONCURRENCY};
use std::time::Duration;
use types::Timestamp;

/// Time between two steps of growth.
const STEP: Duration = Duration::from_secs(1);

/// How many invocations a mapping may have at once: few at first, more while all are busy, and few
/// again when nothing was left to read.
pub(crate) struct Scale {
    limit: u32,
    max: u32,
    grown: Option<Timestamp>,
    /// Whether an invocation has ended since the last growth: more of what never ends helps nobody.
    ended: bool,
}

impl Scale {
    pub(crate) fn new(max_concurrency: Option<u32>) -> Self {
        let max = max_concurrency.unwrap_or(MAPPING_MAX_CONCURRENCY).max(1);
        Self { limit: MAPPING_CONCURRENCY.min(max), max, grown: None, ended: false }
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit as usize
    }

    /// All are busy at `now`: when one more may begin, or `None` if never more than now.
    pub(crate) fn busy(&mut self, now: Timestamp) -> Option<Timestamp> {
        if self.limit == self.max {
            return None;
        }
        let next = *self.grown.get_or_insert(now) + STEP;
        if now >= next && !self.ended {
            return Some(now + STEP);
        }
        if now >= next {
            self.ended = false;
            self.limit = self.limit.saturating_add(MAPPING_GROWTH).min(self.max);
            self.grown = Some(now);
            return Some(now);
        }
        Some(next)
    }

    /// An invocation has ended.
    pub(crate) fn ended(&mut self) {
        self.ended = true;
    }

    /// There was nothing to read.
    pub(crate) fn idle(&mut self) {
        self.limit = MAPPING_CONCURRENCY.min(self.max);
        self.grown = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_mapping_grows_every_second_and_an_idle_one_begins_anew() {
        let at = Timestamp::from_secs;
        let mut scale = Scale::new(None);
        assert_eq!((scale.limit(), scale.busy(at(10))), (5, Some(at(11))));
        scale.ended();
        assert_eq!((scale.busy(at(11)), scale.limit()), (Some(at(11)), 10));
        assert_eq!((scale.busy(at(11)), scale.limit()), (Some(at(12)), 10));
        scale.idle();
        assert_eq!(scale.limit(), 5);
    }

    #[test]
    fn a_mapping_does_not_grow_while_nothing_ends() {
        let at = Timestamp::from_secs;
        let mut scale = Scale::new(None);
        scale.busy(at(10));
        assert_eq!((scale.busy(at(20)), scale.limit()), (Some(at(21)), 5));
        scale.ended();
        assert_eq!((scale.busy(at(21)), scale.limit()), (Some(at(21)), 10));
    }

    #[test]
    fn a_mapping_never_exceeds_its_maximum() {
        let mut scale = Scale::new(Some(2));
        assert_eq!((scale.limit(), scale.busy(Timestamp::from_secs(10))), (2, None));
        let mut scale = Scale::new(Some(7));
        scale.busy(Timestamp::from_secs(10));
        scale.ended();
        scale.busy(Timestamp::from_secs(11));
        assert_eq!(scale.limit(), 7);
    }
}
