//! The resource types that stacks provide themselves.

mod custom;
mod metadata;
mod nested;
mod wait;

pub(crate) use custom::CustomResource;
pub(crate) use metadata::CdkMetadata;
pub(crate) use nested::NestedStack;
pub(crate) use wait::{WaitCondition, WaitHandle};

use crate::Stacks;
use service::Fault;
use std::sync::{Arc, Weak};

/// The service, of which its own providers are a part.
pub(crate) struct Owner(Weak<Stacks>);

impl Owner {
    pub(crate) fn new(stacks: &Weak<Stacks>) -> Self {
        Self(stacks.clone())
    }

    fn stacks(&self) -> Result<Arc<Stacks>, Fault> {
        self.0.upgrade().ok_or_else(|| Fault::internal("the stack service has ended"))
    }
}
