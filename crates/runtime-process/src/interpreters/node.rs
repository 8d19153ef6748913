use super::{component::Component, install::NODE_RUNTIME, not_installed};
use runtime::{InstanceSpec, Launch, LaunchError, RUNTIME_ROOT, sandbox::Mount};
use std::path::Path;

/// From this runtime on, handlers with a callback are refused, as on Lambda.
const FIRST_WITHOUT_CALLBACKS: u32 = 24;

/// AWS's client under this interpreter, with the AWS SDK behind everything that the code brings.
pub(super) fn launch(
    folder: &Path,
    component: &Component,
    wanted: &[u32],
    spec: &InstanceSpec,
) -> Result<Launch, LaunchError> {
    let runtime = folder.join(NODE_RUNTIME.folder());
    if !runtime.is_dir() {
        return Err(not_installed(&spec.runtime, folder));
    }
    let mut mounts = component.mounts();
    mounts.push(Mount { source: runtime, target: RUNTIME_ROOT.into() });
    let major = wanted.first().copied().unwrap_or_default();
    // Client 4 wants Node 22; an older Node has no runtime without callbacks either.
    let has_callbacks = major < FIRST_WITHOUT_CALLBACKS || component.release < vec![22];
    let layers = format!("/opt/nodejs/node{major}/node_modules:/opt/nodejs/node_modules");
    Ok(Launch {
        argv: [
            component.inside.clone(),
            // Lambda leaves about a tenth of the memory to what is not JavaScript's heap.
            format!("--max-old-space-size={}", spec.memory_mib / 10 * 9),
            "/var/runtime/bootstrap.mjs".into(),
            if has_callbacks { "3" } else { "4" }.into(),
        ]
        .into(),
        mounts,
        env: [
            ("AWS_EXECUTION_ENV", format!("AWS_Lambda_{}", spec.runtime)),
            ("PATH", "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin".into()),
            ("NODE_PATH", format!("{layers}:/var/runtime/node_modules:/var/runtime:/var/task")),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into(),
        version: format!("nodejs:{}", component.version),
        zygote: None,
        substitution: None,
    })
}
