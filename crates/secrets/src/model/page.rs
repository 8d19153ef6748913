//! Pages of parameters.

use super::Parameter;
use crate::{Error, config, keys::Place};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kv::{Scan, Transaction};

/// A page, and where the next one begins.
pub(crate) struct Page {
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) next_token: Option<String>,
}

/// The token that continues behind `name`.
pub(crate) fn encode_token(name: &str) -> String {
    URL_SAFE_NO_PAD.encode(name)
}

/// The name behind which a token continues.
///
/// # Errors
/// It is no such token.
pub(crate) fn decode_token(token: &str) -> Result<String, Error> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(Error::NextToken)
}

/// Up to `limit` parameters whose names begin with `prefix` and that are wanted. A page may hold less
/// and have a next one: it looks at so many parameters and no more.
pub(crate) async fn page(
    tx: &mut Transaction,
    place: &Place,
    (prefix, limit): (&str, usize),
    token: Option<&String>,
    wanted: impl Fn(&Parameter) -> bool,
) -> Result<Page, Error> {
    let mut range = place.parameters(prefix);
    if let Some(token) = token {
        range = range.after(&place.parameter(&decode_token(token)?));
    }
    let entries = tx.scan(&range, Scan::first(config::SCANNED).snapshot()).await?;
    let is_end = entries.len() < config::SCANNED;
    let mut parameters: Vec<Parameter> = Vec::new();
    let mut last = None;
    for entry in &entries {
        let parameter: Parameter = kv::decode_record(&entry.value)?;
        if parameters.len() == limit {
            return Ok(Page { parameters, next_token: last });
        }
        last = Some(encode_token(&parameter.name));
        if wanted(&parameter) {
            parameters.push(parameter);
        }
    }
    Ok(Page { parameters, next_token: last.filter(|_| !is_end) })
}
