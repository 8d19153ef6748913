use crate::{InstanceSpec, InvokeError, Outcome};
use std::time::Duration;

/// Is told of every invocation and every start, for metrics. It is called on their path: it must be
/// quick, and neither block nor write anything.
pub trait Observer: Send + Sync {
    /// An invocation has ended, or found no instance. Called once for each that was taken, also when
    /// its caller is gone.
    fn invoked(&self, spec: &InstanceSpec, result: &Result<Outcome, InvokeError>);

    /// A version that has instances kept ready ([`crate::Pools::provision`]) ran an invocation: on
    /// one of these if `found`, else on another one. Called beside [`Observer::invoked`].
    fn provisioned(&self, spec: &InstanceSpec, found: bool);

    /// A part of the start of an instance has ended well.
    fn started(&self, spec: &InstanceSpec, phase: StartPhase, took: Duration);
}

/// The parts of a start, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartPhase {
    /// Waiting for its turn among the starts.
    Queue,
    /// Credentials and a sandbox with a process in it.
    Sandbox,
    /// From there until its program asks for the first event: the runtime's start and the
    /// function's own initialization. The instance is ready then.
    Init,
}
