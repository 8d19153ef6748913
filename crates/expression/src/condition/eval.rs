use super::{Leaf, Node};
use crate::{
    operand::Operand,
    syntax::{Function, Operator},
    value::{Item, Value},
};
use std::{
    borrow::Cow,
    cmp::Ordering::{Equal, Greater, Less},
};

impl Node {
    pub(super) fn eval(&self, item: &Item) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.eval(item)),
            Self::Or(parts) => parts.iter().any(|part| part.eval(item)),
            Self::Not(negated) => !negated.eval(item),
            Self::Leaf(Leaf::Operator(operator, operands)) => compare(*operator, operands, item),
            Self::Leaf(Leaf::Call(function, arguments)) => call(*function, arguments, item),
        }
    }
}

/// An attribute that is not there equals nothing, not even another one, and has no order.
fn compare(operator: Operator, operands: &[Operand], item: &Item) -> bool {
    let worth = |at: usize| operands.get(at).and_then(|operand| operand.resolve(item));
    let left = worth(0);
    let equal = |right: Option<Cow<'_, Value>>| left.is_some() && left == right;
    let order = |right: Option<Cow<'_, Value>>| left.as_deref()?.compare(right.as_deref()?);
    match operator {
        Operator::Equal => equal(worth(1)),
        Operator::NotEqual => !equal(worth(1)),
        Operator::Less => order(worth(1)) == Some(Less),
        Operator::LessOrEqual => matches!(order(worth(1)), Some(Less | Equal)),
        Operator::Greater => order(worth(1)) == Some(Greater),
        Operator::GreaterOrEqual => matches!(order(worth(1)), Some(Greater | Equal)),
        Operator::Between => {
            matches!(order(worth(1)), Some(Greater | Equal))
                && matches!(order(worth(2)), Some(Less | Equal))
        }
        Operator::In => (1..operands.len()).any(|at| equal(worth(at))),
    }
}

fn call(function: Function, arguments: &[Operand], item: &Item) -> bool {
    let worth = |at: usize| arguments.get(at).and_then(|operand| operand.resolve(item));
    let first = worth(0);
    let pair = || Some((first.clone()?, worth(1)?));
    match function {
        Function::AttributeExists => first.is_some(),
        Function::AttributeNotExists => first.is_none(),
        Function::AttributeType => pair().is_some_and(
            |(value, wanted)| matches!(&*wanted, Value::S(key) if value.value_type().key() == key),
        ),
        Function::BeginsWith => pair().is_some_and(|(value, start)| match (&*value, &*start) {
            (Value::S(text), Value::S(start)) => text.starts_with(start.as_str()),
            (Value::B(bytes), Value::B(start)) => bytes.starts_with(start),
            _ => false,
        }),
        Function::Contains => pair().is_some_and(|(value, part)| contains(&value, &part)),
        Function::Size | Function::IfNotExists | Function::ListAppend => false,
    }
}

/// A part of a text or of bytes, a member of a set or of a list.
fn contains(value: &Value, part: &Value) -> bool {
    match (value, part) {
        (Value::S(text), Value::S(part)) => text.contains(part.as_str()),
        (Value::B(bytes), Value::B(part)) => {
            part.is_empty() || bytes.windows(part.len()).any(|window| window == part)
        }
        (Value::Ss(set), Value::S(member)) => set.contains(member),
        (Value::Ns(set), Value::N(member)) => set.contains(member),
        (Value::Bs(set), Value::B(member)) => set.contains(member),
        (Value::L(list), member) => list.contains(member),
        _ => false,
    }
}
