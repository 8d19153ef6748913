//! Expressions as they are written, before names and values are looked up.

use crate::error::Problem;

/// A path as written: at least one element, the first not an index.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RawPath(pub(crate) Vec<RawElement>);

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RawElement {
    Word(String),
    Placeholder(String),
    Index(String),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RawOperand {
    Path(RawPath),
    Value(String),
    Function(RawFunction),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RawFunction {
    pub(crate) name: String,
    pub(crate) arguments: Vec<RawOperand>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RawCondition {
    And(Vec<RawCondition>),
    Or(Vec<RawCondition>),
    Not(Box<RawCondition>),
    Leaf(RawLeaf),
}

/// A condition without conditions in it: an operator with its operands in written order, or a
/// function.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RawLeaf {
    Operator(Operator, Vec<RawOperand>),
    Function(RawFunction),
}

/// An operator between operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Between,
    In,
}

impl Operator {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Between => "BETWEEN",
            Self::In => "IN",
        }
    }

    pub(crate) fn comparator(text: &str) -> Option<Self> {
        Some(match text {
            "=" => Self::Equal,
            "<>" => Self::NotEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }
}

/// The functions that exist, in any expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    AttributeExists,
    AttributeNotExists,
    AttributeType,
    BeginsWith,
    Contains,
    Size,
    IfNotExists,
    ListAppend,
}

impl Function {
    const ALL: [Self; 8] = [
        Self::AttributeExists,
        Self::AttributeNotExists,
        Self::AttributeType,
        Self::BeginsWith,
        Self::Contains,
        Self::Size,
        Self::IfNotExists,
        Self::ListAppend,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::AttributeExists => "attribute_exists",
            Self::AttributeNotExists => "attribute_not_exists",
            Self::AttributeType => "attribute_type",
            Self::BeginsWith => "begins_with",
            Self::Contains => "contains",
            Self::Size => "size",
            Self::IfNotExists => "if_not_exists",
            Self::ListAppend => "list_append",
        }
    }

    pub(crate) const fn operands(self) -> usize {
        match self {
            Self::AttributeExists | Self::AttributeNotExists | Self::Size => 1,
            _ => 2,
        }
    }

    pub(crate) const fn is_of_updates(self) -> bool {
        matches!(self, Self::IfNotExists | Self::ListAppend)
    }

    /// Names are case-sensitive.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|candidate| candidate.name() == name)
    }
}

/// A clause of an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clause {
    Set,
    Remove,
    Add,
    Delete,
}

impl Clause {
    pub(crate) const ALL: [Self; 4] = [Self::Set, Self::Remove, Self::Add, Self::Delete];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Set => "SET",
            Self::Remove => "REMOVE",
            Self::Add => "ADD",
            Self::Delete => "DELETE",
        }
    }
}

/// One action of an update. `REMOVE` has no value, `ADD` and `DELETE` have a `:value`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RawAction {
    pub(crate) clause: Clause,
    pub(crate) path: RawPath,
    pub(crate) value: Option<RawSetValue>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RawSetValue {
    Operand(RawOperand),
    Sum(RawOperand, RawOperand),
    Difference(RawOperand, RawOperand),
}

impl RawSetValue {
    pub(crate) fn operands(&self) -> impl Iterator<Item = &RawOperand> {
        let (one, two) = match self {
            Self::Operand(one) => (one, None),
            Self::Sum(one, two) | Self::Difference(one, two) => (one, Some(two)),
        };
        std::iter::once(one).chain(two)
    }
}

/// An update as written: its actions, and the clauses in the order in which they start.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RawUpdate {
    pub(crate) sections: Vec<Clause>,
    pub(crate) actions: Vec<RawAction>,
}

impl RawOperand {
    /// Visits every part of the operand, a function before its arguments, and stops at a problem.
    pub(crate) fn visit(
        &self,
        check: &mut impl FnMut(&Self) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        check(self)?;
        match self {
            Self::Function(function) => {
                function.arguments.iter().try_for_each(|argument| argument.visit(check))
            }
            _ => Ok(()),
        }
    }
}
