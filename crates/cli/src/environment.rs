//! The only place here that reads environment variables.

#![allow(clippy::disallowed_methods, reason = "a command reads its environment, here only")]

use std::{env, ffi::OsString, path::PathBuf};

/// A variable with a value that is not empty.
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The folders that programs are searched in.
pub(crate) fn search_path() -> Vec<PathBuf> {
    let path: Option<OsString> = env::var_os("PATH");
    path.map(|path| env::split_paths(&path).collect()).unwrap_or_default()
}
