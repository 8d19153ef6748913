use crate::{
    Error, Tables, config,
    model::{self, Access, Consumed, ReturnConsumed, Stored, Table, Units},
};
use expression::{Item, ReceivedItem};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};
use std::collections::{BTreeMap, HashSet};

/// Writes and deletes up to 25 items of any tables. DynamoDB promises each of them by itself; here
/// all that are processed are one transaction.
pub(crate) struct BatchWriteItem;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    request_items: BTreeMap<String, Vec<WriteRequest>>,
    #[serde(default)]
    return_consumed_capacity: ReturnConsumed,
    /// Only tables with local secondary indexes have metrics to return.
    #[serde(default, rename = "ReturnItemCollectionMetrics")]
    _metrics: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct WriteRequest {
    put_request: Option<PutRequest>,
    delete_request: Option<DeleteRequest>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PutRequest {
    item: ReceivedItem,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DeleteRequest {
    key: ReceivedItem,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    unprocessed_items: BTreeMap<String, Vec<Unprocessed>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    consumed_capacity: Vec<Consumed>,
}

/// A request that found no room, as a request again.
#[derive(Debug, Serialize)]
enum Unprocessed {
    PutRequest {
        #[serde(rename = "Item")]
        item: Item,
    },
}

/// One checked request.
enum Write<'a> {
    Put(&'a Item),
    Delete(&'a Item),
}

impl<'a> Write<'a> {
    fn item(&self) -> &'a Item {
        match self {
            Self::Put(item) | Self::Delete(item) => item,
        }
    }
}

impl WriteRequest {
    fn check(&self) -> Result<Write<'_>, Error> {
        match (&self.put_request, &self.delete_request) {
            (Some(put), None) => {
                let item = put.item.check()?;
                model::check_size(item)?;
                Ok(Write::Put(item))
            }
            (None, Some(delete)) => Ok(Write::Delete(delete.key.check()?)),
            (None, None) => Err(expression::Error::ValueEmpty.into()),
            (Some(_), Some(_)) => Err(expression::Error::ValueAmbiguous.into()),
        }
    }
}

impl Input {
    fn writes(&self) -> Result<Vec<(&String, Vec<Write<'_>>)>, Error> {
        let requests: usize = self.request_items.values().map(Vec::len).sum();
        if requests > config::BATCH_WRITE_REQUESTS {
            return Err(Error::validation("Too many items requested for the BatchWriteItem call"));
        }
        self.request_items
            .iter()
            .map(|(name, requests)| {
                let writes = requests.iter().map(WriteRequest::check);
                Ok((name, writes.collect::<Result<_, Error>>()?))
            })
            .collect()
    }
}

impl Operation for BatchWriteItem {
    type Service = Tables;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "BatchWriteItem";

    async fn permissions(
        tables: &Tables,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let mut permissions = Vec::new();
        for (table, requests) in &input.request_items {
            let writes: Vec<Write<'_>> = requests.iter().flat_map(WriteRequest::check).collect();
            let access = Access {
                action: "dynamodb:BatchWriteItem",
                table,
                keys: writes.iter().map(Write::item).collect(),
                attributes: Vec::new(),
                select: None,
                return_values: None,
            };
            permissions.push(access.permission(tables, ctx, tx).await?);
        }
        Ok(permissions)
    }

    async fn run(
        tables: &Tables,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let mut output = Output::default();
        let mut left = config::BATCH_WRITE_BYTES;
        let mut seen = HashSet::new();
        for (name, writes) in input.writes()? {
            let table = tables.table(ctx, tx, name).await?;
            let mut units = Units::default();
            let mut unprocessed = Vec::new();
            for write in writes {
                let key = place(&table, &write)?;
                if !seen.insert(key.clone()) {
                    let text = "Provided list of item keys contains duplicates";
                    return Err(Error::validation(text).into());
                }
                match apply(tx, &table, key, &write, &mut left).await? {
                    Some(cost) => units += cost,
                    None => {
                        unprocessed.push(Unprocessed::PutRequest { item: write.item().clone() });
                    }
                }
            }
            if !unprocessed.is_empty() {
                output.unprocessed_items.insert(name.clone(), unprocessed);
            }
            let wanted = input.return_consumed_capacity;
            output.consumed_capacity.extend(Consumed::of(name, units, wanted));
        }
        Ok(output)
    }
}

fn place(table: &Table, write: &Write<'_>) -> Result<kv::Key, Error> {
    match write {
        Write::Put(item) => model::from_item(table, item),
        Write::Delete(key) => model::from_key(table, key),
    }
}

/// Does one write, unless it finds no room in `left`, the bytes that the transaction can still
/// take.
async fn apply(
    tx: &mut Transaction,
    table: &Table,
    key: kv::Key,
    write: &Write<'_>,
    left: &mut usize,
) -> Result<Option<Units>, Error> {
    let before = model::read(tx, &key).await?;
    let before_size = before.as_ref().map_or(0, Stored::size);
    match write {
        Write::Put(item) => {
            let after = Stored::encode(item);
            let Some(rest) = left.checked_sub(after.stored_bytes()) else { return Ok(None) };
            *left = rest;
            model::put(tx, table, key, before.as_ref(), &after)?;
            Ok(Some(Units::write(before_size, after.size())))
        }
        Write::Delete(_) => {
            if let Some(before) = &before {
                model::remove(tx, table, key, before)?;
            }
            Ok(Some(Units::write(before_size, 0)))
        }
    }
}
