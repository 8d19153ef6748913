//! Whole command lines against an endpoint that plays its part.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod commands;
mod deploy;
mod endpoint;

use endpoint::Endpoint;
use std::{ffi::OsString, fs, path::Path, process::ExitCode, sync::Mutex};
use tempfile::TempDir;

/// A platform that notes how it is started and has no interpreters.
#[derive(Default)]
struct Platform(Mutex<Option<cli::UpOptions>>);

impl cli::Host for Platform {
    fn up(&self, options: cli::UpOptions) -> Result<(), cli::HostError> {
        *self.0.lock().unwrap() = Some(options);
        Ok(())
    }

    fn runtimes_list(&self, _: &Path) -> Result<Vec<cli::Interpreter>, cli::HostError> {
        Ok(Vec::new())
    }

    fn runtimes_install(
        &self,
        _: &Path,
        wanted: &[String],
        progress: &dyn cli::InstallProgress,
    ) -> Result<(), cli::HostError> {
        progress.begin("looking");
        Err(format!("{wanted:?} is not known").into())
    }

    fn backup(
        &self,
        place: &cli::Place,
        _: &Path,
        _: backup::Observer<'_>,
    ) -> Result<backup::Progress, cli::HostError> {
        Err(format!("{} does not run", place.data.display()).into())
    }

    fn restore(
        &self,
        _: &Path,
        _: &cli::Place,
        _: backup::Observer<'_>,
    ) -> Result<backup::Progress, cli::HostError> {
        Ok(backup::Progress::default())
    }

    fn check(&self, _: &cli::Place, _: &dyn Fn(backup::Step)) -> Result<(), cli::HostError> {
        Ok(())
    }

    fn copy(
        &self,
        _: &cli::Place,
        _: &cli::Place,
        _: backup::Observer<'_>,
    ) -> Result<backup::Progress, cli::HostError> {
        Ok(backup::Progress::default())
    }
}

/// A data folder that belongs to an endpoint, and a template.
struct Folder(TempDir);

impl Folder {
    fn new(url: &str, template: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let access = format!(
            "{{\"endpoint\": \"{url}\", \"access_key_id\": \"AKID\", \"secret_access_key\": \"s\", \
             \"region\": \"eu-west-1\", \"account\": \"000000000000\"}}"
        );
        fs::write(folder.path().join("credentials.json"), access).unwrap();
        fs::write(folder.path().join("template.yaml"), template).unwrap();
        fs::create_dir(folder.path().join("src")).unwrap();
        fs::write(folder.path().join("src/app.py"), "x = 1\n").unwrap();
        Self(folder)
    }

    /// Runs a command line on this data folder.
    fn run(&self, line: &[&str]) -> ExitCode {
        let data = self.0.path().as_os_str().to_owned();
        let line = [OsString::from("pileus")].into_iter().chain(line.iter().map(OsString::from));
        cli::run(line.chain(["--data".into(), data]), &Platform::default())
    }

    /// The path of a file in it.
    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    /// Deploys the template.
    fn deploy(&self, more: &[&str]) -> ExitCode {
        let (template, build) = (self.path("template.yaml"), self.path("build"));
        let line = ["deploy", &template, "--stack-name", "shop", "--build-dir", &build];
        self.run(&[&line, more].concat())
    }
}
