//! What evaluation asks its caller.

use serde_json::Value;

use crate::error::Result;

/// The answer about something outside the template.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolved {
    /// Its value.
    Value(Value),
    /// It will have a value, but does not exist yet.
    Unknown,
}

/// Answers references to what exists outside the template: resources that were created, exports of
/// other stacks, zones.
pub trait Scope {
    /// What `Ref` of a resource returns.
    ///
    /// # Errors
    /// The resource can never answer.
    fn reference(&self, logical_id: &str) -> Result<Resolved>;

    /// What `Fn::GetAtt` of a resource returns.
    ///
    /// # Errors
    /// The resource has no such attribute.
    fn attribute(&self, logical_id: &str, attribute: &str) -> Result<Resolved>;

    /// What `Fn::ImportValue` of an export returns.
    ///
    /// # Errors
    /// No stack exports that name.
    fn import(&self, export: &str) -> Result<Resolved>;

    /// The availability zones of a region, for `Fn::GetAZs`.
    ///
    /// # Errors
    /// The region is not known.
    fn availability_zones(&self, region: &str) -> Result<Vec<String>>;
}

/// A value, and what in it could not be known yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluated {
    /// The value. What is unknown stands in it as `{{unknown:Id}}` or `{{unknown:Id.Attribute}}`.
    pub value: Value,
    /// The references that were [`Resolved::Unknown`], sorted; empty when the value is final.
    pub unknown: Vec<String>,
}

impl Evaluated {
    /// Whether the value is final.
    pub fn is_known(&self) -> bool {
        self.unknown.is_empty()
    }
}
