use super::{component::Component, install::NODE_RUNTIME, not_installed};
use runtime::{
    InstanceSpec, Launch, LaunchError, RUNTIME_API, RUNTIME_ROOT,
    sandbox::{Mount, Parked},
};
use std::path::Path;

/// Where programs are looked for.
const PATH: &str = "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin";

/// What Node, its libraries and AWS's client read while they start.
const READ_AT_START: [&str; 13] = [
    "AWS_LAMBDA_NODEJS_",
    "AWS_LAMBDA_RUNTIME_",
    "GLIBC_",
    "ICU_",
    "LANG",
    "LC_",
    "LD_",
    "MALLOC_",
    "NODE_",
    "OPENSSL_",
    "SSL_CERT_",
    "TZ",
    "UV_",
];

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
    let node_path = format!("{layers}:/var/runtime/node_modules:/var/runtime:/var/task");
    let argv: Vec<String> = [
        component.inside.clone(),
        // Lambda leaves about a tenth of the memory to what is not JavaScript's heap.
        format!("--max-old-space-size={}", spec.memory_mib / 10 * 9),
        "/var/runtime/bootstrap.mjs".into(),
        if has_callbacks { "3" } else { "4" }.into(),
    ]
    .into();
    Ok(Launch {
        env: [
            ("AWS_EXECUTION_ENV", format!("AWS_Lambda_{}", spec.runtime)),
            ("PATH", PATH.into()),
            ("NODE_PATH", node_path.clone()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into(),
        version: format!("nodejs:{}", component.version),
        zygote: None,
        parked: Some(parked(&argv, &mounts, &node_path)),
        argv,
        mounts,
        substitution: None,
    })
}

/// The same program, that waits for its function when its client is loaded.
fn parked(argv: &[String], mounts: &[Mount], node_path: &str) -> Parked {
    let env = [
        ("LANG", "en_US.UTF-8"),
        ("TZ", ":UTC"),
        ("PATH", PATH),
        ("NODE_PATH", node_path),
        ("AWS_LAMBDA_RUNTIME_API", RUNTIME_API),
    ];
    Parked {
        argv: argv.iter().cloned().chain(["parked".to_owned()]).collect(),
        env: env.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        mounts: mounts.to_vec(),
        reads: &READ_AT_START,
        ignores: &["NODE_ENV"],
    }
}
