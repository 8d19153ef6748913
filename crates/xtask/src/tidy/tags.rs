//! Key tags are permanent and unique: `const NAME: Tag = Tag(0x0102);`, in the table of `service`
//! or in a service's `keys.rs`.

use std::collections::BTreeMap;

use super::Finding;
use super::rust::RustFile;

/// Checks that no two constants carry the same tag.
pub(crate) fn check(files: &[RustFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen: BTreeMap<u16, String> = BTreeMap::new();
    for file in files {
        for (offset, tag) in constants(file) {
            let line = file.line_of(offset);
            let Some(tag) = tag else {
                let fix = "write it as `Tag(0x0102)`, four hexadecimal digits";
                findings.push(Finding::new(&file.path, line, "a key tag is not a literal", fix));
                continue;
            };
            let place = format!("{}:{line}", file.path);
            if let Some(first) = seen.get(&tag) {
                let what = format!("key tag {tag:#06x} is already taken at {first}");
                let fix = "take the next free tag of the service's range";
                findings.push(Finding::new(&file.path, line, what, fix));
            } else {
                seen.insert(tag, place);
            }
        }
    }
    findings
}

/// The tag constants of a file outside of its tests: where, and which.
fn constants(file: &RustFile) -> impl Iterator<Item = (usize, Option<u16>)> {
    let declared = file.find(": Tag =").chain(file.find(": kv::Tag ="));
    declared.filter(|offset| !file.is_test_at(*offset)).map(|offset| {
        let value = file.code[offset..].split_once('=').map_or("", |(_, value)| value);
        (offset, literal(value.split(';').next().unwrap_or_default()))
    })
}

/// `Tag(0x0102)` or `Tag::new(0x0102)`, with or without a path before it.
fn literal(value: &str) -> Option<u16> {
    let value = value.trim().trim_start_matches("kv::").strip_prefix("Tag")?;
    let value = value.strip_prefix("::new").unwrap_or(value);
    let digits = value.strip_prefix("(0x")?.strip_suffix(')')?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> RustFile {
        RustFile::new(path, text.to_owned())
    }

    #[test]
    fn a_tag_that_is_used_twice_is_found_in_any_two_files() {
        let files = [
            file(
                "crates/a/src/keys.rs",
                "const A: Tag = Tag(0x0101);\nconst B: Tag = Tag(0x0102);",
            ),
            file("crates/b/src/keys.rs", "\npub const C: kv::Tag = kv::Tag::new(0x0102);"),
        ];
        let findings = check(&files);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].line, 2);
        assert_eq!(findings[0].what, "key tag 0x0102 is already taken at crates/a/src/keys.rs:2");
    }

    #[test]
    fn tags_of_tests_do_not_count() {
        let files = [
            file("crates/a/src/keys.rs", "const A: Tag = Tag(0x0101);"),
            file("crates/a/tests/keys.rs", "const A: Tag = Tag(0x0101);"),
        ];
        assert_eq!(check(&files), []);
    }

    #[test]
    fn a_tag_that_is_no_literal_is_found() {
        assert_eq!(
            check(&[file("crates/a/src/keys.rs", "const A: Tag = Tag(BASE + 1);")]).len(),
            1
        );
    }
}
