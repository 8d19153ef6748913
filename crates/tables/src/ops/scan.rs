use crate::{
    Error, Tables, keys,
    model::{
        self, Access, Consumed, ItemReturned, Page, Parameters, Reading, ReturnConsumed, Select,
        Table, Units,
    },
};
use expression::{Condition, Item, Kind, Projection, Received, ReceivedItem};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};
use std::{collections::BTreeMap, sync::OnceLock};

/// Reads all items of a table, or of one of its segments.
pub(crate) struct Scan;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    table_name: String,
    index_name: Option<String>,
    select: Option<Select>,
    limit: Option<usize>,
    #[serde(default)]
    consistent_read: bool,
    segment: Option<u32>,
    total_segments: Option<u32>,
    exclusive_start_key: Option<ReceivedItem>,
    #[serde(default)]
    return_consumed_capacity: ReturnConsumed,
    projection_expression: Option<String>,
    filter_expression: Option<String>,
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
    filter: Option<Condition>,
    projection: Option<Projection>,
    /// The segment and how many there are.
    segment: (u32, u32),
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
        ])?;
        model::check_start_key(self.exclusive_start_key.as_ref())?;
        let segment = self.segment()?;
        let mut bindings = parameters.bindings()?;
        let filter =
            model::condition(self.filter_expression.as_ref(), Kind::Filter, &mut bindings)?;
        let projection = model::projection(self.projection_expression.as_ref(), &mut bindings)?;
        bindings.finish()?;
        let select = Select::effective(self.select, projection.is_some())?;
        Ok(Plan { select, filter, projection, segment })
    }

    fn segment(&self) -> Result<(u32, u32), Error> {
        match (self.segment, self.total_segments) {
            (None, None) => Ok((0, 1)),
            (Some(_), None) => Err(Error::validation(
                "The TotalSegments parameter is required but was not present in the request when \
                 Segment parameter is present",
            )),
            (None, Some(_)) => Err(Error::validation(
                "The Segment parameter is required but was not present in the request when \
                 parameter TotalSegments is present",
            )),
            (Some(segment), Some(total)) if segment >= total => Err(Error::validation(format!(
                "The Segment parameter is zero-based and must be less than parameter \
                 TotalSegments: Segment: {segment} is not less than TotalSegments: {total}"
            ))),
            (Some(segment), Some(total)) => Ok((segment, total)),
        }
    }

    /// The keys to read.
    fn range(&self, table: &Table, (segment, total): (u32, u32)) -> Result<kv::Range, Error> {
        let range = keys::segment(&table.store, segment, total);
        let Some(start) = &self.exclusive_start_key else { return Ok(range) };
        let invalid =
            |why: String| Error::validation(format!("The provided starting key is invalid: {why}"));
        let mismatch = || invalid("The provided key element does not match the schema".to_owned());
        let (key, ..) = model::start_key(table, start.check()?).ok_or_else(mismatch)?;
        if !range.contains(&key) {
            return Err(invalid(format!(
                "Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. \
                 TotalSegments: {total} Segment: {segment}"
            )));
        }
        Ok(model::resume(range, Some(&key), false))
    }
}

impl Operation for Scan {
    type Service = Tables;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "Scan";

    async fn permissions(
        tables: &Tables,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let plan = input.plan().ok();
        let (filter, projection) =
            plan.map(|plan| (plan.filter.as_ref(), plan.projection.as_ref())).unzip();
        let mut attributes = model::condition_attributes(filter.flatten());
        attributes.extend(model::projection_attributes(projection.flatten()));
        let access = Access {
            action: "dynamodb:Scan",
            table: &input.table_name,
            keys: Vec::new(),
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
        let reading = Reading {
            table: &table,
            range: input.range(&table, plan.segment)?,
            reverse: false,
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
