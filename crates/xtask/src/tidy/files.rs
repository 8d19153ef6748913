//! The length of files, and what may not stand in them.

use anyhow::Result;

use super::Finding;
use super::rust::RustFile;
use crate::workspace::Workspace;

/// The most lines that a file may have, tests not counted.
const MAX_LINES: usize = 600;

/// Marks of unfinished work, split so that this file does not contain them.
const UNFINISHED: &[&str] = &[concat!("FIX", "ME"), concat!("TO", "DO"), concat!("XX", "X")];

/// The files that people write code in.
const CODE: &[&str] =
    &[".rs", ".toml", ".sh", ".py", ".js", ".mjs", ".ts", ".yaml", ".yml", "/run"];

/// Checks all files.
pub(crate) fn check(
    workspace: &Workspace,
    paths: &[String],
    rust: &[RustFile],
) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for path in paths.iter().filter(|path| CODE.iter().any(|suffix| path.ends_with(suffix))) {
        unfinished(path, &workspace.read(path)?, &mut findings);
    }
    for file in rust {
        length(file, &mut findings);
        switched_off(file, &mut findings);
    }
    Ok(findings)
}

fn unfinished(path: &str, text: &str, findings: &mut Vec<Finding>) {
    for (index, line) in text.lines().enumerate() {
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        if let Some(word) = words.find(|word| UNFINISHED.contains(word)) {
            let what = format!("`{word}`: main holds finished work only");
            let fix = "finish it, or open an issue and remove the mark";
            findings.push(Finding::new(path, index + 1, what, fix));
        }
    }
}

fn length(file: &RustFile, findings: &mut Vec<Finding>) {
    let lines = file.lines_without_tests();
    if !file.is_test && lines > MAX_LINES {
        let what = format!("{lines} lines without tests, more than {MAX_LINES}");
        let fix = "split it where its second subject begins";
        findings.push(Finding::new(&file.path, 1, what, fix));
    }
}

/// Switches that would let a long function or a skipped test through.
fn switched_off(file: &RustFile, findings: &mut Vec<Finding>) {
    let long = file.find("clippy::too_many_lines").filter(|at| !file.is_test_at(*at));
    findings.extend(long.map(|at| {
        let what = "the cap on the length of functions is switched off";
        Finding::new(&file.path, file.line_of(at), what, "split the function instead")
    }));
    findings.extend(file.find("#[ignore").map(|at| {
        let fix = "make it pass, or delete it; a test whose tool is missing fails";
        Finding::new(&file.path, file.line_of(at), "a test is ignored", fix)
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> Vec<String> {
        let file = RustFile::new(path, text.to_owned());
        let mut findings = Vec::new();
        unfinished(path, text, &mut findings);
        length(&file, &mut findings);
        switched_off(&file, &mut findings);
        findings.iter().map(|finding| format!("{}: {}", finding.line, finding.what)).collect()
    }

    #[test]
    fn a_mark_of_unfinished_work_is_found_as_a_word() {
        let mark = UNFINISHED[0];
        let text = format!("// fine\n// {mark}: later\nlet a{mark}b = 1;\n");
        let expected = format!("2: `{mark}`: main holds finished work only");
        assert_eq!(findings("crates/x/src/a.rs", &text), [expected]);
    }

    #[test]
    fn a_long_file_is_found_and_a_long_test_is_not() {
        let long = "fn a() {}\n".repeat(MAX_LINES + 1);
        assert_eq!(findings("crates/x/src/a.rs", &long).len(), 1);
        let tests = format!("#[cfg(test)]\nmod tests {{\n{long}}}\n");
        assert_eq!(findings("crates/x/src/a.rs", &tests).len(), 0);
        assert_eq!(findings("crates/x/tests/it/a.rs", &long).len(), 0);
    }

    #[test]
    fn an_ignored_test_is_found_but_not_in_a_comment() {
        let text = "// #[ignore]\n#[ignore = \"slow\"]\nfn a() {}\n";
        assert_eq!(findings("crates/x/tests/a.rs", text), ["2: a test is ignored"]);
    }
}
