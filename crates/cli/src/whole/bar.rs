use crate::{output, session::Session};
use backup::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// How often it moves.
const TICK: Duration = Duration::from_millis(100);

/// How far a command is: a moving line, on a terminal only.
pub(crate) struct Bar(Option<ProgressBar>);

impl Bar {
    pub(crate) fn new(what: &'static str, session: &Session) -> Self {
        let live = output::is_live() && !session.json();
        Self(live.then(|| {
            let bar = ProgressBar::new_spinner();
            let template = "{spinner:.cyan} {prefix:.bold} {msg} {elapsed:.dim}";
            bar.set_style(ProgressStyle::with_template(template).expect("the template is valid"));
            bar.set_prefix(what);
            bar.enable_steady_tick(TICK);
            bar
        }))
    }

    pub(crate) fn show(&self, progress: &Progress) {
        let Some(bar) = &self.0 else { return };
        let Progress { entries, blobs, blobs_known, bytes } = progress;
        let of = if blobs_known > blobs { format!(" of {blobs_known}") } else { String::new() };
        let megabytes = *bytes as f64 / 1_000_000.0;
        bar.set_message(format!("{entries} entries, {blobs}{of} blobs, {megabytes:.1} MB"));
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
