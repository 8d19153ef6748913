//! The variables and files that a program finds, as on Lambda.

use crate::{
    Initialization, InstanceSpec, Launch,
    config::{MAX_OPEN_FILES, MAX_PROCESSES},
    extensions,
    sandbox::{Mount, SandboxSpec},
};
use std::collections::BTreeMap;
use types::Secret;

/// Where a function finds its code.
pub const TASK_ROOT: &str = "/var/task";
/// Where a function finds its layers.
pub const LAYERS_ROOT: &str = "/opt";
/// Where a function finds its runtime.
pub const RUNTIME_ROOT: &str = "/var/runtime";
/// The Runtime API inside every sandbox. Constant, because clients read it once.
pub const RUNTIME_API: &str = "127.0.0.1:9001";

const MIB: u64 = 1024 * 1024;

/// The sandbox of one new instance; `is_alone` if no extensions start beside it.
pub(crate) fn sandbox(
    spec: &InstanceSpec,
    launch: &Launch,
    why: Initialization,
    log_stream: &str,
    credentials: &[(String, Secret)],
    is_alone: bool,
) -> SandboxSpec {
    let mut mounts = launch.mounts.clone();
    mounts.push(Mount { source: spec.code.clone(), target: TASK_ROOT.into() });
    if let Some(layers) = &spec.layers {
        mounts.push(Mount { source: layers.clone(), target: LAYERS_ROOT.into() });
    }
    let argv = launch.argv.clone();
    SandboxSpec {
        name: spec.function_name.clone(),
        argv: if is_alone { argv } else { extensions::beside(argv) },
        env: variables(spec, launch, why, log_stream, credentials),
        cwd: TASK_ROOT.into(),
        mounts,
        memory_bytes: u64::from(spec.memory_mib) * MIB,
        tmp_bytes: u64::from(spec.tmp_mib) * MIB,
        max_processes: MAX_PROCESSES,
        max_open_files: MAX_OPEN_FILES,
        cpu_millis: spec.cpu_millis,
        // What is forked or parked has no shell that could start others beside it.
        zygote: launch.zygote.clone().filter(|_| is_alone),
        parked: launch.parked.clone().filter(|_| is_alone),
    }
}

/// Later ones win: the runtime's defaults, the function's own, then the reserved ones.
fn variables(
    spec: &InstanceSpec,
    launch: &Launch,
    why: Initialization,
    log_stream: &str,
    credentials: &[(String, Secret)],
) -> Vec<(String, String)> {
    let mut all: BTreeMap<String, String> = [("LANG", "en_US.UTF-8"), ("TZ", ":UTC")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    all.extend(launch.env.iter().cloned());
    all.extend(exposed(&spec.environment));
    all.extend(exposed(credentials));
    let memory = spec.memory_mib.to_string();
    let reserved = [
        ("_HANDLER", spec.handler.as_str()),
        ("AWS_REGION", &spec.region),
        ("AWS_DEFAULT_REGION", &spec.region),
        ("AWS_LAMBDA_FUNCTION_NAME", &spec.function_name),
        ("AWS_LAMBDA_FUNCTION_VERSION", &spec.key.version),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", why.as_str()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", &spec.log_group),
        ("AWS_LAMBDA_LOG_STREAM_NAME", log_stream),
        ("AWS_LAMBDA_RUNTIME_API", RUNTIME_API),
        ("LAMBDA_TASK_ROOT", TASK_ROOT),
        ("LAMBDA_RUNTIME_DIR", RUNTIME_ROOT),
    ];
    let format = spec.log_format.variables();
    let reserved = reserved.into_iter().chain(format);
    all.extend(reserved.map(|(name, value)| (name.to_owned(), value.to_owned())));
    all.into_iter().collect()
}

fn exposed(variables: &[(String, Secret)]) -> impl Iterator<Item = (String, String)> + '_ {
    variables.iter().map(|(name, value)| (name.clone(), value.expose().to_owned()))
}
