use crate::{
    Error, Tables, config,
    model::{
        self, Access, Consumed, ItemReturned, Parameters, ReturnConsumed, Select, Stored, Table,
        Units,
    },
};
use expression::{Item, Kind, Projection, ReceivedItem};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};
use std::{
    collections::{BTreeMap, HashSet},
    sync::OnceLock,
};

/// Reads up to 100 items of any tables.
pub(crate) struct BatchGetItem;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    request_items: BTreeMap<String, KeysAndAttributes>,
    #[serde(default)]
    return_consumed_capacity: ReturnConsumed,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct KeysAndAttributes {
    keys: Vec<ReceivedItem>,
    consistent_read: Option<bool>,
    projection_expression: Option<String>,
    expression_attribute_names: Option<BTreeMap<String, String>>,
    /// What [`KeysAndAttributes::plan`] made of it.
    #[serde(skip)]
    plan: OnceLock<Result<Option<Projection>, Error>>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    responses: BTreeMap<String, Vec<ItemReturned>>,
    unprocessed_keys: BTreeMap<String, Unprocessed>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    consumed_capacity: Vec<Consumed>,
}

/// What of a table's request was not answered, as a request again.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Unprocessed {
    keys: Vec<Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consistent_read: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    projection_expression: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expression_attribute_names: Option<BTreeMap<String, String>>,
}

impl KeysAndAttributes {
    fn plan(&self) -> Result<Option<&Projection>, Error> {
        let plan = self.plan.get_or_init(|| self.parse()).as_ref().map_err(Clone::clone)?;
        Ok(plan.as_ref())
    }

    fn parse(&self) -> Result<Option<Projection>, Error> {
        let parameters =
            Parameters { names: self.expression_attribute_names.as_ref(), values: None };
        parameters.check(&[(Kind::Projection, self.projection_expression.is_some())])?;
        self.keys.iter().try_for_each(|key| key.check().map(drop))?;
        let mut bindings = parameters.bindings()?;
        let projection = model::projection(self.projection_expression.as_ref(), &mut bindings)?;
        bindings.finish()?;
        Ok(projection)
    }

    fn unprocessed(&self, keys: Vec<Item>) -> Unprocessed {
        Unprocessed {
            keys,
            consistent_read: self.consistent_read,
            projection_expression: self.projection_expression.clone(),
            expression_attribute_names: self.expression_attribute_names.clone(),
        }
    }
}

impl Input {
    fn check(&self) -> Result<(), Error> {
        let keys: usize = self.request_items.values().map(|wanted| wanted.keys.len()).sum();
        if keys > config::BATCH_GET_KEYS {
            return Err(Error::validation("Too many items requested for the BatchGetItem call"));
        }
        self.request_items.values().try_for_each(|wanted| wanted.plan().map(drop))
    }
}

impl Operation for BatchGetItem {
    type Service = Tables;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "BatchGetItem";

    async fn permissions(
        tables: &Tables,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let mut permissions = Vec::new();
        for (table, wanted) in &input.request_items {
            let projection = wanted.plan().ok().flatten();
            let projects = wanted.projection_expression.is_some();
            let access = Access {
                action: "dynamodb:BatchGetItem",
                table,
                keys: wanted.keys.iter().flat_map(ReceivedItem::check).collect(),
                attributes: model::projection_attributes(projection),
                select: Some(Select::effective(None, projects)?.name()),
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
        input.check()?;
        let mut output = Output::default();
        let mut left = config::BATCH_GET_BYTES;
        let mut is_full = false;
        for (name, wanted) in &input.request_items {
            let table = tables.table(ctx, tx, name).await?;
            let keys = places(&table, wanted)?;
            let mut units = Units::default();
            let mut found = Vec::new();
            let mut unprocessed = Vec::new();
            for (item, key) in keys {
                // Once one item finds no room, the rest waits for the next request.
                let stored = if is_full { None } else { model::read(tx, &key).await? };
                let size = stored.as_ref().map_or(0, Stored::size);
                is_full |= size > left;
                if is_full {
                    unprocessed.push(item.clone());
                    continue;
                }
                left -= size;
                units += Units::read(size, wanted.consistent_read == Some(true));
                if let Some(stored) = stored {
                    found.push(ItemReturned::cut(stored, wanted.plan()?)?);
                }
            }
            output.responses.insert(name.clone(), found);
            if !unprocessed.is_empty() {
                output.unprocessed_keys.insert(name.clone(), wanted.unprocessed(unprocessed));
            }
            let wanted = input.return_consumed_capacity;
            output.consumed_capacity.extend(Consumed::of(name, units, wanted));
        }
        Ok(output)
    }
}

/// The places of the keys, each of which may come only once.
fn places<'k>(
    table: &Table,
    wanted: &'k KeysAndAttributes,
) -> Result<Vec<(&'k Item, kv::Key)>, Error> {
    let mut seen = HashSet::new();
    let mut places = Vec::new();
    for item in &wanted.keys {
        let item = item.check()?;
        let key = model::from_key(table, item)?;
        if !seen.insert(key.clone()) {
            return Err(Error::validation("Provided list of item keys contains duplicates"));
        }
        places.push((item, key));
    }
    Ok(places)
}
