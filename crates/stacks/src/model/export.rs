use kv::Record;
use serde::{Deserialize, Serialize};

/// A value that other stacks can import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Export {
    pub(crate) name: String,
    pub(crate) value: String,
    /// The stack that exports it.
    pub(crate) stack_id: String,
}

impl Record for Export {
    const VERSION: u8 = 1;
}
