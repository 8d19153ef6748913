use crate::{
    Error, Tables,
    model::{
        self, BillingMode, Description, SseSpecification, StreamSpecification, Table, UnitsWanted,
    },
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::{Context, Fault, Operation, Permission};

/// Changes how a table is billed, its throughput, or its deletion protection. The change is there
/// at once, although the reply says `UPDATING`, as clients expect.
pub(crate) struct UpdateTable;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    table_name: String,
    billing_mode: Option<BillingMode>,
    provisioned_throughput: Option<UnitsWanted>,
    deletion_protection_enabled: Option<bool>,
    global_secondary_index_updates: Option<Vec<Value>>,
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
    /// Checks the request by itself.
    fn check(&self) -> Result<(), Error> {
        let operation = UpdateTable::NAME;
        let indexes = self.global_secondary_index_updates.as_ref();
        model::check_indexes("GlobalSecondaryIndexUpdates", operation, indexes)?;
        let throughput = self.billing_mode.is_some() || self.provisioned_throughput.is_some();
        let given = [
            (self.table_class.is_some(), "TableClass"),
            (self.sse_specification.is_some(), "Server-Side Encryption"),
            (self.deletion_protection_enabled.is_some(), "DeletionProtection"),
        ];
        let others = given.iter().filter(|(given, _)| *given);
        let changes =
            others.clone().count() + usize::from(throughput || self.stream_specification.is_some());
        match others.map(|(_, name)| name).next() {
            Some(name) if changes > 1 => Err(Error::invalid(format_args!(
                "{name} modification must be the only operation in the request"
            ))),
            _ if throughput && self.stream_specification.is_some() => {
                Err(Error::invalid("You cannot modify stream status while updating table IOPS"))
            }
            _ if changes == 0 => Err(Error::validation(
                "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, \
                 GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, \
                 MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, \
                 DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is \
                 required",
            )),
            _ => Ok(()),
        }
    }

    fn apply(&self, ctx: &Context, table: &mut Table) -> Result<(), Error> {
        if let Some(stream) = &self.stream_specification {
            stream.check(UpdateTable::NAME)?;
            return Err(Error::validation(format!(
                "Table has no stream to disable: TableName: {}",
                table.name.as_str()
            )));
        }
        if let Some(encryption) = &self.sse_specification {
            encryption.check(UpdateTable::NAME)?;
            return Err(Error::invalid("Table is already encrypted by default"));
        }
        model::check_class(self.table_class.as_deref(), UpdateTable::NAME)?;
        if let Some(protected) = self.deletion_protection_enabled {
            table.protected = protected;
        }
        let (mode, units) = (self.billing_mode, self.provisioned_throughput);
        if mode.is_some() || units.is_some() {
            table.billing = model::rebilling(table.billing, mode, units, ctx.now)?;
        }
        Ok(())
    }
}

impl Operation for UpdateTable {
    type Service = Tables;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "UpdateTable";

    async fn permissions(
        _: &Tables,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(model::table_permission(ctx, &input.table_name, "dynamodb:UpdateTable"))
    }

    async fn run(
        tables: &Tables,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        input.check()?;
        let mut table = Table::clone(&*tables.described(ctx, tx, &input.table_name).await?);
        input.apply(ctx, &mut table)?;
        model::check_account(ctx, tx, &table).await?;
        model::save(ctx, tx, &table)?;
        let table_description = Description::of(ctx, tx, &table, "UPDATING").await?;
        Ok(Output { table_description })
    }
}
