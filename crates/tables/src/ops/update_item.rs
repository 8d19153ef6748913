use crate::{
    Error, Tables,
    model::{
        self, Access, ItemReturned, OnFailure, Parameters, ReturnConsumed, ReturnValues, Stored,
        Table, Units, Written,
    },
};
use expression::{Condition, Item, Kind, Received, ReceivedItem, Update};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Fault, Operation, Permission};
use std::{collections::BTreeMap, sync::OnceLock};

/// Changes attributes of an item, which is made if it is not there.
pub(crate) struct UpdateItem;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    table_name: String,
    key: ReceivedItem,
    #[serde(default)]
    return_values: ReturnValues,
    #[serde(default)]
    return_consumed_capacity: ReturnConsumed,
    /// Only tables with local secondary indexes have metrics to return.
    #[serde(default, rename = "ReturnItemCollectionMetrics")]
    _metrics: Option<String>,
    update_expression: Option<String>,
    condition_expression: Option<String>,
    expression_attribute_names: Option<BTreeMap<String, String>>,
    expression_attribute_values: Option<BTreeMap<String, Received>>,
    #[serde(default)]
    return_values_on_condition_check_failure: OnFailure,
    /// What [`Input::plan`] made of it.
    #[serde(skip)]
    plan: OnceLock<Result<Plan, Error>>,
}

/// The parsed expressions.
#[derive(Debug)]
struct Plan {
    update: Option<Update>,
    condition: Option<Condition>,
}

impl Input {
    /// The checked key and the parsed expressions.
    fn plan(&self) -> Result<(&Item, &Plan), Error> {
        let plan = self.plan.get_or_init(|| self.parse()).as_ref().map_err(Clone::clone)?;
        Ok((self.key.check()?, plan))
    }

    fn parse(&self) -> Result<Plan, Error> {
        let parameters = Parameters {
            names: self.expression_attribute_names.as_ref(),
            values: self.expression_attribute_values.as_ref(),
        };
        parameters.check(&[
            (Kind::Update, self.update_expression.is_some()),
            (Kind::Condition, self.condition_expression.is_some()),
        ])?;
        self.key.check()?;
        let mut bindings = parameters.bindings()?;
        let update = self.update_expression.as_ref();
        let update = update.map(|text| Update::parse(text, &mut bindings)).transpose()?;
        let condition =
            model::condition(self.condition_expression.as_ref(), Kind::Condition, &mut bindings)?;
        bindings.finish()?;
        Ok(Plan { update, condition })
    }
}

impl Operation for UpdateItem {
    type Service = Tables;
    type Input = Input;
    type Output = Written;
    const NAME: &'static str = "UpdateItem";

    async fn permissions(
        tables: &Tables,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let (key, plan) = input.plan().ok().unzip();
        let condition = plan.and_then(|plan| plan.condition.as_ref());
        let mut attributes = model::condition_attributes(condition);
        let update = plan.and_then(|plan| plan.update.as_ref());
        let targets = update.into_iter().flat_map(Update::targets);
        attributes.extend(targets.map(expression::Path::attribute));
        let access = Access {
            action: "dynamodb:UpdateItem",
            table: &input.table_name,
            keys: key.into_iter().collect(),
            attributes,
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
        let (key_item, plan) = input.plan()?;
        let table = tables.table(ctx, tx, &input.table_name).await?;
        check_targets(&table, plan.update.as_ref())?;
        let key = model::from_key(&table, key_item)?;
        let before = model::read(tx, &key).await?;
        let on_failure = input.return_values_on_condition_check_failure;
        model::check_condition(plan.condition.as_ref(), before.as_ref(), on_failure)?;
        let old = before.as_ref().map(Stored::decode).transpose()?;
        let mut new = old.clone().unwrap_or_else(|| key_item.clone());
        if let Some(update) = &plan.update {
            update.apply(&mut new).map_err(Error::from)?;
        }
        model::check_updated_size(&new)?;
        let after = Stored::encode(&new);
        if before.as_ref() != Some(&after) {
            model::put(tx, &table, key, before.as_ref(), &after)?;
        }
        let units = Units::write(before.as_ref().map_or(0, Stored::size), after.size());
        let returned = returned(input.return_values, plan.update.as_ref(), old, new);
        Ok(Written::new(returned, &input.table_name, units, input.return_consumed_capacity))
    }
}

/// The key of an item never changes.
fn check_targets(table: &Table, update: Option<&Update>) -> Result<(), Error> {
    let is_key = |name: &str| table.schema.attributes().any(|attribute| attribute.name == name);
    let mut targets = update.into_iter().flat_map(Update::targets);
    match targets.find(|path| is_key(path.attribute())) {
        None => Ok(()),
        Some(path) => Err(Error::invalid(format_args!(
            "Cannot update attribute {}. This attribute is part of the key",
            path.attribute()
        ))),
    }
}

/// What the request wants to see of the item before or after.
fn returned(
    wanted: ReturnValues,
    update: Option<&Update>,
    old: Option<Item>,
    new: Item,
) -> Option<ItemReturned> {
    let changed = |item: Item| update.map(|update| update.changes().project(&item));
    let item = match wanted {
        ReturnValues::None => None,
        ReturnValues::AllOld => old,
        ReturnValues::AllNew => Some(new),
        ReturnValues::UpdatedOld => old.and_then(changed),
        ReturnValues::UpdatedNew => changed(new),
    };
    item.filter(|item| !item.is_empty()).map(ItemReturned::Item)
}
