//! How a deployment goes: a moving line per resource on a terminal, else a line per change.

use crate::{output, stacks::Event};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::{collections::HashMap, time::Duration};

/// How often a line moves.
const TICK: Duration = Duration::from_millis(100);

/// The lines of a deployment, on standard error.
pub(crate) struct Progress {
    stack_id: String,
    lines: Option<MultiProgress>,
    bars: HashMap<String, ProgressBar>,
    silent: bool,
}

impl Progress {
    /// No lines at all.
    pub(crate) fn silent() -> Self {
        Self { silent: true, lines: None, ..Self::new("") }
    }

    /// The lines of one stack; its id is empty while there is none.
    pub(crate) fn new(stack_id: &str) -> Self {
        let lines = output::is_live().then(MultiProgress::new);
        Self { stack_id: stack_id.to_owned(), lines, bars: HashMap::new(), silent: false }
    }

    /// Something begins or goes on.
    pub(crate) fn begin(&mut self, name: &str, what: &str) {
        if self.silent {
            return;
        }
        let Some(lines) = &self.lines else {
            output::note(&format!("{name}: {what}"));
            return;
        };
        let bar = self.bars.entry(name.to_owned()).or_insert_with(|| {
            let bar = lines.add(ProgressBar::new_spinner());
            let template = "{spinner:.cyan} {prefix:.bold} {msg} {elapsed:.dim}";
            let style = ProgressStyle::with_template(template).expect("the template is valid");
            bar.set_style(style.tick_strings(&["⠋", "⠙", "⠸", "⠴", "⠦", "⠇", " "]));
            bar.set_prefix(name.to_owned());
            bar.enable_steady_tick(TICK);
            bar
        });
        bar.set_message(what.to_owned());
    }

    /// Something has ended.
    pub(crate) fn end(&mut self, name: &str, what: &str, failed: bool) {
        self.begin(name, what);
        if let Some(bar) = self.bars.remove(name) {
            let mark = if failed { "{prefix:.red.bold}" } else { "{prefix:.green}" };
            let template = format!("{} {mark} {{msg}}", if failed { "✗" } else { "✓" });
            bar.set_style(ProgressStyle::with_template(&template).expect("the template is valid"));
            bar.finish_with_message(what.to_owned());
        }
    }

    /// An event of the stack.
    pub(crate) fn event(&mut self, event: &Event) {
        if event.is_of_stack(&self.stack_id) {
            return;
        }
        let reason = event.reason.as_deref().filter(|_| event.status.ends_with("_FAILED"));
        let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        let what = format!("{} {}{reason}", event.kind, event.status);
        if event.is_last() {
            self.end(&event.logical_id, &what, event.status.ends_with("_FAILED"));
        } else {
            self.begin(&event.logical_id, &what);
        }
    }

    /// Nothing more will come.
    pub(crate) fn finish(&mut self) {
        for (_, bar) in self.bars.drain() {
            bar.abandon();
        }
    }
}
