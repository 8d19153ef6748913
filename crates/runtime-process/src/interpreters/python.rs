use super::component::Component;
use runtime::{
    Launch, LaunchError, RUNTIME_API, RUNTIME_ROOT,
    sandbox::{Mount, Zygote},
};

/// Where programs are looked for.
const PATH: &str = "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin";
/// The zygote's program.
const ZYGOTE: &str = include_str!("inside/zygote.py");

/// AWS's client under this interpreter, with boto3 behind everything that the code brings.
pub(super) fn launch(component: &Component, runtime: &str) -> Result<Launch, LaunchError> {
    let mut mounts = component.mounts();
    mounts.push(Mount { source: component.folder.clone(), target: RUNTIME_ROOT.into() });
    let libraries = "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib";
    // What the interpreter and its libraries read while they start is the same in both.
    let zygote = Zygote {
        argv: [component.inside.as_str(), "-S", "-B", "-"].map(String::from).into(),
        env: [
            ("LANG", "en_US.UTF-8"),
            ("TZ", ":UTC"),
            ("PATH", PATH),
            ("LD_LIBRARY_PATH", libraries),
            ("AWS_LAMBDA_RUNTIME_API", RUNTIME_API),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into(),
        mounts: mounts.clone(),
        input: ZYGOTE,
    };
    Ok(Launch {
        // -S: without the host's site-packages. -B: nothing inside can be written anyway.
        argv: [component.inside.as_str(), "-S", "-B", "/var/runtime/bootstrap.py"]
            .map(String::from)
            .into(),
        mounts,
        env: [
            ("AWS_EXECUTION_ENV", format!("AWS_Lambda_{runtime}")),
            ("PATH", PATH.into()),
            ("LD_LIBRARY_PATH", libraries.into()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into(),
        version: format!("python:{}", component.version),
        zygote: Some(zygote),
        parked: None,
        substitution: None,
    })
}
