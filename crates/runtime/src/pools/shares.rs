//! How many invocations each function runs, and who may run one more.

use crate::{InvokeError, Share};
use std::{collections::HashMap, time::Duration};
use types::Timestamp;

/// For how long, at least and at most, a function that was refused keeps others from running more
/// than their part. Whoever tries again later and later is waited for longer and longer.
const HUNGER: Duration = Duration::from_secs(5);
const HUNGER_MAX: Duration = Duration::from_secs(10 * 60);

#[derive(Default)]
pub(super) struct Shares {
    /// What functions run that have a share of their own.
    own: HashMap<String, usize>,
    /// What all others run.
    common: HashMap<String, usize>,
    in_common: usize,
    /// Those of the others that were refused while they ran less than their part.
    hungry: HashMap<String, Hunger>,
}

struct Hunger {
    since: Timestamp,
    until: Timestamp,
}

impl Shares {
    /// Whether a function may run one more invocation.
    pub(super) fn check(
        &mut self,
        function: &str,
        share: Share,
        now: Timestamp,
    ) -> Result<(), InvokeError> {
        match share {
            Share::Own(limit) if count(&self.own, function) >= limit as usize => {
                Err(InvokeError::Throttled { limit })
            }
            Share::Own(_) => Ok(()),
            Share::Common(limit) => self.check_common(function, limit, now),
        }
    }

    /// One function may have all, until others want some: then none takes more than an equal part.
    fn check_common(
        &mut self,
        function: &str,
        limit: usize,
        now: Timestamp,
    ) -> Result<(), InvokeError> {
        self.hungry.retain(|_, hunger| now < hunger.until);
        let is_free = self.in_common < limit;
        if is_free && self.hungry.is_empty() {
            return Ok(());
        }
        let is_within = count(&self.common, function) < self.part(function, limit);
        let is_wanted = self.hungry.keys().any(|hungry| hungry != function);
        if is_free && (is_within || !is_wanted) {
            self.hungry.remove(function);
            return Ok(());
        }
        if is_within {
            let since = self.hungry.get(function).map_or(now, |hunger| hunger.since);
            let until = now + (now.since(since) * 2).clamp(HUNGER, HUNGER_MAX);
            self.hungry.insert(function.to_owned(), Hunger { since, until });
        }
        Err(InvokeError::Capacity { limit })
    }

    /// The equal part of everyone who runs something or wants to.
    fn part(&self, function: &str, limit: usize) -> usize {
        let wanting = self.hungry.keys().map(String::as_str).chain([function]);
        let mut idle: Vec<_> = wanting.filter(|name| !self.common.contains_key(*name)).collect();
        idle.sort_unstable();
        idle.dedup();
        (limit / (self.common.len() + idle.len())).max(1)
    }

    /// Counts an invocation.
    pub(super) fn take(&mut self, function: &str, share: Share) {
        match share {
            Share::Own(_) => *self.own.entry(function.to_owned()).or_default() += 1,
            Share::Common(_) => {
                *self.common.entry(function.to_owned()).or_default() += 1;
                self.in_common += 1;
            }
        }
    }

    /// Counts it no more.
    pub(super) fn free(&mut self, function: &str, share: Share) {
        let counts = match share {
            Share::Own(_) => &mut self.own,
            Share::Common(_) => {
                self.in_common -= 1;
                &mut self.common
            }
        };
        if let Some(busy) = counts.get_mut(function) {
            *busy -= 1;
            if *busy == 0 {
                counts.remove(function);
            }
        }
    }
}

fn count(counts: &HashMap<String, usize>, function: &str) -> usize {
    counts.get(function).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Share = Share::Common(10);

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_secs(seconds)
    }

    /// Runs one more if it may.
    fn run(shares: &mut Shares, function: &str, seconds: u64) -> bool {
        let may = shares.check(function, ALL, at(seconds)).is_ok();
        if may {
            shares.take(function, ALL);
        }
        may
    }

    fn fill(shares: &mut Shares, function: &str, seconds: u64) -> usize {
        (0..20).take_while(|_| run(shares, function, seconds)).count()
    }

    #[test]
    fn one_function_may_have_all_when_nobody_else_wants_any() {
        let mut shares = Shares::default();
        assert_eq!(fill(&mut shares, "busy", 0), 10);
        shares.free("busy", ALL);
        assert!(run(&mut shares, "busy", 0));
    }

    #[test]
    fn what_becomes_free_is_left_to_who_was_refused() {
        let mut shares = Shares::default();
        fill(&mut shares, "busy", 0);
        assert!(!run(&mut shares, "late", 0));
        shares.free("busy", ALL);
        assert!(!run(&mut shares, "busy", 1), "it has more than its part");
        assert!(run(&mut shares, "late", 1));
        shares.free("late", ALL);
        assert!(run(&mut shares, "busy", 1), "nobody wants it any more");
    }

    #[test]
    fn who_tries_again_later_and_later_gets_its_turn() {
        let mut shares = Shares::default();
        fill(&mut shares, "busy", 0);
        for seconds in [0, 1, 3, 7, 15] {
            assert!(!run(&mut shares, "late", seconds));
        }
        shares.free("busy", ALL);
        assert!(!run(&mut shares, "busy", 30));
        assert!(run(&mut shares, "late", 31));
    }

    #[test]
    fn who_does_not_come_back_is_forgotten() {
        let mut shares = Shares::default();
        fill(&mut shares, "busy", 0);
        assert!(!run(&mut shares, "late", 0));
        shares.free("busy", ALL);
        assert!(!run(&mut shares, "busy", 4));
        assert!(run(&mut shares, "busy", 5));
    }

    #[test]
    fn all_who_want_more_than_there_is_end_with_equal_parts() {
        let mut shares = Shares::default();
        fill(&mut shares, "busy", 0);
        let all = ["busy", "second", "third"];
        for seconds in 0..20 {
            for function in all {
                run(&mut shares, function, seconds);
            }
            // One of the busiest function's ends.
            let busiest = all.into_iter().max_by_key(|name| count(&shares.common, name));
            shares.free(busiest.unwrap(), ALL);
        }
        for function in all {
            assert!((2..=4).contains(&count(&shares.common, function)), "{function}");
        }
    }
}
