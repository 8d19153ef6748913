use crate::{
    Error, Tables,
    model::{
        self, Access, ItemReturned, OnFailure, Parameters, ReturnConsumed, ReturnValues, Stored,
        Units, Written,
    },
};
use expression::{Condition, Item, Received, ReceivedItem};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Fault, Operation, Permission};
use std::{collections::BTreeMap, sync::OnceLock};

/// Writes an item, whole.
pub(crate) struct PutItem;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    table_name: String,
    item: ReceivedItem,
    #[serde(default)]
    return_values: ReturnValues,
    #[serde(default)]
    return_consumed_capacity: ReturnConsumed,
    /// Only tables with local secondary indexes have metrics to return.
    #[serde(default, rename = "ReturnItemCollectionMetrics")]
    _metrics: Option<String>,
    condition_expression: Option<String>,
    expression_attribute_names: Option<BTreeMap<String, String>>,
    expression_attribute_values: Option<BTreeMap<String, Received>>,
    #[serde(default)]
    return_values_on_condition_check_failure: OnFailure,
    /// What [`Input::plan`] made of it.
    #[serde(skip)]
    plan: OnceLock<Result<Option<Condition>, Error>>,
}

impl Input {
    /// The checked item and the parsed condition.
    fn plan(&self) -> Result<(&Item, Option<&Condition>), Error> {
        let plan = self.plan.get_or_init(|| self.parse()).as_ref().map_err(Clone::clone)?;
        Ok((self.item.check()?, plan.as_ref()))
    }

    fn parse(&self) -> Result<Option<Condition>, Error> {
        let parameters = Parameters {
            names: self.expression_attribute_names.as_ref(),
            values: self.expression_attribute_values.as_ref(),
        };
        model::only_condition(parameters, self.condition_expression.as_ref(), || {
            let item = self.item.check()?;
            self.return_values.only_all_old()?;
            model::check_size(item)
        })
    }
}

impl Operation for PutItem {
    type Service = Tables;
    type Input = Input;
    type Output = Written;
    const NAME: &'static str = "PutItem";

    async fn permissions(
        tables: &Tables,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let (item, condition) = input.plan().ok().unzip();
        let access = Access {
            action: "dynamodb:PutItem",
            table: &input.table_name,
            keys: item.into_iter().collect(),
            attributes: model::condition_attributes(condition.flatten()),
            select: None,
            return_values: Some(input.return_values.name()),
        };
        Ok(vec![access.permission(tables, ctx, tx).await?])
    }

    async fn run(
        tables: &Tables,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Written, Fault> {
        let (item, condition) = input.plan()?;
        let table = tables.table(ctx, tx, &input.table_name).await?;
        let key = model::from_item(&table, item)?;
        let before = model::read(tx, &key).await?;
        let on_failure = input.return_values_on_condition_check_failure;
        model::check_condition(condition, before.as_ref(), on_failure)?;
        let after = Stored::encode(item);
        model::put(tx, &table, key, before.as_ref(), &after)?;
        let units = Units::write(before.as_ref().map_or(0, Stored::size), after.size());
        let returned = before.filter(|_| input.return_values == ReturnValues::AllOld);
        let returned = returned.map(ItemReturned::Stored);
        Ok(Written::new(returned, &input.table_name, units, input.return_consumed_capacity))
    }
}
