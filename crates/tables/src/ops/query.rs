use crate::{
    Error, Tables,
    model::{
        self, Access, Consumed, ItemReturned, Page, Parameters, Reading, ReturnConsumed, Select,
        Table, Units,
    },
};
use expression::{
    Condition, Item, KeyCondition, KeyRange, Kind, Projection, Received, ReceivedItem,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};
use std::{collections::BTreeMap, sync::OnceLock};

/// Reads items of one partition key, in the order of their sort keys.
pub(crate) struct Query;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    table_name: String,
    index_name: Option<String>,
    select: Option<Select>,
    limit: Option<usize>,
    #[serde(default)]
    consistent_read: bool,
    scan_index_forward: Option<bool>,
    exclusive_start_key: Option<ReceivedItem>,
    #[serde(default)]
    return_consumed_capacity: ReturnConsumed,
    projection_expression: Option<String>,
    filter_expression: Option<String>,
    key_condition_expression: Option<String>,
    expression_attribute_names: Option<BTreeMap<String, String>>,
    expression_attribute_values: Option<BTreeMap<String, Received>>,
    /// What [`Input::plan`] made of it.
    #[serde(skip)]
    plan: OnceLock<Result<Plan, Error>>,
}

/// The parsed expressions.
#[derive(Debug)]
struct Plan {
    select: Select,
    key_condition: KeyCondition,
    filter: Option<Condition>,
    projection: Option<Projection>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<Vec<ItemReturned>>,
    count: usize,
    scanned_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_evaluated_key: Option<Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consumed_capacity: Option<Consumed>,
}

impl Input {
    fn plan(&self) -> Result<&Plan, Error> {
        self.plan.get_or_init(|| self.parse()).as_ref().map_err(Clone::clone)
    }

    fn parse(&self) -> Result<Plan, Error> {
        let parameters = Parameters {
            names: self.expression_attribute_names.as_ref(),
            values: self.expression_attribute_values.as_ref(),
        };
        parameters.check(&[
            (Kind::Projection, self.projection_expression.is_some()),
            (Kind::Filter, self.filter_expression.is_some()),
            (Kind::KeyCondition, self.key_condition_expression.is_some()),
        ])?;
        model::check_start_key(self.exclusive_start_key.as_ref())?;
        let mut bindings = parameters.bindings()?;
        let Some(key_condition) = &self.key_condition_expression else {
            return Err(Error::validation(
                "Either the KeyConditions or KeyConditionExpression parameter must be specified in \
                 the request.",
            ));
        };
        let key_condition = KeyCondition::parse(key_condition, &mut bindings)?;
        let filter =
            model::condition(self.filter_expression.as_ref(), Kind::Filter, &mut bindings)?;
        let projection = model::projection(self.projection_expression.as_ref(), &mut bindings)?;
        bindings.finish()?;
        let select = Select::effective(self.select, projection.is_some())?;
        Ok(Plan { select, key_condition, filter, projection })
    }

    /// Where to go on, checked against the keys that the query reads.
    fn start(&self, table: &Table, range: &KeyRange) -> Result<Option<kv::Key>, Error> {
        let Some(start) = &self.exclusive_start_key else { return Ok(None) };
        let start = start.check()?;
        let invalid = || Error::validation("The provided starting key is invalid");
        let (key, partition, sort) = model::start_key(table, start).ok_or_else(invalid)?;
        let meets = match (&range.sort, sort) {
            (Some(condition), Some(sort)) => condition.matches(sort),
            _ => true,
        };
        if *partition != range.partition || !meets {
            return Err(Error::validation(
                "The provided starting key is outside query boundaries based on provided \
                 conditions",
            ));
        }
        Ok(Some(key))
    }
}

impl Operation for Query {
    type Service = Tables;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "Query";

    async fn permissions(
        tables: &Tables,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let plan = input.plan().ok();
        let partition = match plan {
            Some(plan) => partition(tables, ctx, tx, &input.table_name, plan).await?,
            None => None,
        };
        let (filter, projection) =
            plan.map(|plan| (plan.filter.as_ref(), plan.projection.as_ref())).unzip();
        let mut attributes = model::condition_attributes(filter.flatten());
        attributes.extend(model::projection_attributes(projection.flatten()));
        let access = Access {
            action: "dynamodb:Query",
            table: &input.table_name,
            keys: partition.iter().collect(),
            attributes,
            select: plan.map(|plan| plan.select.name()),
            return_values: None,
        };
        Ok(vec![access.permission(tables, ctx, tx).await?])
    }

    async fn run(
        tables: &Tables,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let plan = input.plan()?;
        let table = tables.table(ctx, tx, &input.table_name).await?;
        model::check_index(input.index_name.as_ref())?;
        let keys = plan.key_condition.range(&table.schema).map_err(Error::from)?;
        model::check_value(&table.schema.partition, &keys.partition)?;
        model::check_filter(&table, plan.filter.as_ref())?;
        let reverse = input.scan_index_forward == Some(false);
        let range = model::query_range(&table, &keys);
        let range = model::resume(range, input.start(&table, &keys)?.as_ref(), reverse);
        let reading = Reading {
            table: &table,
            range,
            reverse,
            limit: input.limit,
            filter: plan.filter.as_ref(),
            projection: plan.projection.as_ref(),
            items: plan.select != Select::Count,
        };
        let Page { rows, count, scanned, bytes, last } = reading.page(tx).await?;
        let units = Units::read(bytes, input.consistent_read);
        Ok(Output {
            items: (plan.select != Select::Count).then_some(rows),
            count,
            scanned_count: scanned,
            last_evaluated_key: last,
            consumed_capacity: Consumed::of(
                &input.table_name,
                units,
                input.return_consumed_capacity,
            ),
        })
    }
}

/// The partition key that the query reads, if table and condition agree on one.
async fn partition(
    tables: &Tables,
    ctx: &Context,
    tx: &mut Transaction,
    name: &str,
    plan: &Plan,
) -> Result<Option<Item>, Fault> {
    let Ok(name) = model::Name::parse(name, ctx) else { return Ok(None) };
    let Some(table) = tables.find(ctx, tx, &name).await? else { return Ok(None) };
    let Ok(range) = plan.key_condition.range(&table.schema) else { return Ok(None) };
    Ok(Some(Item::from([(table.schema.partition.name.clone(), range.partition)])))
}
