use runtime::{InstanceSpec, LAYERS_ROOT, Launch, LaunchError, TASK_ROOT};
use std::{os::unix::fs::PermissionsExt, path::Path};

/// The code's own program, else the layers'.
pub(super) fn launch(spec: &InstanceSpec, base: String) -> Result<Launch, LaunchError> {
    let places = [(Some(&spec.code), TASK_ROOT), (spec.layers.as_ref(), LAYERS_ROOT)];
    let inside = |root: &str| format!("{root}/bootstrap");
    let found = places
        .iter()
        .find(|(folder, _)| folder.is_some_and(|folder| is_executable(&folder.join("bootstrap"))));
    let Some((_, root)) = found else {
        let tried = places.iter().map(|(_, root)| inside(root)).collect();
        return Err(LaunchError::InvalidEntrypoint(tried));
    };
    Ok(Launch {
        argv: vec![inside(root)],
        mounts: Vec::new(),
        env: vec![
            ("PATH".into(), "/usr/local/bin:/usr/bin/:/bin:/opt/bin".into()),
            ("LD_LIBRARY_PATH".into(), "/lib64:/usr/lib64:/var/task:/var/task/lib:/opt/lib".into()),
        ],
        version: format!("provided:{base}"),
        zygote: None,
        parked: None,
        substitution: None,
    })
}

fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}
