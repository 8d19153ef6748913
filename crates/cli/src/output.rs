//! Results to standard output, everything else to standard error.

use clap::builder::styling::{AnsiColor, Style};
use serde_json::Value;
use std::io::{self, IsTerminal, Write};

/// Nobody reads standard output any more.
#[derive(Debug)]
pub(crate) struct Closed;

/// Prints a line of the result.
pub(crate) fn line(text: &str) -> Result<(), Closed> {
    raw(format!("{text}\n").as_bytes())
}

/// Prints bytes of the result as they are.
pub(crate) fn raw(bytes: &[u8]) -> Result<(), Closed> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(|_| Closed)
}

/// Prints the result as JSON.
pub(crate) fn json(value: &Value) -> Result<(), Closed> {
    line(&format!("{value:#}"))
}

/// Prints a line that is not part of the result.
pub(crate) fn note(text: &str) {
    // There is no place left to say that standard error is closed.
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// Whether standard error is a terminal, where bars may move.
pub(crate) fn is_live() -> bool {
    io::stderr().is_terminal()
}

/// A failure, on standard error.
pub(crate) fn bad(text: &str) -> String {
    paint(text, AnsiColor::Red.on_default().bold(), io::stderr().is_terminal())
}

/// A success or an advice, on standard error.
pub(crate) fn good(text: &str) -> String {
    paint(text, AnsiColor::Green.on_default().bold(), io::stderr().is_terminal())
}

/// Something to look at, on standard error.
pub(crate) fn attention(text: &str) -> String {
    paint(text, AnsiColor::Yellow.on_default().bold(), io::stderr().is_terminal())
}

/// The head of a table or a section, on standard output.
pub(crate) fn head(text: &str) -> String {
    paint(text, Style::new().bold(), io::stdout().is_terminal())
}

/// What may be overlooked, on standard output.
pub(crate) fn faint(text: &str) -> String {
    paint(text, Style::new().dimmed(), io::stdout().is_terminal())
}

/// A failure, on standard output.
pub(crate) fn alarm(text: &str) -> String {
    paint(text, AnsiColor::Red.on_default(), io::stdout().is_terminal())
}

/// A name among others, on standard output: neighbours have different colours.
pub(crate) fn named(text: &str, index: usize) -> String {
    const COLOURS: [AnsiColor; 6] = [
        AnsiColor::Cyan,
        AnsiColor::Green,
        AnsiColor::Magenta,
        AnsiColor::Yellow,
        AnsiColor::Blue,
        AnsiColor::BrightCyan,
    ];
    paint(text, COLOURS[index % COLOURS.len()].on_default(), io::stdout().is_terminal())
}

fn paint(text: &str, style: Style, terminal: bool) -> String {
    let plain = !terminal || crate::environment::variable("NO_COLOR").is_some();
    if plain { text.to_owned() } else { format!("{style}{text}{style:#}") }
}

/// The lines of a table with aligned columns, its head first.
pub(crate) fn table(columns: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    // Colours have no width.
    let wide = console::measure_text_width;
    let mut widths: Vec<usize> = columns.iter().map(|name| wide(name)).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(wide(cell));
        }
    }
    let align = |cells: &mut dyn Iterator<Item = &str>| {
        let pad = |cell: &str, width: usize| " ".repeat(width - wide(cell));
        let cells = cells.zip(&widths).map(|(cell, width)| format!("{cell}{}", pad(cell, *width)));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let first = head(&align(&mut columns.iter().copied()));
    let rest = rows.iter().map(|row| align(&mut row.iter().map(String::as_str)));
    std::iter::once(first).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_of_a_table_are_aligned() {
        let rows = [vec!["a".to_owned(), "1".to_owned()], vec!["long".to_owned(), String::new()]];
        assert_eq!(table(&["NAME", "N"], &rows), ["NAME  N", "a     1", "long"]);
        let red = vec![vec!["\u{1b}[31ma\u{1b}[0m".to_owned(), "1".to_owned()]];
        assert_eq!(table(&["NAME", "N"], &red), ["NAME  N", "\u{1b}[31ma\u{1b}[0m     1"]);
    }
}
