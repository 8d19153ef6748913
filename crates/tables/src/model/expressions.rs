//! The expression parameters of a request.

use crate::Error;
use expression::{Bindings, Condition, Kind, Path, Projection, Received};
use std::collections::BTreeMap;

/// The names and values of a request, as it gives them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parameters<'a> {
    pub(crate) names: Option<&'a BTreeMap<String, String>>,
    pub(crate) values: Option<&'a BTreeMap<String, Received>>,
}

impl Parameters<'_> {
    /// Refuses names and values that no expression could use; `expressions` are all that the
    /// operation knows, in the documented order, with whether the request has them.
    pub(crate) fn check(&self, expressions: &[(Kind, bool)]) -> Result<(), Error> {
        Bindings::check_presence(self.names.is_some(), self.values.is_some(), expressions)?;
        Ok(())
    }

    pub(crate) fn bindings(&self) -> Result<Bindings, Error> {
        Ok(Bindings::new(self.names.cloned(), self.values.cloned())?)
    }
}

/// A condition or filter, if the request has one.
pub(crate) fn condition(
    text: Option<&String>,
    kind: Kind,
    bindings: &mut Bindings,
) -> Result<Option<Condition>, Error> {
    Ok(text.map(|text| Condition::parse(text, kind, bindings)).transpose()?)
}

/// The condition of a write that has no other expression. `check` is what else is wrong with the
/// request, which DynamoDB tells after expressions that are missing and before those that are bad.
pub(crate) fn only_condition(
    parameters: Parameters<'_>,
    text: Option<&String>,
    check: impl FnOnce() -> Result<(), Error>,
) -> Result<Option<Condition>, Error> {
    parameters.check(&[(Kind::Condition, text.is_some())])?;
    check()?;
    let mut bindings = parameters.bindings()?;
    let condition = condition(text, Kind::Condition, &mut bindings)?;
    bindings.finish()?;
    Ok(condition)
}

/// A projection, if the request has one.
pub(crate) fn projection(
    text: Option<&String>,
    bindings: &mut Bindings,
) -> Result<Option<Projection>, Error> {
    Ok(text.map(|text| Projection::parse(text, bindings)).transpose()?)
}

/// The top-level attributes that a condition reads.
pub(crate) fn condition_attributes(condition: Option<&Condition>) -> Vec<&str> {
    condition.iter().flat_map(|condition| condition.paths()).map(Path::attribute).collect()
}

/// The top-level attributes that a projection names.
pub(crate) fn projection_attributes(projection: Option<&Projection>) -> Vec<&str> {
    projection.iter().flat_map(|projection| projection.paths()).map(Path::attribute).collect()
}
