//! Document paths: `a.b[0].c` with its names resolved.

use crate::{
    error::Problem,
    value::{Item, Value},
};
use std::{
    collections::BTreeMap,
    fmt,
    iter::{once, zip},
};

/// One step of a path below its attribute.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Element {
    /// A member of a map.
    Name(String),
    /// A member of a list.
    Index(u32),
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Index(index) => write!(f, "[{index}]"),
        }
    }
}

/// A path into an item: an attribute, and the way into its lists and maps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    pub(crate) attribute: String,
    pub(crate) rest: Vec<Element>,
}

impl Path {
    /// The name of the attribute it starts at.
    #[must_use]
    pub fn attribute(&self) -> &str {
        &self.attribute
    }

    /// The steps below the attribute; none for a path that is a plain attribute.
    #[must_use]
    pub fn rest(&self) -> &[Element] {
        &self.rest
    }

    /// How many steps it has, the attribute included.
    pub(crate) fn levels(&self) -> usize {
        1 + self.rest.len()
    }

    /// What an item holds there.
    #[must_use]
    pub fn get<'i>(&self, item: &'i Item) -> Option<&'i Value> {
        self.rest.iter().try_fold(item.get(&self.attribute)?, |value, element| {
            match (value, element) {
                (Value::M(map), Element::Name(name)) => map.get(name),
                (Value::L(list), Element::Index(index)) => list.get(*index as usize),
                _ => None,
            }
        })
    }

    /// The steps with the attribute as the first.
    fn elements(&self) -> impl Iterator<Item = ElementRef<'_>> {
        once(ElementRef::Name(&self.attribute)).chain(self.rest.iter().map(
            |element| match element {
                Element::Name(name) => ElementRef::Name(name),
                Element::Index(index) => ElementRef::Index(*index),
            },
        ))
    }

    /// Whether the two can not be used side by side: one contains the other, or they disagree about
    /// what is a list and what a map.
    fn clash(&self, other: &Self) -> Option<Clash> {
        for pair in zip(self.elements(), other.elements()) {
            match pair {
                (ElementRef::Name(_), ElementRef::Index(_))
                | (ElementRef::Index(_), ElementRef::Name(_)) => return Some(Clash::Conflict),
                (a, b) if a != b => return None,
                _ => {}
            }
        }
        Some(Clash::Overlap)
    }
}

/// As errors print it: `[a, [1], b]`.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}", self.attribute)?;
        for element in &self.rest {
            write!(f, ", {element}")?;
        }
        f.write_str("]")
    }
}

#[derive(PartialEq)]
enum ElementRef<'p> {
    Name(&'p str),
    Index(u32),
}

#[derive(PartialEq)]
enum Clash {
    Overlap,
    Conflict,
}

/// Refuses paths of which one contains another; then paths that disagree about a type.
pub(crate) fn check_disjoint(paths: &[&Path]) -> Result<(), Problem> {
    let mut conflict = None;
    for (at, two) in paths.iter().enumerate() {
        for one in &paths[..at] {
            let (first, second) = (one.to_string(), two.to_string());
            match one.clash(two) {
                Some(Clash::Overlap) => {
                    return Err(Problem::PathsOverlap { one: first, two: second });
                }
                Some(Clash::Conflict) if conflict.is_none() => {
                    conflict = Some(Problem::PathsConflict { one: first, two: second });
                }
                _ => {}
            }
        }
    }
    conflict.map_or(Ok(()), Err)
}

/// A set of disjoint paths as a tree, to cut what they name out of items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tree {
    /// Empty where a path ends: everything below belongs to it.
    children: BTreeMap<Element, Tree>,
}

impl Tree {
    pub(crate) fn new<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Self {
        let mut root = Self::default();
        for path in paths {
            let attribute = Element::Name(path.attribute.clone());
            once(&attribute)
                .chain(&path.rest)
                .fold(&mut root, |node, element| node.children.entry(element.clone()).or_default());
        }
        root
    }

    /// The named parts of an item, in their place; list members close up.
    pub(crate) fn apply(&self, item: &Item) -> Item {
        self.children
            .iter()
            .filter_map(|(element, child)| {
                let Element::Name(name) = element else { return None };
                Some((name.clone(), child.cut(item.get(name)?)?))
            })
            .collect()
    }

    fn cut(&self, value: &Value) -> Option<Value> {
        if self.children.is_empty() {
            return Some(value.clone());
        }
        match value {
            Value::M(map) => {
                let map = self.apply(map);
                (!map.is_empty()).then_some(Value::M(map))
            }
            Value::L(list) => {
                let members = self.children.iter().filter_map(|(element, child)| {
                    let Element::Index(index) = element else { return None };
                    child.cut(list.get(*index as usize)?)
                });
                let list: Vec<_> = members.collect();
                (!list.is_empty()).then_some(Value::L(list))
            }
            _ => None,
        }
    }
}
