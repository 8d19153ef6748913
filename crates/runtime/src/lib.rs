//! What an execution environment is: a sandbox, an instance in it, and the pool of instances.
//!
//! [`Pools::invoke`] is the whole path of a function call: it takes an idle instance of the
//! function version, or starts one, hands the event to the program inside over the Lambda Runtime
//! API, and brings back what the program answers, or how it failed, in Lambda's own words. The
//! path writes nothing durable and holds no lock while it waits. [`Pools::provision`] says which
//! versions have instances that are started before anybody calls. What a function prints goes, in
//! order and between `START`, `END` and `REPORT`, to a [`LogSink`].
//!
//! It knows neither how walls are built ([`sandbox::Sandboxes`]) nor which interpreters exist
//! ([`Interpreters`]) nor whose functions they are: those are ports.

mod api;
mod config;
mod environment;
mod exchange;
mod extensions;
mod instance;
mod invocation;
mod lines;
mod log_format;
mod logs;
mod observer;
mod platform_event;
mod pools;
mod ports;
pub mod sandbox;
mod spec;
mod stream;

pub use config::{
    INIT_TIMEOUT, LOG_TAIL_BYTES, MAX_LINE_BYTES, MAX_RESPONSE_BYTES, MAX_STREAM_BYTES, PoolsConfig,
};
pub use environment::{LAYERS_ROOT, RUNTIME_API, RUNTIME_ROOT, TASK_ROOT};
pub use invocation::{FunctionError, Invocation, InvokeError, Outcome, Report, Share};
pub use log_format::{LogFormat, LogLevel};
pub use observer::{Observer, StartPhase};
pub use pools::{Pools, PoolsStatus, Ports, ProvisionedStatus};
pub use ports::{
    Credentials, Interpreters, Launch, LaunchError, LogSink, LogStream, Platform, Substitution,
};
pub(crate) use spec::Initialization;
pub use spec::{InstanceKey, InstanceSpec};
pub use stream::{Piece, Response, ResponseSink, ResponseStream};
