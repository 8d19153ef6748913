use std::collections::BTreeMap;

/// The tags of a resource, ordered by key. Limits differ per service and are checked there.
pub type Tags = BTreeMap<String, String>;
