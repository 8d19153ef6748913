use crate::{
    Error, Tables,
    model::{
        self, Access, Consumed, ItemReturned, Parameters, ReturnConsumed, Select, Stored, Units,
    },
};
use expression::{Item, Kind, Projection, ReceivedItem};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};
use std::{collections::BTreeMap, sync::OnceLock};

/// Reads an item.
pub(crate) struct GetItem;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    table_name: String,
    key: ReceivedItem,
    #[serde(default)]
    consistent_read: bool,
    #[serde(default)]
    return_consumed_capacity: ReturnConsumed,
    projection_expression: Option<String>,
    expression_attribute_names: Option<BTreeMap<String, String>>,
    /// What [`Input::plan`] made of it.
    #[serde(skip)]
    plan: OnceLock<Result<Option<Projection>, Error>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<ItemReturned>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consumed_capacity: Option<Consumed>,
}

impl Input {
    /// The checked key and the parsed projection.
    fn plan(&self) -> Result<(&Item, Option<&Projection>), Error> {
        let plan = self.plan.get_or_init(|| self.parse()).as_ref().map_err(Clone::clone)?;
        Ok((self.key.check()?, plan.as_ref()))
    }

    fn parse(&self) -> Result<Option<Projection>, Error> {
        let parameters =
            Parameters { names: self.expression_attribute_names.as_ref(), values: None };
        parameters.check(&[(Kind::Projection, self.projection_expression.is_some())])?;
        self.key.check()?;
        let mut bindings = parameters.bindings()?;
        let projection = model::projection(self.projection_expression.as_ref(), &mut bindings)?;
        bindings.finish()?;
        Ok(projection)
    }
}

impl Operation for GetItem {
    type Service = Tables;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetItem";

    async fn permissions(
        tables: &Tables,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let (key, projection) = input.plan().ok().unzip();
        let select = Select::effective(None, input.projection_expression.is_some())?;
        let access = Access {
            action: "dynamodb:GetItem",
            table: &input.table_name,
            keys: key.into_iter().collect(),
            attributes: model::projection_attributes(projection.flatten()),
            select: Some(select.name()),
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
        let (key, projection) = input.plan()?;
        let table = tables.table(ctx, tx, &input.table_name).await?;
        let key = model::from_key(&table, key)?;
        let stored = model::read(tx, &key).await?;
        let units = Units::read(stored.as_ref().map_or(0, Stored::size), input.consistent_read);
        Ok(Output {
            item: stored.map(|stored| ItemReturned::cut(stored, projection)).transpose()?,
            consumed_capacity: Consumed::of(
                &input.table_name,
                units,
                input.return_consumed_capacity,
            ),
        })
    }
}
