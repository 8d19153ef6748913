//! Which resource needs which.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, Position, Result};

/// The resources of a stack and the order that their references force. It has no cycle.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Graph {
    needs: BTreeMap<String, BTreeSet<String>>,
    needed_by: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    /// Builds a graph from what each resource needs.
    ///
    /// # Errors
    /// The resources that need one another in a circle, in CloudFormation's words.
    pub(crate) fn new(
        needs: BTreeMap<String, BTreeSet<String>>,
        place: impl Fn(&str) -> Option<Position>,
    ) -> Result<Self> {
        let mut needed_by: BTreeMap<String, BTreeSet<String>> =
            needs.keys().map(|id| (id.clone(), BTreeSet::new())).collect();
        for (id, needed) in &needs {
            for other in needed {
                needed_by.entry(other.clone()).or_default().insert(id.clone());
            }
        }
        let graph = Self { needs, needed_by };
        let circle = graph.circle();
        let Some(first) = circle.first() else { return Ok(graph) };
        let message = format!("Circular dependency between resources: [{}]", circle.join(", "));
        Err(Error { at: place(first), ..Error::value(message) })
    }

    /// The logical ids of all resources.
    pub fn resources(&self) -> impl Iterator<Item = &str> {
        self.needs.keys().map(String::as_str)
    }

    /// The resources that must exist before this one is created.
    pub fn needs(&self, id: &str) -> impl Iterator<Item = &str> {
        self.needs.get(id).into_iter().flatten().map(String::as_str)
    }

    /// The resources that must be gone before this one is deleted.
    pub fn needed_by(&self, id: &str) -> impl Iterator<Item = &str> {
        self.needed_by.get(id).into_iter().flatten().map(String::as_str)
    }

    /// The resources in an order in which each follows all that it needs.
    pub fn order(&self) -> Vec<&str> {
        let mut missing: BTreeMap<&str, usize> =
            self.needs.iter().map(|(id, needs)| (id.as_str(), needs.len())).collect();
        let mut ready: BTreeSet<&str> =
            missing.iter().filter(|(_, count)| **count == 0).map(|(id, _)| *id).collect();
        let mut order = Vec::with_capacity(missing.len());
        while let Some(id) = ready.pop_first() {
            order.push(id);
            for dependent in self.needed_by(id) {
                if let Some(count) = missing.get_mut(dependent) {
                    *count -= 1;
                    if *count == 0 {
                        ready.insert(dependent);
                    }
                }
            }
        }
        order
    }

    /// What stays when resources that need nothing, and then those that nothing needs, are taken away.
    fn circle(&self) -> Vec<&str> {
        let ordered: BTreeSet<&str> = self.order().into_iter().collect();
        let mut left: BTreeSet<&str> =
            self.resources().filter(|id| !ordered.contains(id)).collect();
        loop {
            let ends: Vec<&str> = left
                .iter()
                .copied()
                .filter(|id| !self.needed_by(id).any(|other| left.contains(other)))
                .collect();
            if ends.is_empty() {
                return left.into_iter().collect();
            }
            ends.iter().for_each(|id| {
                left.remove(id);
            });
        }
    }
}
