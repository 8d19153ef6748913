//! Key tags are permanent and unique. `service` has the table: tags of its own, and one block of
//! 32 for each service, whose `keys.rs` takes from it: `const BODY: Tag = Tag(tag::QUEUES + 1);`.

use std::collections::BTreeMap;

use super::rust::RustFile;
use super::{Finding, layers};

/// The table.
const TABLE: &str = "crates/service/src/tag.rs";

/// How many tags a service may take.
const BLOCK: u16 = 32;

/// The first tag of each service's block, by the name of its constant.
type Blocks<'a> = BTreeMap<&'a str, u16>;

/// Checks that no two constants carry the same tag, and that each stays in its crate's block.
pub(crate) fn check(files: &[RustFile]) -> Vec<Finding> {
    let table = files.iter().find(|file| file.path == TABLE);
    let blocks: Blocks<'_> = table.into_iter().flat_map(blocks).collect();
    let mut findings = overlaps(&blocks);
    let mut seen: BTreeMap<u16, String> = BTreeMap::new();
    // What tests write never meets a real store.
    let real = |file: &&RustFile| !file.package().is_some_and(layers::is_dev);
    for file in files.iter().filter(real) {
        for (offset, value) in constants(file) {
            let line = file.line_of(offset);
            match tag(value, file, &blocks) {
                Err(what) => {
                    let fix = format!("take the next free tag of the crate's block in {TABLE}");
                    findings.push(Finding::new(&file.path, line, what, fix));
                }
                Ok(tag) => {
                    if let Some(first) = seen.get(&tag) {
                        let what = format!("key tag {tag:#06x} is already taken at {first}");
                        let fix = "take the next free tag of the block";
                        findings.push(Finding::new(&file.path, line, what, fix));
                    }
                    seen.entry(tag).or_insert_with(|| format!("{}:{line}", file.path));
                }
            }
        }
    }
    findings
}

/// The blocks of the table: `pub const QUEUES: u16 = 0x0120;`.
fn blocks(table: &RustFile) -> impl Iterator<Item = (&str, u16)> {
    table.code.split(';').filter_map(|item| {
        let (declaration, value) = item.split_once(": u16 =")?;
        Some((declaration.split_whitespace().next_back()?, number(value.trim())?))
    })
}

fn overlaps(blocks: &Blocks<'_>) -> Vec<Finding> {
    let mut starts: Vec<_> = blocks.iter().map(|(name, start)| (*start, *name)).collect();
    starts.sort_unstable();
    let pairs = starts.iter().zip(starts.iter().skip(1));
    let overlapping = pairs.filter(|(first, second)| second.0 - first.0 < BLOCK);
    overlapping
        .map(|(first, second)| {
            let what = format!("the blocks of {} and {} overlap", first.1, second.1);
            Finding::new(TABLE, 1, what, format!("leave {BLOCK} tags to each"))
        })
        .collect()
}

/// The tag constants of a file outside of its tests: where, and their values as written.
fn constants(file: &RustFile) -> impl Iterator<Item = (usize, &str)> {
    let declared = file.find(": Tag =").chain(file.find(": kv::Tag ="));
    declared.filter(|offset| !file.is_test_at(*offset)).map(|offset| {
        let value = file.code[offset..].split_once('=').map_or("", |(_, value)| value);
        (offset, value.split(';').next().unwrap_or_default().trim())
    })
}

/// The tag that a constant's value means, or what is wrong with it.
fn tag(value: &str, file: &RustFile, blocks: &Blocks<'_>) -> Result<u16, String> {
    let unclear = || format!("cannot tell which key tag `{value}` is");
    let inner = value.strip_prefix("kv::").unwrap_or(value);
    let inner = inner.strip_prefix("Tag").map(|rest| rest.strip_prefix("::new").unwrap_or(rest));
    let inner = inner.and_then(|rest| rest.strip_prefix('(')?.strip_suffix(')'));
    let inner = inner.ok_or_else(unclear)?.trim();
    if let Some(tag) = number(inner) {
        return if file.path == TABLE { Ok(tag) } else { Err(format!("`{value}` is in no block")) };
    }
    let (name, index) = inner.split_once('+').unwrap_or((inner, "0"));
    let name = name.trim().rsplit("::").next().unwrap_or_default();
    let start = *blocks.get(name).ok_or_else(unclear)?;
    let index = number(index.trim()).ok_or_else(unclear)?;
    let own = file.package().unwrap_or_default().replace('-', "_").to_uppercase();
    if index >= BLOCK || name != own {
        return Err(format!("`{value}` is not in the block of 32 tags of this crate"));
    }
    start.checked_add(index).ok_or_else(unclear)
}

fn number(text: &str) -> Option<u16> {
    match text.strip_prefix("0x") {
        Some(digits) => u16::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let table = "pub const META: Tag = Tag(0x0001);\npub const A: u16 = 0x0100;\n\
                     pub const B: u16 = 0x0120;";
        let files =
            [(TABLE, table), (path, text)].map(|(path, text)| RustFile::new(path, text.to_owned()));
        check(&files).into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn tags_of_the_crates_own_block_are_in_order() {
        let text = "const X: Tag = Tag(tag::A);\nconst Y: kv::Tag = kv::Tag::new(tag::A + 31);";
        assert_eq!(found("crates/a/src/keys.rs", text), Vec::<String>::new());
    }

    #[test]
    fn a_tag_that_is_taken_twice_is_found() {
        let text = "const X: Tag = Tag(tag::A + 2);\nconst Y: Tag = Tag(tag::A + 0x02);";
        let expected = ["key tag 0x0102 is already taken at crates/a/src/keys.rs:1"];
        assert_eq!(found("crates/a/src/keys.rs", text), expected);
    }

    #[test]
    fn a_tag_outside_of_the_crates_block_is_found() {
        for value in ["Tag(tag::B)", "Tag(tag::A + 32)", "Tag(0x0105)", "Tag(BASE + 1)", "make()"] {
            let text = format!("const X: Tag = {value};");
            assert_eq!(found("crates/a/src/keys.rs", &text).len(), 1, "{value}");
        }
    }

    #[test]
    fn tags_of_tests_do_not_count() {
        let text = "const X: Tag = Tag(0x0101);";
        assert_eq!(found("crates/a/tests/keys.rs", text), Vec::<String>::new());
        assert_eq!(found("crates/testkit/src/keys.rs", text), Vec::<String>::new());
    }

    #[test]
    fn blocks_that_overlap_are_found() {
        let table = "pub const A: u16 = 0x0100;\npub const B: u16 = 0x0110;";
        let findings = check(&[RustFile::new(TABLE, table.to_owned())]);
        assert_eq!(findings[0].what, "the blocks of A and B overlap");
    }
}
