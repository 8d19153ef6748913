//! Operands with their names and values looked up, and what they are worth for an item.

use crate::{
    Bindings,
    error::Problem,
    limits,
    number::Number,
    path::{Element, Path},
    reserved,
    syntax::{Function, RawElement, RawFunction, RawOperand, RawPath},
    value::{Item, Value, ValueType},
};
use std::borrow::Cow;

/// An operand of a condition or an update.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operand {
    Path(Path),
    Value(Value),
    Call(Function, Vec<Operand>),
}

impl Operand {
    /// The type of a constant.
    pub(crate) fn constant_type(&self) -> Option<ValueType> {
        match self {
            Self::Value(value) => Some(value.value_type()),
            _ => None,
        }
    }

    /// The type that the operand is known to have: that of a constant, or a number for `size`.
    pub(crate) fn known_type(&self) -> Option<ValueType> {
        match self {
            Self::Call(Function::Size, _) => Some(ValueType::N),
            _ => self.constant_type(),
        }
    }

    /// The paths in it.
    pub(crate) fn paths<'o>(&'o self, paths: &mut Vec<&'o Path>) {
        match self {
            Self::Path(path) => paths.push(path),
            Self::Value(_) => {}
            Self::Call(_, arguments) => arguments.iter().for_each(|a| a.paths(paths)),
        }
    }

    /// What it is worth for an item in a condition: `None` for a path that is not there, and for
    /// the size of what has none.
    pub(crate) fn resolve<'v>(&'v self, item: &'v Item) -> Option<Cow<'v, Value>> {
        match self {
            Self::Path(path) => path.get(item).map(Cow::Borrowed),
            Self::Value(value) => Some(Cow::Borrowed(value)),
            Self::Call(Function::Size, arguments) => {
                let size = size(&*arguments.first()?.resolve(item)?)?;
                Some(Cow::Owned(Value::N(Number::from(u64::try_from(size).ok()?))))
            }
            Self::Call(..) => None,
        }
    }
}

/// `size(value)`: characters of a text, bytes, members.
fn size(value: &Value) -> Option<usize> {
    Some(match value {
        Value::S(text) => text.chars().count(),
        Value::B(bytes) => bytes.len(),
        Value::L(list) => list.len(),
        Value::M(map) => map.len(),
        Value::Ss(set) => set.len(),
        Value::Ns(set) => set.len(),
        Value::Bs(set) => set.len(),
        Value::N(_) | Value::Bool(_) | Value::Null => return None,
    })
}

/// Refuses a bare reserved word anywhere in a path.
pub(crate) fn check_reserved(path: &RawPath) -> Result<(), Problem> {
    for element in &path.0 {
        if let RawElement::Word(word) = element
            && reserved::is_reserved(word)
        {
            return Err(Problem::ReservedWord(word.clone()));
        }
    }
    Ok(())
}

/// Refuses a function that does not exist or belongs to the other kind of expression.
pub(crate) fn check_function(function: &RawFunction, in_update: bool) -> Result<(), Problem> {
    let name = || function.name.clone();
    match Function::named(&function.name) {
        None => Err(Problem::UnknownFunction(name())),
        Some(known) if known.is_of_updates() == in_update => Ok(()),
        Some(_) if in_update => Err(Problem::NotInUpdate(name())),
        Some(_) => Err(Problem::NotInCondition(name())),
    }
}

/// Refuses a function with a wrong count of operands, in it or in what it is called with.
pub(crate) fn check_counts(operand: &Operand) -> Result<(), Problem> {
    let Operand::Call(function, arguments) = operand else { return Ok(()) };
    arguments.iter().try_for_each(check_counts)?;
    check_count(*function, arguments)
}

pub(crate) fn check_count(function: Function, arguments: &[Operand]) -> Result<(), Problem> {
    if arguments.len() == function.operands() {
        return Ok(());
    }
    let function = function.name().to_owned();
    Err(Problem::OperandCount { function, count: arguments.len() })
}

pub(crate) fn wrong_type(function: &str, operand: ValueType) -> Problem {
    Problem::OperandType { function: function.to_owned(), operand: operand.to_string() }
}

pub(crate) fn bind_operand(
    operand: &RawOperand,
    bindings: &mut Bindings,
) -> Result<Operand, Problem> {
    Ok(match operand {
        RawOperand::Path(path) => Operand::Path(bind_path(path, bindings)?),
        RawOperand::Value(placeholder) => Operand::Value(bindings.value(placeholder)?),
        RawOperand::Function(function) => {
            let (function, arguments) = bind_function(function, bindings)?;
            Operand::Call(function, arguments)
        }
    })
}

pub(crate) fn bind_function(
    function: &RawFunction,
    bindings: &mut Bindings,
) -> Result<(Function, Vec<Operand>), Problem> {
    let known = Function::named(&function.name)
        .ok_or_else(|| Problem::UnknownFunction(function.name.clone()))?;
    let bind = |argument| bind_operand(argument, bindings);
    Ok((known, function.arguments.iter().map(bind).collect::<Result<_, _>>()?))
}

pub(crate) fn bind_path(path: &RawPath, bindings: &mut Bindings) -> Result<Path, Problem> {
    if path.0.len() > limits::MAX_DEPTH {
        return Err(Problem::PathTooDeep(path.0.len()));
    }
    let mut elements = path.0.iter().map(|element| {
        Ok(match element {
            RawElement::Word(word) => Element::Name(word.clone()),
            RawElement::Placeholder(placeholder) => Element::Name(bindings.name(placeholder)?),
            RawElement::Index(digits) => Element::Index(
                digits
                    .parse()
                    .ok()
                    .filter(|index| *index <= limits::MAX_LIST_INDEX)
                    .ok_or_else(|| Problem::ListIndex(digits.clone()))?,
            ),
        })
    });
    let attribute = match elements.next().transpose()? {
        Some(Element::Name(name)) => name,
        _ => unreachable!("the parser starts every path with a name"),
    };
    Ok(Path { attribute, rest: elements.collect::<Result<_, _>>()? })
}
