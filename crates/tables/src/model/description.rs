//! How the API describes a table.

use super::{
    table::{Billing, Table},
    throughput::Throughput,
};
use crate::keys;
use expression::{KeyAttribute, KeyType};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Seconds};
use types::{Arn, RequestId, Timestamp};

/// One element of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct KeySchemaElement {
    pub(crate) attribute_name: String,
    pub(crate) key_type: String,
}

/// The type of one key attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AttributeDefinition {
    pub(crate) attribute_name: String,
    pub(crate) attribute_type: KeyType,
}

/// A `TableDescription`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Description {
    attribute_definitions: Vec<AttributeDefinition>,
    table_name: String,
    key_schema: Vec<KeySchemaElement>,
    table_status: &'static str,
    creation_date_time: Seconds,
    provisioned_throughput: ThroughputDescription,
    table_size_bytes: u64,
    item_count: u64,
    table_arn: Arn,
    table_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    billing_mode_summary: Option<BillingModeSummary>,
    deletion_protection_enabled: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ThroughputDescription {
    #[serde(skip_serializing_if = "Option::is_none")]
    last_increase_date_time: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_decrease_date_time: Option<Seconds>,
    number_of_decreases_today: u32,
    read_capacity_units: u64,
    write_capacity_units: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct BillingModeSummary {
    billing_mode: &'static str,
    last_update_to_pay_per_request_date_time: Seconds,
}

impl Description {
    /// Describes a table; `status` is one of the API's.
    pub(crate) async fn of(
        ctx: &Context,
        tx: &mut Transaction,
        table: &Table,
        status: &'static str,
    ) -> Result<Self, kv::Error> {
        let (throughput, since) = match table.billing {
            Billing::Provisioned(throughput) => (throughput, None),
            Billing::OnDemand(since) => (Throughput::new(0, 0), Some(since)),
        };
        let elements = table.schema.attributes().zip(["HASH", "RANGE"]);
        let mut definitions: Vec<_> = table.schema.attributes().map(definition).collect();
        definitions.sort_by(|a, b| a.attribute_name.cmp(&b.attribute_name));
        Ok(Self {
            attribute_definitions: definitions,
            table_name: table.name.as_str().to_owned(),
            key_schema: elements.map(|(attribute, kind)| element(attribute, kind)).collect(),
            table_status: status,
            creation_date_time: Seconds(table.created),
            provisioned_throughput: ThroughputDescription::of(&throughput, ctx.now),
            table_size_bytes: counter(tx, &keys::bytes(&table.store)).await?,
            item_count: counter(tx, &keys::count(&table.store)).await?,
            table_arn: table.name.arn(ctx),
            table_id: RequestId::to_string(&table.id),
            billing_mode_summary: since.map(|since| BillingModeSummary {
                billing_mode: "PAY_PER_REQUEST",
                last_update_to_pay_per_request_date_time: Seconds(since),
            }),
            deletion_protection_enabled: table.protected,
        })
    }
}

impl ThroughputDescription {
    fn of(throughput: &Throughput, now: Timestamp) -> Self {
        Self {
            last_increase_date_time: throughput.increased.map(Seconds),
            last_decrease_date_time: throughput.decreased.map(Seconds),
            number_of_decreases_today: throughput.decreases_today(now),
            read_capacity_units: throughput.read,
            write_capacity_units: throughput.write,
        }
    }
}

fn definition(attribute: &KeyAttribute) -> AttributeDefinition {
    AttributeDefinition {
        attribute_name: attribute.name.clone(),
        attribute_type: attribute.key_type,
    }
}

fn element(attribute: &KeyAttribute, kind: &str) -> KeySchemaElement {
    KeySchemaElement { attribute_name: attribute.name.clone(), key_type: kind.to_owned() }
}

/// A number that grows by atomic adds; not tracked, so that describing never disturbs a write.
async fn counter(tx: &mut Transaction, key: &kv::Key) -> Result<u64, kv::Error> {
    let Some(bytes) = tx.get_snapshot(key).await? else { return Ok(0) };
    let corrupt = |_| kv::Error::Corrupt("a table's counter is no number".to_owned());
    let number = i64::from_le_bytes(bytes.as_ref().try_into().map_err(corrupt)?);
    Ok(u64::try_from(number).unwrap_or(0))
}
