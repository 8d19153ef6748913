//! What a request must be allowed to do, with the condition keys of "Actions, resources, and
//! condition keys for Amazon DynamoDB" in the Service Authorization Reference.

use super::table::{Name, Table};
use crate::{Error, Tables};
use base64::{Engine, engine::general_purpose::STANDARD};
use expression::{Item, Value};
use kv::Transaction;
use service::{Context, Permission};

/// Access to items of one table.
pub(crate) struct Access<'a> {
    pub(crate) action: &'static str,
    /// `TableName` as the request has it.
    pub(crate) table: &'a str,
    /// Items or keys whose partition keys are touched.
    pub(crate) keys: Vec<&'a Item>,
    /// Top-level attributes that the request names.
    pub(crate) attributes: Vec<&'a str>,
    /// What a read returns: `dynamodb:Select`.
    pub(crate) select: Option<&'static str>,
    /// What a write returns: `dynamodb:ReturnValues`.
    pub(crate) return_values: Option<&'static str>,
}

impl Access<'_> {
    /// The permission, which needs to know the table's key to say which partitions are touched.
    /// Of a request that is wrong in itself it says what it can: the run will refuse it.
    pub(crate) async fn permission(
        self,
        tables: &Tables,
        ctx: &Context,
        tx: &mut Transaction,
    ) -> Result<Permission, Error> {
        let mut permission = Permission::new(self.action, Name::resource(self.table, ctx));
        if !self.keys.is_empty()
            && let Ok(name) = Name::parse(self.table, ctx)
            && let Some(table) = tables.find(ctx, tx, &name).await?
        {
            let leading = leading_keys(&table, &self.keys);
            permission = permission.with_values("dynamodb:LeadingKeys", leading);
        }
        let mut attributes: Vec<String> = self.attributes.iter().map(|&name| name.into()).collect();
        attributes.extend(self.keys.iter().flat_map(|key| key.keys().cloned()));
        attributes.sort_unstable();
        attributes.dedup();
        permission = permission.with_values("dynamodb:Attributes", attributes);
        if let Some(select) = self.select {
            permission = permission.with_condition("dynamodb:Select", select);
        }
        if let Some(values) = self.return_values {
            permission = permission.with_condition("dynamodb:ReturnValues", values);
        }
        Ok(permission)
    }
}

/// The values of the partition keys, each once.
fn leading_keys(table: &Table, keys: &[&Item]) -> Vec<String> {
    let values = keys.iter().filter_map(|key| key.get(&table.schema.partition.name));
    let mut texts: Vec<String> = values.filter_map(text).collect();
    texts.sort_unstable();
    texts.dedup();
    texts
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::S(text) => Some(text.clone()),
        Value::N(number) => Some(number.to_string()),
        Value::B(bytes) => Some(STANDARD.encode(bytes)),
        _ => None,
    }
}

/// The permission for an action on a table as a whole.
pub(crate) fn table_permission(ctx: &Context, name: &str, action: &'static str) -> Vec<Permission> {
    vec![Permission::new(action, Name::resource(name, ctx))]
}

/// The permission for an action that has no resource.
pub(crate) fn control(action: &'static str) -> Vec<Permission> {
    vec![Permission::new(action, "*")]
}
