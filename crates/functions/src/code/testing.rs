//! Packages for tests.

use std::io::{Cursor, Write};
use zip::{ZipWriter, write::SimpleFileOptions};

pub(crate) enum Entry<'a> {
    File(&'a str, u32, &'a str),
    Link(&'a str, &'a str),
}

pub(crate) fn zip(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    for entry in entries {
        match entry {
            Entry::File(name, mode, text) => {
                writer.start_file(*name, options.unix_permissions(*mode)).unwrap();
                writer.write_all(text.as_bytes()).unwrap();
            }
            Entry::Link(name, to) => writer.add_symlink(*name, *to, options).unwrap(),
        }
    }
    writer.finish().unwrap().into_inner()
}
