//! Stored records, and the rules of stacks as functions on a transaction.

mod change_set;
mod custom_request;
mod deployment;
mod event;
mod export;
mod resource;
mod stack;
mod status;

pub(crate) use change_set::{ChangeSet, ChangeSetPlace, Execution};
pub(crate) use custom_request::{CustomRequest, Signal};
pub(crate) use deployment::{Actor, Deployment, OnFailure, Phase, Purpose};
pub(crate) use event::Event;
pub(crate) use export::Export;
pub(crate) use resource::{Act, Attempt, Incarnation, Keep, Progress, ResourceRecord};
pub(crate) use stack::{Parent, Settings, Stack, StackOutput, find, load, wanted};
pub(crate) use status::{ResourceStatus, StackStatus};
