//! Every operation is registered, has a test of the same stem, and is in the model, and nothing
//! else is: the files below `ops/`, `ops.rs`, `tests/it/`, the model files and the list that they
//! are pruned to must say the same.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use super::Finding;
use super::rust::RustFile;
use crate::models::operations::{SERVICES, Service};
use crate::workspace::Workspace;

const LIST: &str = "crates/xtask/src/models/operations.rs";

/// Checks all services.
pub(crate) fn check(workspace: &Workspace, rust: &[RustFile]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let files: BTreeMap<&str, &RustFile> =
        rust.iter().map(|file| (file.path.as_str(), file)).collect();
    let mut in_code = BTreeMap::<&str, BTreeSet<String>>::new();
    for file in rust.iter().filter(|file| !file.is_test) {
        if let Some((package, stem)) = operation_file(file) {
            let name = check_file(file, package, stem, &files, &mut findings);
            in_code.entry(package).or_default().extend(name);
        }
    }
    for service in SERVICES {
        check_model(service, &workspace.read(service.file)?, &mut findings)?;
    }
    check_lists(&in_code, &mut findings);
    Ok(findings)
}

/// The crate and the stem of `crates/<crate>/src/ops/<stem>.rs`.
fn operation_file(file: &RustFile) -> Option<(&str, &str)> {
    let package = file.package()?;
    let stem =
        file.path.strip_prefix(&format!("crates/{package}/src/ops/"))?.strip_suffix(".rs")?;
    (!stem.contains('/')).then_some((package, stem))
}

/// Checks one file below `ops/`; returns the operation that it declares.
fn check_file(
    file: &RustFile,
    package: &str,
    stem: &str,
    files: &BTreeMap<&str, &RustFile>,
    findings: &mut Vec<Finding>,
) -> Option<String> {
    let mut report = |what: String, fix: String| {
        findings.push(Finding::new(&file.path, 1, what, fix));
    };
    let Some(name) = declared_name(file) else {
        let fix = "one operation per file: move what operations share out of ops/";
        report("no `const NAME: &'static str` of an operation".to_owned(), fix.to_owned());
        return None;
    };
    if snake_case(&name) != stem {
        report(format!("declares {name}"), format!("rename the file to {}.rs", snake_case(&name)));
    }
    let ops = format!("crates/{package}/src/ops.rs");
    if !files.get(ops.as_str()).is_some_and(|ops| is_registered(ops, stem, &name)) {
        report(format!("{name} is not registered"), format!("add its two lines to {ops}"));
    }
    let test = format!("crates/{package}/tests/it/{stem}.rs");
    if !files.contains_key(test.as_str()) {
        report(format!("{name} has no test"), format!("write {test}"));
    } else if !declares_module(files, &format!("crates/{package}/tests/it/main.rs"), stem) {
        let fix = format!("add `mod {stem};` to crates/{package}/tests/it/main.rs");
        report(format!("the test of {name} is never compiled"), fix);
    }
    Some(name)
}

/// The value of `const NAME: &'static str = "...";`.
fn declared_name(file: &RustFile) -> Option<String> {
    let declaration = "const NAME: &'static str =";
    let start = file.find(declaration).find(|offset| !file.is_test_at(*offset))?;
    let value = file.text[start + declaration.len()..].trim_start().strip_prefix('"')?;
    value.split_once('"').map(|(name, _)| name.to_owned())
}

/// Whether `ops.rs` has the module and names it, or its type, once more.
fn is_registered(ops: &RustFile, stem: &str, name: &str) -> bool {
    let words = || ops.code.split(|c: char| !c.is_alphanumeric() && c != '_');
    let of_stem = words().filter(|word| *word == stem).count();
    let of_type = words().filter(|word| *word == name).count();
    ops.code.contains(&format!("mod {stem};")) && of_stem + of_type >= 2
}

fn declares_module(files: &BTreeMap<&str, &RustFile>, path: &str, stem: &str) -> bool {
    files.get(path).is_some_and(|file| file.code.contains(&format!("mod {stem};")))
}

/// `GetQueueUrl` becomes `get_queue_url`, `CreateMFADevice` becomes `create_mfa_device`.
fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let after_lower = index > 0 && !letters[index - 1].is_uppercase();
        let before_lower = letters.get(index + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && index > 0 && (after_lower || before_lower) {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// Checks that a model file holds the listed operations.
fn check_model(service: &Service, text: &str, findings: &mut Vec<Finding>) -> Result<()> {
    let model: Value = serde_json::from_str(text).context(service.file)?;
    let operations = model.get("operations").and_then(Value::as_object);
    let held: BTreeSet<&str> =
        operations.into_iter().flat_map(Map::keys).map(String::as_str).collect();
    let listed: BTreeSet<&str> = service.operations.iter().copied().collect();
    if held != listed {
        let names: Vec<_> = held.symmetric_difference(&listed).copied().collect();
        let what = format!("the model is not the one of {LIST}: {}", names.join(", "));
        findings.push(Finding::new(service.file, 1, what, "run `cargo xtask models` and commit"));
    }
    Ok(())
}

/// Checks that each crate implements what the list says.
fn check_lists(in_code: &BTreeMap<&str, BTreeSet<String>>, findings: &mut Vec<Finding>) {
    let mut listed = BTreeMap::<&str, BTreeSet<String>>::new();
    for service in SERVICES {
        let names = service.operations.iter().map(|name| (*name).to_owned());
        listed.entry(service.package).or_default().extend(names);
    }
    let packages: BTreeSet<&str> = listed.keys().chain(in_code.keys()).copied().collect();
    let none = BTreeSet::new();
    for package in packages {
        let listed = listed.get(package).unwrap_or(&none);
        let built = in_code.get(package).unwrap_or(&none);
        let missing: Vec<_> = listed.difference(built).map(String::as_str).collect();
        let unlisted: Vec<_> = built.difference(listed).map(String::as_str).collect();
        let fix = "make the two equal, then run `cargo xtask models`";
        for (names, what) in [(missing, "is listed and has no file"), (unlisted, "is not listed")] {
            if !names.is_empty() {
                let what = format!("{package}: {} {what}", names.join(", "));
                findings.push(Finding::new(LIST, 1, what, fix));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "crates/queues/src/ops/send_message.rs";
    const OPERATION: &str = "const NAME: &'static str = \"SendMessage\";";

    /// What is wrong with one operation in a crate of these files.
    fn findings(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<_> =
            files.iter().map(|(path, text)| RustFile::new(path, (*text).to_owned())).collect();
        let by_path = files.iter().map(|file| (file.path.as_str(), file)).collect();
        let file = files.iter().find(|file| file.path.contains("/ops/")).unwrap();
        let (package, stem) = operation_file(file).unwrap();
        let mut findings = Vec::new();
        check_file(file, package, stem, &by_path, &mut findings);
        findings.into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn an_operation_with_two_lines_in_ops_and_a_test_is_in_order() {
        let found = findings(&[
            (PATH, OPERATION),
            ("crates/queues/src/ops.rs", "mod send_message;\nlist![send_message::SendMessage];"),
            ("crates/queues/tests/it/main.rs", "mod send_message;"),
            ("crates/queues/tests/it/send_message.rs", ""),
        ]);
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn an_operation_that_is_not_registered_or_tested_is_found() {
        let found =
            findings(&[(PATH, OPERATION), ("crates/queues/src/ops.rs", "mod send_message;")]);
        assert_eq!(found, ["SendMessage is not registered", "SendMessage has no test"]);
    }

    #[test]
    fn a_test_that_is_never_compiled_is_found() {
        let found = findings(&[
            (PATH, OPERATION),
            ("crates/queues/src/ops.rs", "mod send_message;\nlist![SendMessage];"),
            ("crates/queues/tests/it/main.rs", "// mod send_message;"),
            ("crates/queues/tests/it/send_message.rs", ""),
        ]);
        assert_eq!(found, ["the test of SendMessage is never compiled"]);
    }

    #[test]
    fn a_file_below_ops_declares_the_operation_of_its_name() {
        let ops = ("crates/queues/src/ops.rs", "mod send;\nlist![send];");
        let test = ("crates/queues/tests/it/send.rs", "");
        let main = ("crates/queues/tests/it/main.rs", "mod send;");
        let path = "crates/queues/src/ops/send.rs";
        assert_eq!(findings(&[(path, OPERATION), ops, test, main]), ["declares SendMessage"]);
        let none = ["no `const NAME: &'static str` of an operation"];
        assert_eq!(findings(&[(path, "fn a() {}"), ops, test, main]), none);
    }

    #[test]
    fn names_become_stems() {
        assert_eq!(snake_case("GetQueueUrl"), "get_queue_url");
        assert_eq!(snake_case("CreateMFADevice"), "create_mfa_device");
        assert_eq!(snake_case("ListObjectsV2"), "list_objects_v2");
    }

    #[test]
    fn a_model_that_lacks_a_listed_operation_is_found() {
        let mut findings = Vec::new();
        check_model(&SERVICES[0], r#"{"operations": {}}"#, &mut findings).unwrap();
        assert_eq!(findings[0].path, SERVICES[0].file);
    }
}
