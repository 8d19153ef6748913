use super::values;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use service::{
    Change::Replace, Desired, Fault, Property, Resource, ResourceContext, ResourceProvider,
};

/// `AWS::Lambda::Permission`: one statement of a function's policy. `Ref` is its id.
pub(crate) struct Permission;

const PROPERTIES: [Property; 8] = [
    Property { name: "Action", change: Replace },
    Property { name: "FunctionName", change: Replace },
    Property { name: "FunctionUrlAuthType", change: Replace },
    Property { name: "InvokedViaFunctionUrl", change: Replace },
    Property { name: "Principal", change: Replace },
    Property { name: "PrincipalOrgID", change: Replace },
    Property { name: "SourceAccount", change: Replace },
    Property { name: "SourceArn", change: Replace },
];

/// A statement's id has at most this many characters.
const ID_CHARS: usize = 100;

fn resource(id: &str) -> Resource {
    let attributes = Map::from_iter([("Id".to_owned(), id.into())]);
    Resource { physical_id: id.to_owned(), attributes }
}

impl ResourceProvider for Permission {
    fn resource_type(&self) -> &'static str {
        "AWS::Lambda::Permission"
    }

    fn properties(&self) -> &'static [Property] {
        &PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["Id"]
    }

    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let name = desired.generated_name;
            let id = &name[name.len().saturating_sub(ID_CHARS)..];
            let mut input = json!({"StatementId": id});
            let texts = [
                "Action",
                "FunctionName",
                "FunctionUrlAuthType",
                "Principal",
                "PrincipalOrgID",
                "SourceAccount",
                "SourceArn",
            ];
            values::copy(desired.properties, &mut input, &texts, values::text);
            let flags = ["InvokedViaFunctionUrl"];
            values::copy(desired.properties, &mut input, &flags, values::boolean);
            match cx.call("lambda", "AddPermission", input).await {
                // An earlier run added it: the id is this resource's own.
                Err(fault) if fault.code() != "ResourceConflictException" => Err(fault),
                _ => Ok(resource(id)),
            }
        })
    }

    fn update<'a>(
        &'a self,
        _cx: &'a ResourceContext,
        physical_id: &'a str,
        _before: &'a Map<String, Value>,
        _desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        // Every property replaces; a change of none changes nothing.
        Box::pin(async move { Ok(resource(physical_id)) })
    }

    fn delete<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        properties: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let function = properties.get("FunctionName");
            let input = json!({"FunctionName": function, "StatementId": physical_id});
            values::gone_is_deleted(cx.call("lambda", "RemovePermission", input).await)
        })
    }
}
