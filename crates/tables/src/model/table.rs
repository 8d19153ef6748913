//! The table's own record.

use super::throughput::Throughput;
use crate::{Error, Tables, config, keys};
use expression::KeySchema;
use kv::{Record, Scan, Transaction};
use serde::{Deserialize, Serialize};
use service::Context;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use types::{Arn, RequestId, Tags, Timestamp};

/// A table's name: 3 to 255 letters, digits, underscores, hyphens and dots.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Name(String);

impl Name {
    /// Reads a parameter `TableName`, which may also be the table's ARN.
    pub(crate) fn parse(text: &str, ctx: &Context) -> Result<Self, Error> {
        if !text.starts_with("arn:") {
            return Self::plain(text);
        }
        let detected = |what: &str| {
            Error::validation(format!("1 validation error detected: Invalid {what} in '{text}'"))
        };
        let arn: Arn = text.parse().map_err(|_| detected("ARN"))?;
        if arn.service() != "dynamodb" {
            return Err(detected("service"));
        }
        if arn.region() != ctx.region.as_str() {
            return Err(detected("AWS region"));
        }
        let name = arn.resource().strip_prefix("table/").filter(|name| !name.contains('/'));
        let name = Self::plain(name.ok_or_else(|| detected("resource type"))?)?;
        // No table of another account is here.
        if arn.account() == ctx.account().as_str() { Ok(name) } else { Err(Error::NotFound) }
    }

    fn plain(text: &str) -> Result<Self, Error> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if !config::TABLE_NAME_CHARS.contains(&text.len()) || !text.chars().all(allowed) {
            return Err(Error::validation(
                "Invalid table/index name.  Table/index names must be between 3 and 255 \
                 characters long, and may contain only the characters a-z, A-Z, 0-9, '_', '-', \
                 and '.'",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// What permissions call the table that `TableName` names. A text that names none is asked for
    /// as it is: who may not use it need not learn why it is wrong.
    pub(crate) fn resource(text: &str, ctx: &Context) -> String {
        match Self::parse(text, ctx) {
            Ok(name) => name.arn(ctx).to_string(),
            Err(_) if text.starts_with("arn:") => text.to_owned(),
            Err(_) => ctx.arn("dynamodb", &format!("table/{text}")).to_string(),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The table's ARN for the caller's account and region.
    pub(crate) fn arn(&self, ctx: &Context) -> Arn {
        ctx.arn("dynamodb", &format!("table/{}", self.0))
    }
}

/// Who pays how: stored as the API names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Billing {
    /// By capacity units that the table always has.
    Provisioned(Throughput),
    /// By request, since the given time.
    OnDemand(Timestamp),
}

/// A table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Table {
    pub(crate) name: Name,
    /// The `TableId` of the API.
    pub(crate) id: RequestId,
    /// Under which id its items lie.
    pub(crate) store: keys::Id,
    pub(crate) schema: KeySchema,
    pub(crate) billing: Billing,
    pub(crate) created: Timestamp,
    /// True if it must not be deleted.
    pub(crate) protected: bool,
    pub(crate) tags: Tags,
}

impl Record for Table {
    const VERSION: u8 = 1;
}

/// What the bytes of table records decode to. Correct whatever it holds: an entry is used only for
/// the bytes that it was made from, which every transaction reads anew.
#[derive(Debug, Default)]
pub(crate) struct Decoded(Mutex<HashMap<kv::Key, (kv::Value, Arc<Table>)>>);

impl Decoded {
    fn get(&self, key: &kv::Key, bytes: kv::Value) -> Result<Arc<Table>, kv::Error> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, table)) = known.get(key).filter(|(of, _)| *of == bytes) {
            return Ok(table.clone());
        }
        let table = Arc::new(kv::decode_record::<Table>(&bytes)?);
        if known.len() >= config::REMEMBERED_TABLES {
            known.clear();
        }
        known.insert(key.clone(), (bytes, table.clone()));
        Ok(table)
    }
}

impl Tables {
    /// The table of a name. The read is tracked: a table that is deleted or changed meanwhile
    /// fails the transaction.
    pub(crate) async fn find(
        &self,
        ctx: &Context,
        tx: &mut Transaction,
        name: &Name,
    ) -> Result<Option<Arc<Table>>, kv::Error> {
        let key = keys::table(ctx.account(), &ctx.region, name.as_str());
        let bytes = tx.get(&key).await?;
        bytes.map(|bytes| self.decoded.get(&key, bytes)).transpose()
    }

    /// The table that an operation on items names.
    pub(crate) async fn table(
        &self,
        ctx: &Context,
        tx: &mut Transaction,
        name: &str,
    ) -> Result<Arc<Table>, Error> {
        let name = Name::parse(name, ctx)?;
        self.find(ctx, tx, &name).await?.ok_or(Error::NotFound)
    }

    /// The table that an operation on tables names.
    pub(crate) async fn described(
        &self,
        ctx: &Context,
        tx: &mut Transaction,
        name: &str,
    ) -> Result<Arc<Table>, Error> {
        let parsed = Name::parse(name, ctx)?;
        let missing = || Error::TableNotFound(parsed.as_str().to_owned());
        self.find(ctx, tx, &parsed).await?.ok_or_else(missing)
    }
}

/// Writes a table.
pub(crate) fn save(ctx: &Context, tx: &mut Transaction, table: &Table) -> Result<(), kv::Error> {
    tx.put_record(keys::table(ctx.account(), &ctx.region, table.name.as_str()), table)
}

/// Tables whose names come after `after`, in the order of the names.
pub(crate) async fn list(
    ctx: &Context,
    tx: &mut Transaction,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Table>, kv::Error> {
    let mut range = keys::tables(ctx.account(), &ctx.region);
    if let Some(after) = after {
        range = range.after(&keys::table(ctx.account(), &ctx.region, after));
    }
    let entries = tx.scan(&range, Scan::first(limit).snapshot()).await?;
    entries.iter().map(|entry| kv::decode_record(&entry.value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by version 1; must be readable for ever.
    #[test]
    fn the_record_of_version_1_is_still_read() {
        let text = r#"{"name":"abc","id":[0,1,2,3,4,5,70,7,136,9,10,11,12,13,14,15],
            "store":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],
            "schema":{"partition":{"name":"p","key_type":"S"},"sort":{"name":"s","key_type":"N"}},
            "billing":{"Provisioned":{"read":5,"write":6,"increased":null,"decreased":1000,
            "decreases":2}},"created":1000,"protected":true,"tags":{"a":"b"}}"#;
        let bytes = [&[1], text.as_bytes()].concat();
        let table: Table = kv::decode_record(&bytes).unwrap();
        assert_eq!(table.schema.sort.as_ref().unwrap().name, "s");
        let again = kv::encode_record(&table);
        assert_eq!(kv::decode_record::<Table>(&again).unwrap(), table);
        let written: serde_json::Value = serde_json::from_slice(&again[1..]).unwrap();
        assert_eq!(written, serde_json::from_str::<serde_json::Value>(text).unwrap());
    }
}
