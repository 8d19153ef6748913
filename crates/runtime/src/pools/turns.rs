//! Who may start an instance now: so many at once, and the functions that wait in turn, so that a
//! burst of one does not keep another's first instance waiting.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;

/// The turns of a node. There are never more who wait than instances that it may have.
pub(super) struct Turns(Mutex<State>);

struct State {
    free: usize,
    /// The functions whose turn it is next first, and who waits of each.
    waiting: VecDeque<(String, VecDeque<oneshot::Sender<Turn>>)>,
}

/// The right to start an instance, handed on when dropped.
pub(super) struct Turn(Option<Arc<Turns>>);

impl Turns {
    /// So many turns at once; at least one.
    pub(super) fn new(at_once: usize) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State { free: at_once.max(1), waiting: VecDeque::new() })))
    }

    /// Waits for a turn.
    pub(super) async fn take(self: &Arc<Self>, function: &str) -> Turn {
        let receiver = {
            let mut state = self.state();
            if state.free > 0 {
                state.free -= 1;
                return Turn(Some(self.clone()));
            }
            let (sender, receiver) = oneshot::channel();
            match state.waiting.iter_mut().find(|(name, _)| name == function) {
                Some((_, queue)) => {
                    // Those that an instance which became free has served wait no longer.
                    queue.retain(|sender| !sender.is_closed());
                    queue.push_back(sender);
                }
                None => state.waiting.push_back((function.to_owned(), [sender].into())),
            }
            receiver
        };
        receiver.await.expect("who waits is dropped only with its turn")
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Who is next; without anybody the turn is free.
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        let Some((function, mut queue)) = self.waiting.pop_front() else {
            self.free += 1;
            return None;
        };
        let next = queue.pop_front();
        if !queue.is_empty() {
            self.waiting.push_back((function, queue));
        }
        next
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(turns) = self.0.take() else { return };
        let mut turn = Self(Some(turns.clone()));
        loop {
            let Some(next) = turns.state().next() else {
                turn.0 = None;
                return;
            };
            match next.send(turn) {
                Ok(()) => return,
                // Who waited has gone away.
                Err(back) => turn = back,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{FutureExt, future::join_all};
    use std::sync::Mutex as StdMutex;

    #[tokio::test]
    async fn functions_that_wait_take_turns() {
        let (turns, order) = (Turns::new(1), StdMutex::new(Vec::new()));
        let first = turns.take("burst").await;
        let start = |function: &'static str| {
            let (turns, order) = (&turns, &order);
            async move {
                let _turn = turns.take(function).await;
                order.lock().unwrap().push(function);
            }
        };
        let waiting = join_all(["burst", "burst", "burst", "other"].map(start));
        tokio::join!(waiting, async { drop(first) });
        assert_eq!(*order.lock().unwrap(), ["burst", "other", "burst", "burst"]);
        assert!(turns.take("burst").now_or_never().is_some());
    }

    #[tokio::test]
    async fn who_goes_away_while_it_waits_keeps_no_turn() {
        let turns = Turns::new(1);
        let first = turns.take("a").await;
        for _ in 0..3 {
            assert!(turns.take("a").now_or_never().is_none());
        }
        assert_eq!(turns.state().waiting[0].1.len(), 1, "the others are not remembered");
        drop(first);
        assert!(turns.take("b").now_or_never().is_some());
        assert!(turns.take("b").now_or_never().is_some());
    }
}
