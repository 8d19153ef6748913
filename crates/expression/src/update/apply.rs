//! What an update does to an item.

use super::{Action, Change, SetValue};
use crate::{
    error::Error,
    limits,
    number::Number,
    operand::Operand,
    path::{Element, Path},
    syntax::Function,
    value::{Item, Value},
};
use std::{borrow::Cow, cmp::Reverse, collections::BTreeSet};

/// The item after the actions. Values are made from the item as it was; then they are written at
/// the positions of the item as it was, so that one action never moves the target of another; what
/// stood behind the end of a list is appended in the order of its indexes; then comes what goes,
/// from the back.
pub(super) fn apply(actions: &[Action], old: &Item) -> Result<Item, Error> {
    let mut written = Vec::new();
    let mut removed = Vec::new();
    for action in actions {
        if !has_parent(&action.path, old) {
            return Err(Error::UpdatePath);
        }
        match new_value(action, old)? {
            Outcome::Write(value) => {
                if action.path.levels() + value.depth() - 1 > limits::MAX_DEPTH {
                    return Err(Error::TooDeep);
                }
                written.push((&action.path, value));
            }
            Outcome::Remove => removed.push(&action.path),
            Outcome::Keep => {}
        }
    }
    let mut item = old.clone();
    written.sort_by_key(|(path, _)| *path);
    for (path, value) in written {
        write(&mut item, path, value)?;
    }
    removed.sort_by_key(|path| Reverse(*path));
    for path in removed {
        remove(&mut item, path)?;
    }
    Ok(item)
}

enum Outcome {
    Write(Value),
    Remove,
    Keep,
}

fn new_value(action: &Action, old: &Item) -> Result<Outcome, Error> {
    let current = action.path.get(old);
    match &action.change {
        Change::Set(value) => set_value(value, old).map(Outcome::Write),
        Change::Remove if current.is_some() => Ok(Outcome::Remove),
        Change::Remove => Ok(Outcome::Keep),
        Change::Add(operand) => add(current, operand).map(Outcome::Write),
        Change::Delete(operand) => match current {
            None => Ok(Outcome::Keep),
            Some(current) => Ok(delete(current, operand)?.map_or(Outcome::Remove, Outcome::Write)),
        },
    }
}

fn set_value(value: &SetValue, old: &Item) -> Result<Value, Error> {
    match value {
        SetValue::Operand(one) => worth(one, old).map(Cow::into_owned),
        SetValue::Sum(one, two) => Ok(Value::N(number(one, old)?.checked_add(number(two, old)?)?)),
        SetValue::Difference(one, two) => {
            Ok(Value::N(number(one, old)?.checked_sub(number(two, old)?)?))
        }
    }
}

fn number(operand: &Operand, old: &Item) -> Result<Number, Error> {
    match &*worth(operand, old)? {
        Value::N(number) => Ok(*number),
        _ => Err(Error::UpdateOperand),
    }
}

fn worth<'v>(operand: &'v Operand, old: &'v Item) -> Result<Cow<'v, Value>, Error> {
    match operand {
        Operand::Value(value) => Ok(Cow::Borrowed(value)),
        Operand::Path(path) => path.get(old).map(Cow::Borrowed).ok_or(Error::UpdateMissing),
        Operand::Call(function, arguments) => match (function, arguments.as_slice()) {
            (Function::IfNotExists, [Operand::Path(path), otherwise]) => match path.get(old) {
                Some(value) => Ok(Cow::Borrowed(value)),
                None => worth(otherwise, old),
            },
            (Function::ListAppend, [one, two]) => {
                let (Value::L(one), Value::L(two)) = (&*worth(one, old)?, &*worth(two, old)?)
                else {
                    return Err(Error::UpdateOperand);
                };
                Ok(Cow::Owned(Value::L([one.as_slice(), two.as_slice()].concat())))
            }
            _ => Err(Error::UpdateOperand),
        },
    }
}

fn add(current: Option<&Value>, operand: &Value) -> Result<Value, Error> {
    fn union<T: Ord + Clone>(one: &BTreeSet<T>, two: &BTreeSet<T>) -> BTreeSet<T> {
        one.union(two).cloned().collect()
    }
    Ok(match (current, operand) {
        (None, operand) => operand.clone(),
        (Some(Value::N(one)), Value::N(two)) => Value::N(one.checked_add(*two)?),
        (Some(Value::Ss(one)), Value::Ss(two)) => Value::Ss(union(one, two)),
        (Some(Value::Ns(one)), Value::Ns(two)) => Value::Ns(union(one, two)),
        (Some(Value::Bs(one)), Value::Bs(two)) => Value::Bs(union(one, two)),
        _ => return Err(Error::UpdateOperand),
    })
}

/// The set without some members; `None` when none is left, for sets are never empty.
fn delete(current: &Value, operand: &Value) -> Result<Option<Value>, Error> {
    fn rest<T: Ord + Clone>(one: &BTreeSet<T>, two: &BTreeSet<T>) -> Option<BTreeSet<T>> {
        let rest: BTreeSet<T> = one.difference(two).cloned().collect();
        (!rest.is_empty()).then_some(rest)
    }
    Ok(match (current, operand) {
        (Value::Ss(one), Value::Ss(two)) => rest(one, two).map(Value::Ss),
        (Value::Ns(one), Value::Ns(two)) => rest(one, two).map(Value::Ns),
        (Value::Bs(one), Value::Bs(two)) => rest(one, two).map(Value::Bs),
        _ => return Err(Error::UpdateOperand),
    })
}

/// Whether a path can be written: its parent is there and of the type that its last step needs.
fn has_parent(path: &Path, item: &Item) -> bool {
    let Some((last, rest)) = path.rest.split_last() else { return true };
    let parent = Path { attribute: path.attribute.clone(), rest: rest.to_vec() };
    matches!(
        (parent.get(item), last),
        (Some(Value::M(_)), Element::Name(_)) | (Some(Value::L(_)), Element::Index(_))
    )
}

/// The value that holds the last step of a path below an attribute.
fn parent_mut<'i>(
    item: &'i mut Item,
    attribute: &str,
    rest: &[Element],
) -> Result<&'i mut Value, Error> {
    let top = item.get_mut(attribute).ok_or(Error::UpdatePath)?;
    rest.iter()
        .try_fold(top, |value, element| match (value, element) {
            (Value::M(map), Element::Name(name)) => map.get_mut(name),
            (Value::L(list), Element::Index(index)) => list.get_mut(*index as usize),
            _ => None,
        })
        .ok_or(Error::UpdatePath)
}

fn write(item: &mut Item, path: &Path, value: Value) -> Result<(), Error> {
    let Some((last, rest)) = path.rest.split_last() else {
        item.insert(path.attribute.clone(), value);
        return Ok(());
    };
    match (parent_mut(item, &path.attribute, rest)?, last) {
        (Value::M(map), Element::Name(name)) => {
            map.insert(name.clone(), value);
        }
        (Value::L(list), Element::Index(index)) => match list.get_mut(*index as usize) {
            Some(member) => *member = value,
            None => list.push(value),
        },
        _ => return Err(Error::UpdatePath),
    }
    Ok(())
}

fn remove(item: &mut Item, path: &Path) -> Result<(), Error> {
    let Some((last, rest)) = path.rest.split_last() else {
        item.remove(&path.attribute);
        return Ok(());
    };
    match (parent_mut(item, &path.attribute, rest)?, last) {
        (Value::M(map), Element::Name(name)) => {
            map.remove(name);
        }
        (Value::L(list), Element::Index(index)) if (*index as usize) < list.len() => {
            list.remove(*index as usize);
        }
        (Value::L(_), Element::Index(_)) => {}
        _ => return Err(Error::UpdatePath),
    }
    Ok(())
}
