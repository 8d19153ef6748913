//! The chain of invocations that led to one, so that functions which call themselves in a loop are
//! stopped ("Use Lambda recursive loop detection to prevent infinite loops").
//!
//! The chain travels in the `Lineage` of the trace header: for each function of it a hash of its ARN
//! and how often it ran, `Lineage=a87bd80c:1|68fd508a:5`. A function finds the header in
//! `_X_AMZN_TRACE_ID`. The AWS SDKs send it as `X-Amzn-Trace-Id` with every call that they make
//! inside of a function (botocore writes `|` as `%7C`); queues keep it as `AWSTraceHeader`, and
//! deliveries carry it.

use crate::{Error, Functions, model, model::Function};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use types::{Arn, RequestId, Timestamp};

/// How often a function runs in one chain; then the next invocation is stopped.
const CHAIN: u32 = 16;
/// Functions that a chain remembers; those that ran longest ago are forgotten.
const FUNCTIONS: usize = 32;
/// The longest root that is handed on, in bytes.
const ROOT_BYTES: usize = 64;

/// What a trace header says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Trace {
    root: Option<String>,
    is_sampled: bool,
    /// How often each function ran, the last one last.
    lineage: Vec<(String, u32)>,
}

impl Trace {
    /// Reads a header; what is none, or damaged, says nothing.
    pub(crate) fn parse(header: Option<&str>) -> Self {
        let mut trace = Self::default();
        for part in header.unwrap_or_default().split(';') {
            match part.trim().split_once('=') {
                Some(("Root", root)) if is_root(root) => trace.root = Some(root.to_owned()),
                Some(("Sampled", sampled)) => trace.is_sampled = sampled == "1",
                Some(("Lineage", lineage)) => trace.lineage = read(lineage),
                _ => {}
            }
        }
        trace
    }

    /// The longest chain of all of those that led to one invocation. Of more than one the roots
    /// differ, and none is handed on.
    pub(crate) fn merged(all: Vec<Self>) -> Self {
        let mut merged = Self::default();
        let is_one = all.len() == 1;
        for trace in all {
            merged.is_sampled |= trace.is_sampled;
            merged.root = trace.root.filter(|_| is_one);
            for (function, count) in trace.lineage {
                merged.set(&function, |known| known.max(count));
            }
        }
        merged
    }

    /// Whether a function ran as often in this chain as it may.
    pub(crate) fn is_loop_of(&self, function: &Arn) -> bool {
        let hash = hash(function);
        self.lineage.iter().any(|(known, count)| *known == hash && *count >= CHAIN)
    }

    /// The header of an invocation of a function that this led to. A new root is made of the
    /// invocation's id, which retries have too.
    fn entered(
        mut self,
        function: &Arn,
        id: &RequestId,
        parent: [u8; 8],
        now: Timestamp,
    ) -> String {
        self.set(&hash(function), |count| count.saturating_add(1));
        let root = self.root.unwrap_or_else(|| {
            let unique: String = id.to_string().chars().filter(|c| *c != '-').take(24).collect();
            format!("1-{:08x}-{unique}", now.as_secs())
        });
        let (parent, sampled) = (u64::from_be_bytes(parent), u8::from(self.is_sampled));
        let mut header = format!("Root={root};Parent={parent:016x};Sampled={sampled};Lineage=");
        for (index, (function, count)) in self.lineage.iter().enumerate() {
            let separator = if index > 0 { "|" } else { "" };
            // Writing to a text does not fail.
            let _ = write!(header, "{separator}{function}:{count}");
        }
        header
    }

    /// Changes the count of a function, which becomes the last one.
    fn set(&mut self, function: &str, change: impl Fn(u32) -> u32) {
        let known = self.lineage.iter().position(|(known, _)| known == function);
        let count = known.map_or(0, |index| self.lineage.remove(index).1);
        if self.lineage.len() >= FUNCTIONS {
            self.lineage.remove(0);
        }
        self.lineage.push((function.to_owned(), change(count)));
    }
}

fn is_root(root: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    !root.is_empty() && root.len() <= ROOT_BYTES && root.bytes().all(allowed)
}

fn read(lineage: &str) -> Vec<(String, u32)> {
    let lineage = lineage.replace("%7C", "|").replace("%7c", "|");
    let one = |text: &str| {
        let (function, count) = text.split_once(':')?;
        let is_hash = function.len() == 8 && function.bytes().all(|b| b.is_ascii_hexdigit());
        Some((function.to_ascii_lowercase(), count.parse().ok()?)).filter(|_| is_hash)
    };
    lineage.split('|').filter_map(one).take(FUNCTIONS).collect()
}

/// How a chain names a function: all of its versions are the same one.
fn hash(function: &Arn) -> String {
    let hash = Sha256::digest(function.as_str());
    hash[..4].iter().fold(String::with_capacity(8), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Functions {
    /// The trace header of an invocation that `trace` led to.
    ///
    /// # Errors
    /// [`Error::Recursive`] if the function has run too often in this chain, unless it is configured
    /// to allow that.
    pub(crate) async fn enter(
        &self,
        function: &Function,
        trace: Trace,
        id: &RequestId,
    ) -> Result<String, Error> {
        if trace.is_loop_of(&function.arn) && !self.allows_loops(function).await? {
            self.stopped(function, 1);
            return Err(Error::Recursive);
        }
        let now = self.platform.clock.now();
        Ok(trace.entered(&function.arn, id, self.ids.bytes(), now))
    }

    /// Whether a function is configured to run in loops. Read only when one is found.
    pub(crate) async fn allows_loops(&self, function: &Function) -> Result<bool, Error> {
        let mut tx = self.platform.store.begin();
        let latest = model::find(&self.platform, &mut tx, &function.name).await?;
        Ok(latest.is_some_and(|latest| latest.allows_loops))
    }

    /// Tells that so many invocations were stopped.
    pub(crate) fn stopped(&self, function: &Function, count: u64) {
        let function_arn = &function.arn;
        tracing::warn!(%function_arn, count, "a recursive loop is stopped: the function is invoked by what it did itself");
        self.meters.recursive(&function.name, count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "1-5759e988-bd862e3fe1be46a994272793";

    fn arn(name: &str) -> Arn {
        format!("arn:aws:lambda:eu-west-1:000000000000:function:{name}").parse().unwrap()
    }

    fn enter(header: Option<&str>, function: &str) -> String {
        let id = RequestId::from_random([7; 16]);
        Trace::parse(header).entered(&arn(function), &id, [1; 8], Timestamp::from_secs(16))
    }

    #[test]
    fn a_chain_counts_each_function_and_keeps_its_root() {
        let first = enter(None, "a");
        let parent = "Parent=0101010101010101;Sampled=0";
        let (a, b) = (hash(&arn("a")), hash(&arn("b")));
        let id = "070707070707470787070707";
        assert_eq!(first, format!("Root=1-00000010-{id};{parent};Lineage={a}:1"));
        let header = format!("Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1;Lineage={a}:1");
        let second = enter(Some(&header), "b");
        let parent = "Parent=0101010101010101;Sampled=1";
        assert_eq!(second, format!("Root={ROOT};{parent};Lineage={a}:1|{b}:1"));
        // As botocore sends it.
        let third = enter(Some(&second.replace('|', "%7C")), "a");
        assert_eq!(third, format!("Root={ROOT};{parent};Lineage={b}:1|{a}:2"));
    }

    #[test]
    fn a_function_runs_sixteen_times_in_a_chain() {
        let mut header = None;
        for _ in 0..CHAIN {
            assert!(!Trace::parse(header.as_deref()).is_loop_of(&arn("a")));
            header = Some(enter(header.as_deref(), "a"));
        }
        assert!(Trace::parse(header.as_deref()).is_loop_of(&arn("a")));
        assert!(!Trace::parse(header.as_deref()).is_loop_of(&arn("b")));
    }

    #[test]
    fn what_is_no_header_says_nothing() {
        for text in ["", "x", "Root=<;Lineage=:1|x:2|0123456789:3|aabbccdd:-1", "Lineage=;Root="] {
            assert_eq!(Trace::parse(Some(text)), Trace::default(), "{text}");
        }
    }

    #[test]
    fn several_chains_count_as_the_longest_and_what_is_remembered_is_bounded() {
        let (a, b) = (hash(&arn("a")), hash(&arn("b")));
        let one = |lineage: String| Trace::parse(Some(&format!("Root={ROOT};Lineage={lineage}")));
        let merged = Trace::merged(vec![one(format!("{a}:3")), one(format!("{a}:2|{b}:1"))]);
        assert_eq!(merged, Trace { root: None, is_sampled: false, lineage: vec![(a, 3), (b, 1)] });
        assert_eq!(Trace::merged(vec![one("x".to_owned())]).root.as_deref(), Some(ROOT));
        let mut header = None;
        for number in 0..100 {
            header = Some(enter(header.as_deref(), &format!("f{number}")));
        }
        assert_eq!(Trace::parse(header.as_deref()).lineage.len(), FUNCTIONS);
        assert!(header.unwrap().len() < service::TRACE_HEADER_BYTES);
    }
}
