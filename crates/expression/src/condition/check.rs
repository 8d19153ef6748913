//! What a condition may not say although the grammar lets it.

use super::Leaf;
use crate::{
    error::Problem,
    operand::{Operand, check_count, check_counts, check_function, check_reserved, wrong_type},
    syntax::{Function, Operator, RawCondition, RawFunction, RawLeaf, RawOperand},
    value::{Value, ValueType},
};
use std::cmp::Ordering;

/// The checks of the whole expression, one after the other: functions that do not exist, functions
/// in the wrong place, reserved words.
pub(super) fn before_binding(condition: &RawCondition) -> Result<(), Problem> {
    each_leaf(condition, &mut |leaf| {
        if let RawLeaf::Function(function) = leaf {
            check_function(function, false)?;
        }
        each_operand(leaf, &mut |operand| match operand {
            RawOperand::Function(function) => check_function(function, false),
            _ => Ok(()),
        })
    })?;
    each_leaf(condition, &mut |leaf| {
        // Inside out: what a function is called with is known before the function.
        each_operand(leaf, &mut |operand| match operand {
            RawOperand::Function(inner) if !is_size(inner) => Err(misused(inner)),
            _ => Ok(()),
        })?;
        match leaf {
            RawLeaf::Function(function) if is_size(function) => Err(misused(function)),
            _ => Ok(()),
        }
    })?;
    each_leaf(condition, &mut |leaf| {
        each_operand(leaf, &mut |operand| match operand {
            RawOperand::Path(path) => check_reserved(path),
            _ => Ok(()),
        })
    })
}

fn is_size(function: &RawFunction) -> bool {
    function.name == Function::Size.name()
}

fn misused(function: &RawFunction) -> Problem {
    Problem::MisusedFunction(function.name.clone())
}

fn each_leaf(
    condition: &RawCondition,
    check: &mut impl FnMut(&RawLeaf) -> Result<(), Problem>,
) -> Result<(), Problem> {
    match condition {
        RawCondition::And(parts) | RawCondition::Or(parts) => {
            parts.iter().try_for_each(|part| each_leaf(part, check))
        }
        RawCondition::Not(negated) => each_leaf(negated, check),
        RawCondition::Leaf(leaf) => check(leaf),
    }
}

fn each_operand(
    leaf: &RawLeaf,
    check: &mut impl FnMut(&RawOperand) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let operands = match leaf {
        RawLeaf::Operator(_, operands) => operands,
        RawLeaf::Function(function) => &function.arguments,
    };
    operands.iter().try_for_each(|operand| operand.visit(check))
}

/// The checks of one leaf when its names and values are known: counts, then the same path twice,
/// then types.
pub(super) fn bound(leaf: &Leaf) -> Result<(), Problem> {
    let (name, operands) = match leaf {
        Leaf::Operator(operator, operands) => (operator.text(), operands),
        Leaf::Call(function, arguments) => (function.name(), arguments),
    };
    operands.iter().try_for_each(check_counts)?;
    if let Leaf::Call(function, arguments) = leaf {
        check_count(*function, arguments)?;
    }
    check_distinct(name, operands)?;
    operands.iter().try_for_each(check_types)?;
    match leaf {
        Leaf::Operator(operator, operands) => check_operator(*operator, operands),
        Leaf::Call(function, arguments) => check_call(*function, arguments),
    }
}

fn check_distinct(name: &str, operands: &[Operand]) -> Result<(), Problem> {
    let Some((Operand::Path(first), others)) = operands.split_first() else { return Ok(()) };
    if others.iter().any(|other| matches!(other, Operand::Path(path) if path == first)) {
        return Err(Problem::NotDistinct { operator: name.to_owned(), path: first.to_string() });
    }
    Ok(())
}

fn check_types(operand: &Operand) -> Result<(), Problem> {
    let Operand::Call(function, arguments) = operand else { return Ok(()) };
    arguments.iter().try_for_each(check_types)?;
    check_call(*function, arguments)
}

fn check_operator(operator: Operator, operands: &[Operand]) -> Result<(), Problem> {
    if matches!(operator, Operator::Equal | Operator::NotEqual | Operator::In) {
        return Ok(());
    }
    for operand in operands {
        if let Some(constant) = operand.constant_type().filter(|constant| !constant.is_ordered()) {
            return Err(wrong_type(operator.text(), constant));
        }
    }
    match operands {
        [_, Operand::Value(lower), Operand::Value(upper)] => check_bounds(lower, upper),
        _ => Ok(()),
    }
}

fn check_bounds(lower: &Value, upper: &Value) -> Result<(), Problem> {
    let bounds = || (lower.in_error(), upper.in_error());
    match lower.compare(upper) {
        None => {
            let (lower, upper) = bounds();
            Err(Problem::BetweenTypes { lower, upper })
        }
        Some(Ordering::Greater) => {
            let (lower, upper) = bounds();
            Err(Problem::BetweenOrder { lower, upper })
        }
        Some(_) => Ok(()),
    }
}

/// The types that each function takes. The counts are right already.
fn check_call(function: Function, arguments: &[Operand]) -> Result<(), Problem> {
    let name = function.name();
    let refuse = |operand| Err(wrong_type(name, operand));
    match (function, arguments) {
        (Function::AttributeExists | Function::AttributeNotExists, [argument]) => match argument {
            Operand::Path(_) => Ok(()),
            _ => Err(Problem::PathRequired(name.to_owned())),
        },
        (Function::BeginsWith, both) => {
            let known = both.iter().filter_map(Operand::known_type);
            match known.into_iter().find(|t| !matches!(t, ValueType::S | ValueType::B)) {
                Some(other) => refuse(other),
                None => Ok(()),
            }
        }
        (Function::AttributeType, [_, wanted]) => match wanted {
            Operand::Value(Value::S(key)) => match ValueType::from_key(key) {
                Some(_) => Ok(()),
                None => Err(Problem::UnknownType(key.clone())),
            },
            other => match other.known_type() {
                Some(other) => refuse(other),
                None => Err(Problem::OperandType {
                    function: name.to_owned(),
                    operand: "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}".to_owned(),
                }),
            },
        },
        (Function::Size, [argument]) => match argument.known_type() {
            Some(t @ (ValueType::N | ValueType::Bool | ValueType::Null)) => refuse(t),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}
