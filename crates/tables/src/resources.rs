//! The CloudFormation resource types.

mod properties;

use futures_util::future::BoxFuture;
use properties::TableProperties;
use serde_json::{Map, Value, json};
use service::{
    Change, Desired, Fault, Property, PropertyError, Resource, ResourceContext, ResourceProvider,
};
use std::sync::Arc;
use types::Tags;

/// Every type that the service provides.
pub(crate) fn providers() -> Vec<Arc<dyn ResourceProvider>> {
    vec![Arc::new(TableResource)]
}

/// `AWS::DynamoDB::Table`.
struct TableResource;

const TYPE: &str = "AWS::DynamoDB::Table";
const SERVICE: &str = "dynamodb";

const fn property(name: &'static str, change: Change) -> Property {
    Property { name, change }
}

const PROPERTIES: &[Property] = &[
    property("TableName", Change::Replace),
    property("KeySchema", Change::Replace),
    property("AttributeDefinitions", Change::Replace),
    property("BillingMode", Change::InPlace),
    property("ProvisionedThroughput", Change::InPlace),
    property("DeletionProtectionEnabled", Change::InPlace),
    property("Tags", Change::InPlace),
    // Of these, only the default is accepted.
    property("ContributorInsightsSpecification", Change::InPlace),
    property("GlobalSecondaryIndexes", Change::InPlace),
    property("LocalSecondaryIndexes", Change::Replace),
    property("PointInTimeRecoverySpecification", Change::InPlace),
    property("SSESpecification", Change::InPlace),
    property("TableClass", Change::InPlace),
    property("TimeToLiveSpecification", Change::InPlace),
];

impl ResourceProvider for TableResource {
    fn resource_type(&self) -> &'static str {
        TYPE
    }

    fn properties(&self) -> &'static [Property] {
        PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["Arn"]
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), PropertyError> {
        properties::check(properties)
    }

    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(create(cx, desired))
    }

    fn update<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        _before: &'a Map<String, Value>,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(update(cx, physical_id, desired))
    }

    fn delete<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        _properties: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            match cx.call(SERVICE, "DeleteTable", json!({ "TableName": physical_id })).await {
                Err(fault) if fault.code() == "ResourceNotFoundException" => Ok(()),
                other => other.map(drop),
            }
        })
    }
}

async fn create(cx: &ResourceContext, desired: Desired<'_>) -> Result<Resource, Fault> {
    let properties = TableProperties::read(desired.properties)?;
    let name = properties.table_name.clone();
    let name = name.unwrap_or_else(|| desired.name_within(255));
    let mut input = properties.settings();
    input.insert("TableName".to_owned(), name.clone().into());
    input.insert("KeySchema".to_owned(), json!(properties.key_schema));
    input.insert("AttributeDefinitions".to_owned(), json!(properties.attribute_definitions));
    let protected = properties.deletion_protection_enabled;
    input.insert("DeletionProtectionEnabled".to_owned(), protected.into());
    input.insert("Tags".to_owned(), tag_list(&wanted_tags(cx, &properties)));
    match cx.call(SERVICE, "CreateTable", input.into()).await {
        Ok(reply) => Ok(resource(&name, &reply["TableDescription"]["TableArn"])),
        Err(fault) if fault.code() == "ResourceInUseException" => {
            // Perhaps this step made it, before a crash.
            let table = describe(cx, &name).await?;
            let tags = tags_of(cx, &table["TableArn"]).await?;
            if cx.made(|name| tags.get(name).map(String::as_str)) {
                Ok(resource(&name, &table["TableArn"]))
            } else {
                Err(fault)
            }
        }
        Err(fault) => Err(fault),
    }
}

/// Compares with what there is and not with what was asked for, so that a step that runs again
/// changes nothing twice.
async fn update(cx: &ResourceContext, name: &str, desired: Desired<'_>) -> Result<Resource, Fault> {
    let properties = TableProperties::read(desired.properties)?;
    let table = describe(cx, name).await?;
    if properties.billing_differs(&table) {
        let mut input = properties.settings();
        input.insert("TableName".to_owned(), name.into());
        cx.call(SERVICE, "UpdateTable", input.into()).await?;
    }
    let protected = properties.deletion_protection_enabled;
    if table["DeletionProtectionEnabled"] != protected {
        let input = json!({ "TableName": name, "DeletionProtectionEnabled": protected });
        cx.call(SERVICE, "UpdateTable", input).await?;
    }
    update_tags(cx, &table["TableArn"], &wanted_tags(cx, &properties)).await?;
    Ok(resource(name, &table["TableArn"]))
}

async fn update_tags(cx: &ResourceContext, arn: &Value, wanted: &Tags) -> Result<(), Fault> {
    let present = tags_of(cx, arn).await?;
    let gone: Vec<_> = present.keys().filter(|key| !wanted.contains_key(*key)).collect();
    if !gone.is_empty() {
        let input = json!({ "ResourceArn": arn, "TagKeys": gone });
        cx.call(SERVICE, "UntagResource", input).await?;
    }
    let mut new = wanted.clone();
    new.retain(|key, value| present.get(key) != Some(value));
    if !new.is_empty() {
        let input = json!({ "ResourceArn": arn, "Tags": tag_list(&new) });
        cx.call(SERVICE, "TagResource", input).await?;
    }
    Ok(())
}

fn resource(name: &str, arn: &Value) -> Resource {
    let attributes = Map::from_iter([("Arn".to_owned(), arn.clone())]);
    Resource { physical_id: name.to_owned(), attributes }
}

async fn describe(cx: &ResourceContext, name: &str) -> Result<Value, Fault> {
    let mut reply = cx.call(SERVICE, "DescribeTable", json!({ "TableName": name })).await?;
    Ok(reply["Table"].take())
}

async fn tags_of(cx: &ResourceContext, arn: &Value) -> Result<Tags, Fault> {
    let reply = cx.call(SERVICE, "ListTagsOfResource", json!({ "ResourceArn": arn })).await?;
    let tags = reply["Tags"].as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |tag: &Value, name: &str| tag[name].as_str().unwrap_or_default().to_owned();
    Ok(tags.iter().map(|tag| (text(tag, "Key"), text(tag, "Value"))).collect())
}

fn tag_list(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}

/// The tags of the stack, of the template, and those by which the stack knows its table again.
fn wanted_tags(cx: &ResourceContext, properties: &TableProperties) -> Tags {
    let mut tags = cx.stack_tags.clone();
    tags.extend(properties.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())));
    tags.extend(cx.marks());
    tags
}
