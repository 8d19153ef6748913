use super::{Destination, buffer::Lines, permit};
use crate::{
    config,
    model::{self, NewEvent},
};
use clock::Ids;
use indexmap::IndexMap;
use kv::Transaction;
use service::{Fault, Platform, Transact, transact};
use std::collections::HashSet;
use types::{Arn, Timestamp};

/// Stores lines in order, in as many transactions as they need. Returns when they are stored, or
/// given up for a reason that does not pass.
pub(super) async fn store(
    platform: &Platform,
    ids: &Ids,
    refusals: &mut Refusals,
    streams: IndexMap<Destination, Lines>,
) {
    for part in parts(streams, platform.clock.now()) {
        let write = Write { platform, ids, part: &part };
        let mut pause = config::WRITER_PAUSE;
        let mut attempt = 1;
        loop {
            let fault = match transact(&platform.store, &write).await {
                Ok(refused) => {
                    refusals.note(&part, refused);
                    break;
                }
                Err(fault) => fault,
            };
            let is_away = fault.http_status() == 503;
            if !is_away && attempt >= config::WRITER_ATTEMPTS {
                let lines: usize = part.iter().map(|piece| piece.lines.len()).sum();
                tracing::error!(%fault, lines, "log lines are lost: they cannot be stored");
                break;
            }
            tracing::warn!(%fault, attempt, "log lines were not stored and are tried again");
            platform.clock.sleep(pause).await;
            pause = (pause * 2).min(config::WRITER_PAUSE_MAX);
            attempt += 1;
        }
    }
}

/// Lines of one stream in one transaction.
struct Piece {
    to: Destination,
    lines: Vec<(Timestamp, String)>,
}

/// Cuts lines into transactions.
fn parts(streams: IndexMap<Destination, Lines>, now: Timestamp) -> Vec<Vec<Piece>> {
    let mut parts = vec![Vec::new()];
    let (mut count, mut bytes) = (0, 0);
    for (to, Lines { mut lines, dropped }) in streams {
        if dropped > 0 {
            let time = lines.last().map_or(now, |(time, _)| *time);
            let text = format!(
                "[pileus] {dropped} log lines were dropped: they came faster than they could be \
                 stored"
            );
            lines.push((time, text));
        }
        let mut piece = Vec::new();
        // What a stream needs beside its events.
        count += 4;
        for (time, line) in lines {
            let length = line.len() + config::EVENT_OVERHEAD_BYTES;
            let full =
                count >= config::APPEND_EVENTS || bytes + length > config::WRITER_TRANSACTION_BYTES;
            if full {
                finish(&mut parts, &to, &mut piece);
                parts.push(Vec::new());
                (count, bytes) = (4, 0);
            }
            piece.push((time, line));
            count += 1;
            bytes += length;
        }
        finish(&mut parts, &to, &mut piece);
    }
    parts
}

fn finish(parts: &mut [Vec<Piece>], to: &Destination, lines: &mut Vec<(Timestamp, String)>) {
    if let Some(part) = parts.last_mut().filter(|_| !lines.is_empty()) {
        part.push(Piece { to: to.clone(), lines: std::mem::take(lines) });
    }
}

struct Write<'a> {
    platform: &'a Platform,
    ids: &'a Ids,
    part: &'a [Piece],
}

impl Transact for Write<'_> {
    /// For each piece, why it may not be written; nothing if it was.
    type Output = Vec<Option<String>>;

    async fn run(&self, tx: &mut Transaction) -> Result<Vec<Option<String>>, Fault> {
        let mut refused = Vec::with_capacity(self.part.len());
        for piece in self.part {
            refused.push(self.write(tx, piece).await?);
        }
        Ok(refused)
    }
}

impl Write<'_> {
    async fn write(&self, tx: &mut Transaction, piece: &Piece) -> Result<Option<String>, Fault> {
        let Piece { to, lines } = piece;
        let (account, region) = (&self.platform.account, &self.platform.region);
        let now = self.platform.clock.now();
        let group = model::find_group(tx, account, region, &to.group).await?;
        let stream = match &group {
            Some(group) => model::find_stream(tx, group, &to.stream).await?,
            None => None,
        };
        let makes = permit::Makes { group: group.is_none(), stream: stream.is_none() };
        if let Some(why) = permit::refusal(self.platform, tx, to, makes).await? {
            return Ok(Some(why));
        }
        let tags = types::Tags::new();
        let group = match group {
            Some(group) => group,
            None => model::create_group(tx, (account, region), &to.group, &tags, self.ids, now)?,
        };
        let mut stream = match stream {
            Some(stream) => stream,
            None => model::create_stream(tx, &group, &to.stream, self.ids, now)?,
        };
        let events: Vec<NewEvent<'_>> =
            lines.iter().map(|(time, line)| NewEvent { time: *time, message: line }).collect();
        model::append(tx, &group, &mut stream, &events, now)?;
        Ok(None)
    }
}

/// Groups that a role may not write to, so that each is told once.
#[derive(Debug, Default)]
pub(super) struct Refusals(HashSet<(String, Arn)>);

impl Refusals {
    fn note(&mut self, part: &[Piece], refused: Vec<Option<String>>) {
        for (Piece { to, lines }, why) in part.iter().zip(refused) {
            let key = (to.group.clone(), to.role.clone());
            let Some(why) = why else {
                self.0.remove(&key);
                continue;
            };
            if self.0.len() >= config::WRITER_REFUSALS {
                self.0.clear();
            }
            if self.0.insert(key) {
                let (group, function, lines) = (&to.group, &to.session, lines.len());
                tracing::warn!(
                    %group, %function, lines, %why,
                    "a function's output is dropped: its role may not write to its log group"
                );
            }
        }
    }
}
