use super::buffer::{Lines, Name};
use crate::{
    config,
    model::{self, NewEvent},
};
use clock::Ids;
use indexmap::IndexMap;
use kv::Transaction;
use service::{Fault, Platform, Transact, transact};
use types::Timestamp;

/// Stores lines in order, in as many transactions as they need. Returns when they are stored, or
/// given up for a reason that does not pass.
pub(super) async fn store(platform: &Platform, ids: &Ids, streams: IndexMap<Name, Lines>) {
    for part in parts(streams, platform.clock.now()) {
        let write = Write { platform, ids, part: &part };
        let mut pause = config::WRITER_PAUSE;
        let mut attempt = 1;
        while let Err(fault) = transact(&platform.store, &write).await {
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
    name: Name,
    lines: Vec<(Timestamp, String)>,
}

/// Cuts lines into transactions.
fn parts(streams: IndexMap<Name, Lines>, now: Timestamp) -> Vec<Vec<Piece>> {
    let mut parts = vec![Vec::new()];
    let (mut count, mut bytes) = (0, 0);
    for (name, Lines { mut lines, dropped }) in streams {
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
                finish(&mut parts, &name, &mut piece);
                parts.push(Vec::new());
                (count, bytes) = (4, 0);
            }
            piece.push((time, line));
            count += 1;
            bytes += length;
        }
        finish(&mut parts, &name, &mut piece);
    }
    parts
}

fn finish(parts: &mut [Vec<Piece>], name: &Name, lines: &mut Vec<(Timestamp, String)>) {
    if let Some(part) = parts.last_mut().filter(|_| !lines.is_empty()) {
        part.push(Piece { name: name.clone(), lines: std::mem::take(lines) });
    }
}

struct Write<'a> {
    platform: &'a Platform,
    ids: &'a Ids,
    part: &'a [Piece],
}

impl Transact for Write<'_> {
    type Output = ();

    async fn run(&self, tx: &mut Transaction) -> Result<(), Fault> {
        let (account, region) = (&self.platform.account, &self.platform.region);
        let now = self.platform.clock.now();
        for Piece { name: (group, stream), lines } in self.part {
            let group = match model::find_group(tx, account, region, group).await? {
                Some(found) => found,
                None => {
                    let tags = types::Tags::new();
                    model::create_group(tx, (account, region), group, &tags, self.ids, now)?
                }
            };
            let mut stream = match model::find_stream(tx, &group, stream).await? {
                Some(found) => found,
                None => model::create_stream(tx, &group, stream, self.ids, now)?,
            };
            let events: Vec<NewEvent<'_>> =
                lines.iter().map(|(time, line)| NewEvent { time: *time, message: line }).collect();
            model::append(tx, &group, &mut stream, &events, now)?;
        }
        Ok(())
    }
}
