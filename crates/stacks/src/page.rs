//! Pages of lists: a token is the last key of the page before.

use crate::{Error, config};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kv::{Entry, Key, Range, Scan, Transaction};
use service::Fault;

/// One page of `range`, and the token of the next if there is more.
pub(crate) async fn page(
    tx: &mut Transaction,
    range: &Range,
    token: Option<&String>,
    newest_first: bool,
) -> Result<(Vec<Entry>, Option<String>), Fault> {
    let range = match token {
        None => range.clone(),
        Some(token) => {
            let key = URL_SAFE_NO_PAD.decode(token).ok().map(Key::from);
            let key = key.filter(|key| range.contains(key));
            let key = key.ok_or_else(|| Error::validation("NextToken is invalid"))?;
            if newest_first { range.before(&key) } else { range.after(&key) }
        }
    };
    let limit = config::PAGE + 1;
    let scan = if newest_first { Scan::last(limit) } else { Scan::first(limit) };
    let mut entries = tx.scan(&range, scan.snapshot()).await?;
    let more = entries.len() > config::PAGE;
    entries.truncate(config::PAGE);
    let next = entries.last().filter(|_| more).map(|entry| URL_SAFE_NO_PAD.encode(&entry.key));
    Ok((entries, next))
}
