use super::component::Component;
use runtime::{Launch, LaunchError, RUNTIME_ROOT, sandbox::Mount};

/// AWS's client under this interpreter, with boto3 behind everything that the code brings.
pub(super) fn launch(component: &Component, runtime: &str) -> Result<Launch, LaunchError> {
    let mut mounts = component.mounts();
    mounts.push(Mount { source: component.folder.clone(), target: RUNTIME_ROOT.into() });
    let libraries = "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib";
    Ok(Launch {
        // -S: without the host's site-packages. -B: nothing inside can be written anyway.
        argv: [component.inside.as_str(), "-S", "-B", "/var/runtime/bootstrap.py"]
            .map(String::from)
            .into(),
        mounts,
        env: [
            ("AWS_EXECUTION_ENV", format!("AWS_Lambda_{runtime}")),
            ("PATH", "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin".into()),
            ("LD_LIBRARY_PATH", libraries.into()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into(),
        version: format!("python:{}", component.version),
        substitution: None,
    })
}
