//! Conditions and filters.

mod check;
mod eval;

use crate::{
    Bindings,
    error::{Error, Kind, Problem},
    operand::{Operand, bind_function, bind_operand},
    parser,
    path::Path,
    syntax::{Function, Operator, RawCondition, RawLeaf},
    value::Item,
};

/// A condition that an item meets or not: a `ConditionExpression` or `FilterExpression`.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition(Node);

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Leaf(Leaf),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Leaf {
    Operator(Operator, Vec<Operand>),
    Call(Function, Vec<Operand>),
}

impl Condition {
    /// Parses and checks a condition with the names and values of its request.
    ///
    /// # Errors
    /// [`Error::Expression`], for the parameter that `kind` names.
    pub fn parse(text: &str, kind: Kind, bindings: &mut Bindings) -> Result<Self, Error> {
        parse(text, bindings).map(Self).map_err(|problem| problem.of(kind))
    }

    /// Whether the item meets the condition. An item that does not exist is an empty one.
    #[must_use]
    pub fn eval(&self, item: &Item) -> bool {
        self.0.eval(item)
    }

    /// Every path that the condition reads, in written order.
    #[must_use]
    pub fn paths(&self) -> Vec<&Path> {
        let mut paths = Vec::new();
        self.0.paths(&mut paths);
        paths
    }
}

/// The checks run in DynamoDB's order: over the whole expression first, then leaf by leaf.
pub(crate) fn parse(text: &str, bindings: &mut Bindings) -> Result<Node, Problem> {
    let parsed = parser::condition(text)?;
    if parsed.redundant {
        return Err(Problem::RedundantParentheses);
    }
    check::before_binding(&parsed.condition)?;
    bind(&parsed.condition, bindings)
}

fn bind(condition: &RawCondition, bindings: &mut Bindings) -> Result<Node, Problem> {
    let bind_all = |parts: &[RawCondition], bindings: &mut Bindings| {
        parts.iter().map(|part| bind(part, bindings)).collect::<Result<_, _>>()
    };
    Ok(match condition {
        RawCondition::And(parts) => Node::And(bind_all(parts, bindings)?),
        RawCondition::Or(parts) => Node::Or(bind_all(parts, bindings)?),
        RawCondition::Not(negated) => Node::Not(Box::new(bind(negated, bindings)?)),
        RawCondition::Leaf(leaf) => {
            let leaf = match leaf {
                RawLeaf::Operator(operator, operands) => {
                    let bind = |operand| bind_operand(operand, bindings);
                    let operands = operands.iter().map(bind).collect::<Result<_, _>>()?;
                    Leaf::Operator(*operator, operands)
                }
                RawLeaf::Function(function) => {
                    let (function, arguments) = bind_function(function, bindings)?;
                    Leaf::Call(function, arguments)
                }
            };
            check::bound(&leaf)?;
            Node::Leaf(leaf)
        }
    })
}

impl Node {
    fn paths<'n>(&'n self, paths: &mut Vec<&'n Path>) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.paths(paths)),
            Self::Not(negated) => negated.paths(paths),
            Self::Leaf(Leaf::Operator(_, operands) | Leaf::Call(_, operands)) => {
                operands.iter().for_each(|operand| operand.paths(paths));
            }
        }
    }
}

#[cfg(test)]
mod tests;
