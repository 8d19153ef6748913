use crate::{
    Error, Tables,
    model::{
        self, AttributeDefinition, BillingMode, Description, KeySchemaElement, Name,
        SseSpecification, StreamSpecification, Table, Tag, UnitsWanted,
    },
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::{Context, Fault, Operation, Permission};

/// Makes a table. It can be used at once, although the reply says `CREATING`, as clients expect.
pub(crate) struct CreateTable;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    table_name: String,
    #[serde(default)]
    attribute_definitions: Vec<AttributeDefinition>,
    #[serde(default)]
    key_schema: Vec<KeySchemaElement>,
    billing_mode: Option<BillingMode>,
    provisioned_throughput: Option<UnitsWanted>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    deletion_protection_enabled: bool,
    local_secondary_indexes: Option<Vec<Value>>,
    global_secondary_indexes: Option<Vec<Value>>,
    stream_specification: Option<StreamSpecification>,
    #[serde(rename = "SSESpecification")]
    sse_specification: Option<SseSpecification>,
    table_class: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    table_description: Description,
}

impl Input {
    fn table(&self, ctx: &Context) -> Result<Table, Error> {
        let name = Name::parse(&self.table_name, ctx)?;
        let operation = CreateTable::NAME;
        let (local, global) = (&self.local_secondary_indexes, &self.global_secondary_indexes);
        model::check_indexes("LocalSecondaryIndexes", operation, local.as_ref())?;
        model::check_indexes("GlobalSecondaryIndexes", operation, global.as_ref())?;
        if let Some(stream) = &self.stream_specification {
            stream.check(operation)?;
        }
        if let Some(encryption) = &self.sse_specification {
            encryption.check(operation)?;
        }
        model::check_class(self.table_class.as_deref(), operation)?;
        Ok(Table {
            name,
            id: ctx.ids().uuid(),
            store: ctx.ids().bytes(),
            schema: model::key_schema(&self.key_schema, &self.attribute_definitions)?,
            billing: model::billing(self.billing_mode, self.provisioned_throughput, ctx.now)?,
            created: ctx.now,
            protected: self.deletion_protection_enabled,
            tags: model::parse_tags(ctx, &self.tags)?,
        })
    }
}

impl Operation for CreateTable {
    type Service = Tables;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "CreateTable";

    async fn permissions(
        _: &Tables,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let mut permissions =
            model::table_permission(ctx, &input.table_name, "dynamodb:CreateTable");
        if !input.tags.is_empty() {
            let tag = model::table_permission(ctx, &input.table_name, "dynamodb:TagResource");
            permissions.extend(tag);
        }
        Ok(permissions)
    }

    async fn run(
        tables: &Tables,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let table = input.table(ctx)?;
        if tables.find(ctx, tx, &table.name).await?.is_some() {
            return Err(Error::TableExists(table.name.as_str().to_owned()).into());
        }
        model::check_account(ctx, tx, &table).await?;
        model::save(ctx, tx, &table)?;
        let table_description = Description::of(ctx, tx, &table, "CREATING").await?;
        Ok(Output { table_description })
    }
}
