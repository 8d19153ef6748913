//! Updates.

mod apply;
mod check;

use crate::{
    Bindings,
    error::{Error, Kind},
    operand::Operand,
    path::{Path, Tree},
    value::{Item, Value},
};

/// An `UpdateExpression`.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    actions: Vec<Action>,
}

#[derive(Debug, Clone, PartialEq)]
struct Action {
    path: Path,
    change: Change,
}

#[derive(Debug, Clone, PartialEq)]
enum Change {
    Set(SetValue),
    Remove,
    Add(Value),
    Delete(Value),
}

#[derive(Debug, Clone, PartialEq)]
enum SetValue {
    Operand(Operand),
    Sum(Operand, Operand),
    Difference(Operand, Operand),
}

impl Update {
    /// Parses and checks an update with the names and values of its request.
    ///
    /// # Errors
    /// [`Error::Expression`].
    pub fn parse(text: &str, bindings: &mut Bindings) -> Result<Self, Error> {
        check::parse(text, bindings)
            .map(|actions| Self { actions })
            .map_err(|problem| problem.of(Kind::Update))
    }

    /// The paths that the update writes, in written order. The caller refuses key attributes.
    pub fn targets(&self) -> impl Iterator<Item = &Path> {
        self.actions.iter().map(|action| &action.path)
    }

    /// Changes the item; every action sees it as it was before. After an error it is as it was.
    ///
    /// # Errors
    /// [`Error::UpdatePath`], [`Error::UpdateOperand`], [`Error::UpdateMissing`],
    /// [`Error::TooDeep`], and those of sums. The size of the result is left to the caller.
    pub fn apply(&self, item: &mut Item) -> Result<Changes, Error> {
        *item = apply::apply(&self.actions, item)?;
        Ok(self.changes())
    }

    /// What the update writes, to cut `UPDATED_OLD` and `UPDATED_NEW` out of the item before and
    /// after.
    #[must_use]
    pub fn changes(&self) -> Changes {
        Changes(Tree::new(self.targets()))
    }
}

/// The parts of an item that an update writes.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes(Tree);

impl Changes {
    /// Those parts of the item, each in its place, as a projection would return them.
    #[must_use]
    pub fn project(&self, item: &Item) -> Item {
        self.0.apply(item)
    }
}

#[cfg(test)]
mod tests;
