//! What the functions service says about the instances of one function version.

use crate::LogFormat;
use std::{path::PathBuf, time::Duration};
use types::{Arn, Secret};

/// What makes two instances interchangeable: the same function, version and configuration.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InstanceKey {
    /// The function's ARN, without a qualifier.
    pub function_arn: String,
    /// The version: `$LATEST` or a number.
    pub version: String,
    /// Changes with every change of code or configuration.
    pub revision: String,
}

/// Why an instance is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Initialization {
    /// A call waits for it.
    OnDemand,
    /// It is kept ready: see [`crate::Pools::provision`].
    Provisioned,
}

impl Initialization {
    /// `AWS_LAMBDA_INITIALIZATION_TYPE`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::OnDemand => "on-demand",
            Self::Provisioned => "provisioned-concurrency",
        }
    }
}

/// Everything that an instance is started from. Its `Debug` shows no value of the environment.
#[derive(Debug, Clone)]
pub struct InstanceSpec {
    /// Which pool its instances belong to.
    pub key: InstanceKey,
    /// The function's name.
    pub function_name: String,
    /// The runtime identifier: `python3.12`, `nodejs22.x`, `provided.al2023`.
    pub runtime: String,
    /// The handler, as the runtime understands it. Empty where the runtime needs none.
    pub handler: String,
    /// The function's own variables. Reserved names in it have no effect.
    pub environment: Vec<(String, Secret)>,
    /// The unpacked code, seen as `/var/task`.
    pub code: PathBuf,
    /// The layers, merged in their order into one directory, seen as `/opt`.
    pub layers: Option<PathBuf>,
    /// Memory in MiB.
    pub memory_mib: u32,
    /// Size of `/tmp` in MiB.
    pub tmp_mib: u32,
    /// Processor time per second, in thousandths of one processor. `None`: no limit.
    pub cpu_millis: Option<u32>,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// How long the first start may take: [`crate::INIT_TIMEOUT`] as on Lambda.
    pub init_timeout: Duration,
    /// The region, for `AWS_REGION`.
    pub region: String,
    /// The execution role, as which it acts and writes its log.
    pub role: Arn,
    /// The log group, such as `/aws/lambda/<name>`.
    pub log_group: String,
    /// How its log is written.
    pub log_format: LogFormat,
}
