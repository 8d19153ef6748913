/// A text that is no policy. The official code is `MalformedPolicyDocument`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} (at {place})")]
pub struct Malformed {
    /// What is wrong, in the official words where there are some.
    pub reason: String,
    /// Where: `Statement[0].Condition.StringEquals`, or a line and column.
    pub place: String,
}

impl Malformed {
    /// The official error code.
    pub const CODE: &str = "MalformedPolicyDocument";

    pub(crate) fn new(place: &str, reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), place: place.to_owned() }
    }
}
