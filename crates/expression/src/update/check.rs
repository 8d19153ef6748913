//! From the written update to its actions, with DynamoDB's checks in DynamoDB's order.

use super::{Action, Change, SetValue};
use crate::{
    Bindings,
    error::Problem,
    operand::{
        Operand, bind_operand, bind_path, check_counts, check_function, check_reserved, wrong_type,
    },
    parser,
    path::{Path, check_disjoint},
    syntax::{Clause, Function, RawAction, RawOperand, RawSetValue, RawUpdate},
    value::{Value, ValueType},
};

pub(super) fn parse(text: &str, bindings: &mut Bindings) -> Result<Vec<Action>, Problem> {
    let raw = parser::update(text)?;
    before_binding(&raw)?;
    let actions = raw
        .actions
        .iter()
        .map(|action| bind(action, bindings))
        .collect::<Result<Vec<_>, Problem>>()?;
    let targets: Vec<&Path> = actions.iter().map(|action| &action.path).collect();
    check_disjoint(&targets)?;
    actions.iter().try_for_each(check_clause)?;
    actions.iter().try_for_each(check_set)?;
    Ok(actions)
}

fn before_binding(update: &RawUpdate) -> Result<(), Problem> {
    each_operand(
        update,
        |action| check_reserved(&action.path),
        |operand| match operand {
            RawOperand::Path(path) => check_reserved(path),
            _ => Ok(()),
        },
    )?;
    each_operand(
        update,
        |_| Ok(()),
        |operand| match operand {
            RawOperand::Function(function) => check_function(function, true),
            _ => Ok(()),
        },
    )?;
    for (at, clause) in update.sections.iter().enumerate() {
        if update.sections[..at].contains(clause) {
            return Err(Problem::SectionTwice(clause.name()));
        }
    }
    Ok(())
}

fn each_operand(
    update: &RawUpdate,
    target: impl Fn(&RawAction) -> Result<(), Problem>,
    mut check: impl FnMut(&RawOperand) -> Result<(), Problem>,
) -> Result<(), Problem> {
    for action in &update.actions {
        target(action)?;
        for operand in action.value.iter().flat_map(RawSetValue::operands) {
            operand.visit(&mut check)?;
        }
    }
    Ok(())
}

fn bind(action: &RawAction, bindings: &mut Bindings) -> Result<Action, Problem> {
    let path = bind_path(&action.path, bindings)?;
    let change = match (action.clause, &action.value) {
        (Clause::Set, Some(value)) => Change::Set(bind_set(value, bindings)?),
        (Clause::Add, Some(RawSetValue::Operand(RawOperand::Value(placeholder)))) => {
            Change::Add(bindings.value(placeholder)?)
        }
        (Clause::Delete, Some(RawSetValue::Operand(RawOperand::Value(placeholder)))) => {
            Change::Delete(bindings.value(placeholder)?)
        }
        _ => Change::Remove,
    };
    Ok(Action { path, change })
}

fn bind_set(value: &RawSetValue, bindings: &mut Bindings) -> Result<SetValue, Problem> {
    let mut bind = |operand| bind_operand(operand, bindings);
    Ok(match value {
        RawSetValue::Operand(one) => SetValue::Operand(bind(one)?),
        RawSetValue::Sum(one, two) => SetValue::Sum(bind(one)?, bind(two)?),
        RawSetValue::Difference(one, two) => SetValue::Difference(bind(one)?, bind(two)?),
    })
}

/// `ADD` takes numbers and sets, `DELETE` sets.
fn check_clause(action: &Action) -> Result<(), Problem> {
    let is_set = |value: &Value| matches!(value, Value::Ss(_) | Value::Ns(_) | Value::Bs(_));
    let (clause, value) = match &action.change {
        Change::Add(value) if !is_set(value) && !matches!(value, Value::N(_)) => ("ADD", value),
        Change::Delete(value) if !is_set(value) => ("DELETE", value),
        _ => return Ok(()),
    };
    Err(Problem::ClauseOperandType { clause, operand: value.value_type().long_name() })
}

fn check_set(action: &Action) -> Result<(), Problem> {
    let Change::Set(value) = &action.change else { return Ok(()) };
    let (operator, operands) = match value {
        SetValue::Operand(one) => (None, vec![one]),
        SetValue::Sum(one, two) => (Some("+"), vec![one, two]),
        SetValue::Difference(one, two) => (Some("-"), vec![one, two]),
    };
    for operand in &operands {
        check_counts(operand)?;
        check_types(operand)?;
    }
    match operator {
        Some(operator) => all_of(operator, operands, ValueType::N),
        None => Ok(()),
    }
}

fn check_types(operand: &Operand) -> Result<(), Problem> {
    let Operand::Call(function, arguments) = operand else { return Ok(()) };
    arguments.iter().try_for_each(check_types)?;
    match (function, arguments.as_slice()) {
        (Function::IfNotExists, [Operand::Path(_), _]) => Ok(()),
        (Function::IfNotExists, _) => Err(Problem::PathRequired(function.name().to_owned())),
        (function, arguments) => all_of(function.name(), arguments, ValueType::L),
    }
}

/// Refuses a constant of another type.
fn all_of<'o>(
    name: &str,
    operands: impl IntoIterator<Item = &'o Operand>,
    wanted: ValueType,
) -> Result<(), Problem> {
    let mut constants = operands.into_iter().filter_map(Operand::constant_type);
    match constants.find(|constant| *constant != wanted) {
        Some(other) => Err(wrong_type(name, other)),
        None => Ok(()),
    }
}
