use super::*;
use std::{
    collections::BTreeMap,
    io::{Cursor, Read},
    os::unix::fs::PermissionsExt,
};
use tempfile::TempDir;
use template::{Document, packaging};

const TEXT: &str = "\
Transform: AWS::Serverless-2016-10-31
Resources:
  Py: {Type: AWS::Serverless::Function, Properties: {Handler: app.f, Runtime: python3.11, CodeUri: py}}
  Js: {Type: AWS::Serverless::Function, Properties: {Handler: i.f, Runtime: nodejs22.x, CodeUri: js}}
  Mk:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: makefile}
    Properties: {Handler: bootstrap, Runtime: provided.al2023, CodeUri: mk}
  Ts:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: esbuild}
    Properties: {Handler: i.f, Runtime: nodejs22.x, CodeUri: js}
  Go:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: go1.x}
    Properties: {Handler: i.f, Runtime: provided.al2023, CodeUri: js}
  Layer:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: python3.11}
    Properties: {ContentUri: py}
";

/// A folder with the sources, and the builder of it.
struct Project(TempDir);

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            project.write(name, text);
        }
        project
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn build(&self, id: &str) -> Result<Package, Error> {
        self.build_with(id, Vec::new())
    }

    fn build_with(&self, id: &str, interpreters: Vec<Interpreter>) -> Result<Package, Error> {
        let artifacts =
            packaging::artifacts(&Document::parse(TEXT).unwrap(), &BTreeMap::new()).unwrap();
        let artifact = artifacts.iter().find(|artifact| artifact.logical_id == id).unwrap();
        Builder::new(Options {
            base: self.0.path().to_owned(),
            folder: self.0.path().join("build"),
            interpreters,
            as_is: false,
            rebuild: false,
            refresh: false,
            entries: Entries::default(),
        })
        .package(artifact)
    }

    /// The names in the package, those of installed metadata left out, and the text of one.
    fn unpacked(&self, id: &str, file: &str) -> (Vec<String>, String) {
        let mut zip = zip::ZipArchive::new(Cursor::new(self.build(id).unwrap().zip)).unwrap();
        let names =
            zip.file_names().filter(|name| !name.contains("-info/") && !name.contains("/."));
        let names = names.map(str::to_owned).collect();
        let mut text = String::new();
        zip.by_name(file).unwrap().read_to_string(&mut text).unwrap();
        (names, text)
    }
}

const PYTHON_LIBRARY: [(&str, &str); 3] = [
    (
        "lib/pyproject.toml",
        "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n",
    ),
    ("lib/greet.py", "WORD = 'hello'\n"),
    ("lib/backend.py", BACKEND),
];

/// A build backend that needs nothing from a registry.
const BACKEND: &str = r#"
import os, zipfile
def _wheel(directory):
    name = "greet-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as wheel:
        wheel.write("greet.py")
        info = "greet-1.0.dist-info/"
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: greet\nVersion: 1.0\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(info + "RECORD", "")
    return name
def build_wheel(directory, config_settings=None, metadata_directory=None):
    return _wheel(directory)
"#;

#[test]
fn requirements_of_python_lie_beside_the_code() {
    let project = Project::new(&PYTHON_LIBRARY);
    project.write("py/app.py", "import greet\n");
    project.write("py/requirements.txt", "# local\n../lib\n");
    let (names, text) = project.unpacked("Py", "greet.py");
    assert_eq!(names, ["app.py", "greet.py", "requirements.txt"]);
    assert_eq!(text, "WORD = 'hello'\n");
    let (names, _) = project.unpacked("Layer", "python/greet.py");
    assert_eq!(names, ["python/app.py", "python/greet.py", "python/requirements.txt"]);
}

#[test]
fn a_python_without_pip_installs_requirements_through_a_virtual_environment() {
    let project = Project::new(&PYTHON_LIBRARY);
    project.write("py/requirements.txt", "../lib\n");
    // As Debian's without the package python3-pip.
    let without_pip = "#!/bin/sh\n[ \"$2\" = pip ] && exit 1\nexec python3 \"$@\"\n";
    project.write("python3", without_pip);
    let program = project.0.path().join("python3");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let python = Interpreter {
        family: "python".to_owned(),
        version: String::new(),
        runtime: "python3.11".to_owned(),
        program,
    };
    let package = project.build_with("Py", vec![python]).unwrap();
    let zip = zip::ZipArchive::new(Cursor::new(package.zip)).unwrap();
    assert!(zip.file_names().any(|name| name == "greet.py"));
}

#[test]
fn requirements_of_comments_only_need_no_pip() {
    let project = Project::new(&[("py/app.py", "x"), ("py/requirements.txt", "# none\n\n")]);
    assert_eq!(project.unpacked("Py", "app.py").0, ["app.py", "requirements.txt"]);
    assert!(!project.0.path().join("build").exists());
}

#[test]
fn requirements_that_cannot_be_installed_are_told_in_pips_words() {
    let project = Project::new(&[("py/app.py", "x"), ("py/requirements.txt", "./missing\n")]);
    let error = project.build("Py").unwrap_err().to_string();
    assert!(error.contains("Py") && error.contains("missing"), "{error}");
}

#[test]
fn dependencies_of_node_lie_beside_the_code() {
    let manifest = r#"{"name": "f", "version": "1.0.0", "dependencies": {"greet": "file:../lib"}}"#;
    let project = Project::new(&[
        ("js/i.mjs", "import 'greet';\n"),
        ("js/package.json", manifest),
        ("js/node_modules/stale/index.js", "old\n"),
        ("lib/package.json", r#"{"name": "greet", "version": "1.0.0", "main": "index.js"}"#),
        ("lib/index.js", "module.exports = 'hello';\n"),
    ]);
    let (names, text) = project.unpacked("Js", "node_modules/greet/index.js");
    let expected =
        ["i.mjs", "node_modules/greet/index.js", "node_modules/greet/package.json", "package.json"];
    assert_eq!(names, expected);
    assert_eq!(text, "module.exports = 'hello';\n");
    assert_eq!(project.unpacked("Js", "package.json").1, manifest);
}

#[test]
fn a_manifest_without_dependencies_needs_no_npm() {
    let manifest = r#"{"type": "module", "devDependencies": {"jest": "1"}}"#;
    let project = Project::new(&[("js/i.mjs", "x"), ("js/package.json", manifest)]);
    assert_eq!(project.unpacked("Js", "i.mjs").0, ["i.mjs", "package.json"]);
    assert!(!project.0.path().join("build").exists());
}

#[test]
fn a_makefile_builds_into_its_artifacts_folder() {
    let rule = "build-Mk:\n\tcp bootstrap $(ARTIFACTS_DIR)/\n\tdate +%N > stamp\n\tcp stamp $(ARTIFACTS_DIR)/\n";
    let project = Project::new(&[("mk/Makefile", rule), ("mk/bootstrap", "#!/bin/sh\n")]);
    let (names, _) = project.unpacked("Mk", "bootstrap");
    assert_eq!(names, ["bootstrap", "stamp"]);
}

#[test]
fn only_what_changed_is_built_again() {
    let rule =
        "build-Mk:\n\tcp bootstrap $(ARTIFACTS_DIR)/\n\tdate +%s%N > $(ARTIFACTS_DIR)/stamp\n";
    let project = Project::new(&[("mk/Makefile", rule), ("mk/bootstrap", "one\n")]);
    let first = project.build("Mk").unwrap().sha256;
    assert_eq!(project.build("Mk").unwrap().sha256, first);
    project.write("mk/bootstrap", "two\n");
    let second = project.build("Mk").unwrap().sha256;
    assert_ne!(second, first);
    project.write("build/Mk.zip", "damaged");
    assert_ne!(project.build("Mk").unwrap().sha256, second);
}

#[test]
fn a_build_method_that_is_not_there_is_refused_by_its_name() {
    let project = Project::new(&[("js/i.ts", "x")]);
    let error = project.build("Go").unwrap_err().to_string();
    assert!(error.contains("Go: Metadata.BuildMethod go1.x is not supported (line"), "{error}");
}

#[test]
fn a_path_that_leads_nowhere_is_told_with_its_line() {
    let error = Project::new(&[]).build("Py").unwrap_err().to_string();
    assert!(error.contains("(Py, line 3, column"), "{error}");
}

/// Stands for esbuild in a package without others: it writes down how it was called.
const BUNDLER: [(&str, &str); 2] = [
    ("bundler/package.json", r#"{"name": "esbuild", "version": "1.0.0", "bin": "esbuild.js"}"#),
    ("bundler/esbuild.js", BUNDLER_PROGRAM),
];
const BUNDLER_PROGRAM: &str = "#!/usr/bin/env node
const out = process.argv.find((one) => one.startsWith('--outdir=')).slice('--outdir='.length)
const rest = process.argv.slice(2).filter((one) => !one.startsWith('--outdir='))
require('fs').writeFileSync(`${out}/i.js`, rest.join(' '))
";

#[test]
fn esbuild_of_the_project_bundles_its_entry_points() {
    let project = Project::new(&BUNDLER);
    project.write("js/i.ts", "x");
    project.write("js/package.json", r#"{"dependencies": {"esbuild": "file:../bundler"}}"#);
    let (names, called) = project.unpacked("Ts", "i.js");
    assert_eq!(names, ["i.js"]);
    let expected = "--bundle --platform=node --log-level=warning --target=es2020 --format=cjs \
                    --minify i.ts";
    assert_eq!(called, expected);
    fs::remove_file(project.0.path().join("js/i.ts")).unwrap();
    project.write("js/other.ts", "y");
    let error = project.build("Ts").unwrap_err().to_string();
    assert!(error.contains("the entry point i does not exist (line"), "{error}");
}
