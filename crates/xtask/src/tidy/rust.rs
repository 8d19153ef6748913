//! A Rust file as the checks see it: its code without comments and literals, and which of its
//! lines are tests.

use std::ops::Range;

/// One Rust file.
pub(crate) struct RustFile {
    /// Its path, relative to the root.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
    /// Its text with every comment, string and character literal blanked; same length, same lines.
    pub(crate) code: String,
    /// Whether all of it is tests.
    pub(crate) is_test: bool,
    /// The byte ranges of items under `#[cfg(test)]`.
    tests: Vec<Range<usize>>,
}

impl RustFile {
    /// Reads a file's text.
    pub(crate) fn new(path: &str, text: String) -> Self {
        let code = blank_literals(&text);
        let tests = test_items(&code);
        let is_test = path.contains("/tests/") || path.contains("/benches/");
        Self { path: path.to_owned(), text, code, is_test, tests }
    }

    /// The line of a byte offset, counted from 1.
    pub(crate) fn line_of(&self, offset: usize) -> usize {
        self.text[..offset].matches('\n').count() + 1
    }

    /// Whether a byte offset lies in a test.
    pub(crate) fn is_test_at(&self, offset: usize) -> bool {
        self.is_test || self.tests.iter().any(|range| range.contains(&offset))
    }

    /// How many lines are not tests.
    pub(crate) fn lines_without_tests(&self) -> usize {
        let in_tests: usize =
            self.tests.iter().map(|range| self.text[range.clone()].lines().count()).sum();
        self.text.lines().count().saturating_sub(in_tests)
    }

    /// The offsets of a piece of code outside of comments and literals.
    pub(crate) fn find<'a>(&'a self, needle: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.code.match_indices(needle).map(|(offset, _)| offset)
    }

    /// The crate that the file belongs to.
    pub(crate) fn package(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }

    /// The files that `#[cfg(test)] mod name;` may mean.
    fn test_modules(&self) -> Vec<String> {
        let names = self.tests.iter().filter_map(|range| {
            let item = self.code[range.clone()].trim_end().strip_suffix(';')?;
            item.split_whitespace().next_back()
        });
        let (folder, file) = self.path.rsplit_once('/').unwrap_or(("", &self.path));
        let folder = match file {
            "lib.rs" | "main.rs" | "mod.rs" => folder.to_owned(),
            file => format!("{folder}/{}", file.trim_end_matches(".rs")),
        };
        names.map(|name| format!("{folder}/{name}")).collect()
    }
}

/// Marks the files that are modules under `#[cfg(test)]` of another.
pub(crate) fn mark_test_files(files: &mut [RustFile]) {
    let modules: Vec<String> = files.iter().flat_map(RustFile::test_modules).collect();
    for file in files {
        let stem = file.path.trim_end_matches(".rs");
        let within = |module: &String| {
            stem.strip_prefix(module.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        file.is_test |= modules.iter().any(within);
    }
}

/// The items that follow `#[cfg(test)]`, attribute included.
fn test_items(code: &str) -> Vec<Range<usize>> {
    let mut items: Vec<Range<usize>> = Vec::new();
    for attribute in ["#[cfg(test)]", "#[cfg(all(test"] {
        for (start, _) in code.match_indices(attribute) {
            items.push(start..item_end(code, start + attribute.len()));
        }
    }
    items.sort_by_key(|range| range.start);
    let mut outermost: Vec<Range<usize>> = Vec::new();
    for item in items {
        if outermost.last().is_none_or(|last| item.start >= last.end) {
            outermost.push(item);
        }
    }
    outermost
}

/// The end of an item: its semicolon, or the brace that closes its body.
fn item_end(code: &str, start: usize) -> usize {
    let mut depth = 0_usize;
    for (index, byte) in code.bytes().enumerate().skip(start) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth <= 1 => return index + 1,
            b'}' => depth -= 1,
            b';' if depth == 0 => return index + 1,
            _ => {}
        }
    }
    code.len()
}

/// Replaces comments and literals by spaces and keeps the line ends.
fn blank_literals(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let after_word = code.ends_with(|last: char| last.is_alphanumeric() || last == '_');
        let length = literal_length(rest, after_word);
        if length == 0 {
            code.push(next);
            rest = &rest[next.len_utf8()..];
        } else {
            let (literal, after) = rest.split_at(length);
            code.extend(literal.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
            rest = after;
        }
    }
    code
}

/// The length of the comment or literal that the text begins with; 0 if it begins with neither.
fn literal_length(text: &str, after_word: bool) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return block_comment_length(text);
    }
    if text.starts_with('"') {
        return string_length(text, 0);
    }
    if text.starts_with('\'') {
        return character_length(text);
    }
    if after_word {
        return 0;
    }
    let prefix = text.len() - text.trim_start_matches(['b', 'c', 'r']).len();
    let hashes = text[prefix..].len() - text[prefix..].trim_start_matches('#').len();
    let is_raw = prefix > 0 && text[..prefix].ends_with('r');
    if prefix > 0 && is_raw && text[prefix + hashes..].starts_with('"') {
        let close = format!("\"{}", "#".repeat(hashes));
        let body = prefix + hashes + 1;
        return text[body..].find(&close).map_or(text.len(), |end| body + end + close.len());
    }
    0
}

fn block_comment_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut index = 0;
    while index < text.len() {
        let rest = &text.as_bytes()[index..];
        if rest.starts_with(b"/*") {
            depth += 1;
            index += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            index += 2;
            if depth == 0 {
                return index;
            }
        } else {
            index += 1;
        }
    }
    text.len()
}

fn string_length(text: &str, open: usize) -> usize {
    let mut escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(open + 1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a character literal; 0 for a lifetime.
fn character_length(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    match characters.next() {
        Some((_, '\\')) => {
            characters.next();
            characters.find(|(_, next)| *next == '\'').map_or(0, |(index, _)| index + 1)
        }
        Some(_) => characters.next().filter(|(_, next)| *next == '\'').map_or(0, |(at, _)| at + 1),
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_in_place() {
        let text =
            "a /* x /* y */ z */ b // c\n'{' \"}\\\"{\" r#\"{\"\"#  fn f<'a>(x: &'a u8) b'\\''";
        let code = blank_literals(text);
        assert_eq!(code.len(), text.len());
        assert!(!code.contains(['{', '}', 'z', 'c']), "{code}");
        assert!(code.contains("fn f<'a>(x: &'a u8)"), "{code}");
    }

    #[test]
    fn lines_of_test_items_do_not_count() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n";
        let file = RustFile::new("crates/x/src/lib.rs", text.to_owned());
        assert_eq!(file.lines_without_tests(), 2);
        assert!(file.is_test_at(text.find("fn b").unwrap()));
        assert!(!file.is_test_at(text.find("fn c").unwrap()));
    }

    #[test]
    fn a_test_module_in_its_own_file_is_a_test() {
        let mut files = vec![
            RustFile::new("crates/x/src/parse.rs", "#[cfg(test)]\nmod tests;\n".to_owned()),
            RustFile::new("crates/x/src/parse/tests.rs", "fn a() {}\n".to_owned()),
            RustFile::new("crates/x/src/parse/tests_of_time.rs", "fn a() {}\n".to_owned()),
        ];
        mark_test_files(&mut files);
        let tests: Vec<_> = files.iter().map(|file| file.is_test).collect();
        assert_eq!(tests, [false, true, false]);
    }
}
