//! The `Globals` section: properties that all resources of a type share.

use indexmap::IndexMap;

use super::failed;
use crate::document::Document;
use crate::error::{Error, Position, Result};
use crate::node::{Data, Map, Node};

/// The properties that may be global, by type. Those of types that are not transformed are not listed:
/// they are accepted here, because the types themselves are refused where they are used.
const FUNCTION: [&str; 39] = [
    "Handler",
    "Runtime",
    "CodeUri",
    "DeadLetterQueue",
    "Description",
    "MemorySize",
    "Timeout",
    "VpcConfig",
    "Environment",
    "Tags",
    "PropagateTags",
    "Tracing",
    "KmsKeyArn",
    "AutoPublishAlias",
    "AutoPublishAliasAllProperties",
    "Layers",
    "DeploymentPreference",
    "RolePath",
    "PermissionsBoundary",
    "ReservedConcurrentExecutions",
    "ProvisionedConcurrencyConfig",
    "AssumeRolePolicyDocument",
    "EventInvokeConfig",
    "FileSystemConfigs",
    "CodeSigningConfigArn",
    "Architectures",
    "SnapStart",
    "EphemeralStorage",
    "FunctionUrlConfig",
    "RuntimeManagementConfig",
    "LoggingConfig",
    "RecursiveLoop",
    "SourceKMSKeyArn",
    "TenancyConfig",
    "DurableConfig",
    "CapacityProviderConfig",
    "FunctionScalingConfig",
    "PublishToLatestPublished",
    "VersionDeletionPolicy",
];
const OTHER_SECTIONS: [&str; 7] = [
    "Api",
    "CapacityProvider",
    "HttpApi",
    "MicroVMImage",
    "NetworkConnector",
    "StateMachine",
    "WebSocketApi",
];

pub(super) struct Globals {
    sections: IndexMap<String, Map>,
}

impl Globals {
    pub(super) fn read(document: &Document) -> Result<Self> {
        let mut sections = IndexMap::new();
        let Some(globals) = document.section("Globals") else { return Ok(Self { sections }) };
        let map = globals
            .as_map()
            .ok_or_else(|| invalid(globals.at, "It must be a non-empty dictionary"))?;
        for (name, node) in map {
            let supported: Option<&[&str]> = match name.as_str() {
                "Function" => Some(&FUNCTION),
                "SimpleTable" => Some(&["SSESpecification"]),
                "LayerVersion" => Some(&["PublishLambdaVersion"]),
                other if OTHER_SECTIONS.contains(&other) => None,
                other => return Err(invalid(node.at, format!("'{other}' is not supported."))),
            };
            let properties = node
                .as_map()
                .ok_or_else(|| invalid(node.at, format!("Value of {name} must be a dictionary")))?;
            for (key, value) in properties {
                if supported.is_some_and(|supported| !supported.contains(&key.as_str())) {
                    let message = format!("'{key}' is not a supported property of '{name}'.");
                    return Err(invalid(value.at, message));
                }
            }
            sections.insert(name.clone(), properties.clone());
        }
        Ok(Self { sections })
    }

    /// The properties of a resource with the global ones of its type.
    pub(super) fn merge(
        &self,
        id: &str,
        kind: &str,
        local: Map,
        ignore: Option<&Node>,
    ) -> Result<Map> {
        let Some(global) = self.sections.get(kind) else { return Ok(local) };
        let mut global = global.clone();
        if let Some(ignore) = ignore {
            remove_ignored(id, &mut global, ignore)?;
        }
        Ok(merge_maps(global, local, true))
    }
}

fn remove_ignored(id: &str, global: &mut Map, ignore: &Node) -> Result<()> {
    if ignore.as_str() == Some("*") {
        global.clear();
        return Ok(());
    }
    let message = format!("Resource {id} has invalid resource attribute 'IgnoreGlobals'.");
    let Some(items) = ignore.as_list() else { return Err(super::invalid(id, ignore.at, message)) };
    for item in items {
        let name = item.as_str().unwrap_or_default();
        if global.shift_remove(name).is_none() {
            let message = format!(
                "Resource {id} has invalid resource attribute 'IgnoreGlobals' on item '{name}'."
            );
            return Err(super::invalid(id, item.at, message));
        }
    }
    Ok(())
}

/// Maps are merged, lists are joined (global first; `Architectures` is replaced), all else is the
/// local value.
fn merge_maps(mut global: Map, local: Map, top: bool) -> Map {
    for (key, value) in local {
        let merged = match global.get(&key) {
            Some(old) if !(top && key == "Architectures") => merge_nodes(old.clone(), value),
            _ => value,
        };
        global.insert(key, merged);
    }
    global
}

fn merge_nodes(global: Node, local: Node) -> Node {
    if global.intrinsic().is_some() || local.intrinsic().is_some() {
        return local;
    }
    let at = local.at;
    match (global.data, local.data) {
        (Data::Map(global), Data::Map(local)) => Node::map(at, merge_maps(global, local, false)),
        (Data::List(mut global), Data::List(local)) => {
            global.extend(local);
            Node { data: Data::List(global), at }
        }
        (_, data) => Node { data, at },
    }
}

fn invalid(at: Position, message: impl std::fmt::Display) -> Error {
    failed(at, format!("'Globals' section is invalid. {message}"))
}
