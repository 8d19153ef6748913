//! Series that are labelled with the names of functions.

use super::{Metrics, OTHER};
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

/// The series of each function: of as many as there is room for by their names, and of all further
/// ones together, as [`OTHER`].
pub struct ByFunction<T> {
    limit: usize,
    make: Box<dyn Fn(&str) -> T + Send + Sync>,
    remove: Box<dyn Fn(&str) + Send + Sync>,
    known: RwLock<HashMap<String, T>>,
    other: OnceLock<T>,
}

/// What [`Metrics`] does with them, whatever their series are.
pub(super) trait Named: Send + Sync {
    fn add_names(&self, names: &mut BTreeSet<String>);
    fn forget(&self, name: &str);
}

impl<T: Clone> ByFunction<T> {
    fn new(
        limit: usize,
        make: impl Fn(&str) -> T + Send + Sync + 'static,
        remove: impl Fn(&str) + Send + Sync + 'static,
    ) -> Self {
        let (known, other) = (RwLock::default(), OnceLock::new());
        Self { limit, make: Box::new(make), remove: Box::new(remove), known, other }
    }

    /// The series of a function, or [`OTHER`]'s. Waits for nothing but the first use of a function
    /// that gets its own.
    pub fn of(&self, function: &str) -> T {
        let known = self.read();
        if let Some(series) = known.get(function) {
            return series.clone();
        }
        let is_full = known.len() >= self.limit;
        drop(known);
        if is_full { self.other() } else { self.add(function) }
    }

    fn add(&self, function: &str) -> T {
        let mut known = self.write();
        // Others have been added meanwhile, or this one.
        if known.len() >= self.limit && !known.contains_key(function) {
            drop(known);
            return self.other();
        }
        known.entry(function.to_owned()).or_insert_with(|| (self.make)(function)).clone()
    }

    fn other(&self) -> T {
        self.other.get_or_init(|| (self.make)(OTHER)).clone()
    }

    /// All series that were made and not forgotten.
    pub fn all(&self) -> Vec<T> {
        let mut all: Vec<T> = self.read().values().cloned().collect();
        all.extend(self.other.get().cloned());
        all
    }
}

impl<T> ByFunction<T> {
    // The map is whole between any two of its operations.
    fn read(&self) -> RwLockReadGuard<'_, HashMap<String, T>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<String, T>> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Send + Sync> Named for ByFunction<T> {
    fn add_names(&self, names: &mut BTreeSet<String>) {
        names.extend(self.read().keys().cloned());
    }

    fn forget(&self, name: &str) {
        let mut known = self.write();
        // Under the lock: the next use makes them anew.
        if known.remove(name).is_some() {
            (self.remove)(name);
        }
    }
}

impl Metrics {
    /// Series by the names of functions, at most `limit` names. `make` makes those of one name in
    /// their families, and `remove` removes them from there.
    #[must_use]
    pub fn by_function<T: Clone + Send + Sync + 'static>(
        &self,
        limit: usize,
        make: impl Fn(&str) -> T + Send + Sync + 'static,
        remove: impl Fn(&str) + Send + Sync + 'static,
    ) -> Arc<ByFunction<T>> {
        let made = Arc::new(ByFunction::new(limit, make, remove));
        self.by_function.write().unwrap_or_else(PoisonError::into_inner).push(made.clone());
        made
    }

    /// The functions that have series of their own.
    #[must_use]
    pub fn functions(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for series in self.by_function.read().unwrap_or_else(PoisonError::into_inner).iter() {
            series.add_names(&mut names);
        }
        names
    }

    /// Forgets a function that is no more, which makes room for another.
    pub fn forget_function(&self, name: &str) {
        for series in self.by_function.read().unwrap_or_else(PoisonError::into_inner).iter() {
            series.forget(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::IntCounter;
    use std::{sync::mpsc, thread, time::Duration};

    fn calls(metrics: &Metrics, limit: usize) -> Arc<ByFunction<IntCounter>> {
        let calls = metrics.counter("calls_total", "Calls.", &["function"]);
        let family = calls.clone();
        let remove = move |name: &str| drop(family.remove_label_values(&[name]));
        metrics.by_function(limit, move |name| calls.with_label_values(&[name]), remove)
    }

    fn shown(metrics: &Metrics) -> Vec<String> {
        let text = metrics.text();
        text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
    }

    #[test]
    fn functions_beyond_the_bound_share_their_series_until_there_is_room() {
        let metrics = Metrics::default();
        let calls = calls(&metrics, 2);
        for name in ["a", "b", "c", "d", "a"] {
            calls.of(name).inc();
        }
        let [a, b, other] =
            ["a", "b", OTHER].map(|name| format!("calls_total{{function=\"{name}\"}}"));
        assert_eq!(shown(&metrics), [format!("{other} 2"), format!("{a} 2"), format!("{b} 1")]);
        assert_eq!(metrics.functions().into_iter().collect::<Vec<_>>(), ["a", "b"]);

        metrics.forget_function("a");
        metrics.forget_function("c");
        calls.of("c").inc();
        calls.of("a").inc();
        let c = "calls_total{function=\"c\"} 1".to_owned();
        assert_eq!(shown(&metrics), [format!("{other} 3"), format!("{b} 1"), c]);
        assert_eq!(calls.all().len(), 3);
    }

    #[test]
    fn a_function_beyond_the_bound_waits_for_nobody_who_reads() {
        let metrics = Metrics::default();
        let calls = calls(&metrics, 1);
        calls.of("a");
        let reader = calls.read();
        let (counted, told) = mpsc::channel();
        let other = calls.clone();
        thread::spawn(move || counted.send(other.of("b").get()));
        assert_eq!(told.recv_timeout(Duration::from_secs(300)), Ok(0));
        drop(reader);
    }
}
