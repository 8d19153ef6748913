//! `docs/supported.md`, made from what the services register.

use crate::{
    composition,
    services::{self, Services},
};
use clock::SystemClock;
use kv::Store;
use kv_embedded::{EmbeddedEngine, Options};
use serde_json::Value;
use service::{Change, Definition, Platform, PublicUrl, ResourceProvider};
use stacks::substitutions::TABLE;
use std::{fmt::Write, fs, path::Path, sync::Arc};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/supported.md");
const HEAD: &str = "\
# What is supported

*Generated from the code by `cargo test -p server supported`, which fails and writes this file anew when it has changed.*

Three answers exist. What is listed here is implemented; a member or a value of it that is not
implemented is refused by name. What the last table lists is substituted: its documented effect is
met in another way, and a deployment says so. Everything else is refused.
";

#[tokio::test]
async fn the_document_lists_what_the_services_support() {
    let data = tempfile::tempdir().unwrap();
    let expected = document(&services(data.path()).definitions);
    if fs::read_to_string(FILE).is_ok_and(|text| text == expected) {
        return;
    }
    fs::write(FILE, expected).unwrap();
    panic!("docs/supported.md was not what the services support. It is now: commit it.");
}

fn document(definitions: &[Definition]) -> String {
    let mut definitions: Vec<_> = definitions.iter().collect();
    definitions.sort_by_key(|definition| definition.name);
    let mut out = HEAD.to_owned();
    out.push_str("\n## Operations\n\n| service | name in IAM | operations |\n|---|---|---|\n");
    for definition in &definitions {
        operations(&mut out, definition);
    }
    out.push_str(
        "\n## Resource types\n\nA property with * replaces the resource when it changes. ",
    );
    out.push_str("SAM's types are supported where the types that they become are listed.\n");
    let resources = definitions.iter().flat_map(|definition| &definition.resources);
    let mut resources: Vec<_> = resources.collect();
    resources.sort_by_key(|provider| provider.resource_type());
    out.push_str("\n| type | properties | attributes for `Fn::GetAtt` |\n|---|---|---|\n");
    for provider in resources {
        resource(&mut out, provider.as_ref());
    }
    out.push_str(
        "\n## Substitutions\n\nWhat stands here of a property is true of the same parameter in a \
         request to the API.\n\n| type | property | value | instead |\n|---|---|---|---|\n",
    );
    for row in TABLE {
        let stacks::substitutions::Row { resource_type, property, values, instead, .. } = row;
        let property = match *property {
            "" => "the resource itself".to_owned(),
            property => format!("`{property}`"),
        };
        writeln!(out, "| `{resource_type}` | {property} | {values} | {instead} |").unwrap();
    }
    out
}

fn operations(out: &mut String, definition: &Definition) {
    let model: Value = serde_json::from_str(definition.model).unwrap();
    let full_name = model["metadata"]["serviceFullName"].as_str().unwrap();
    let name = definition.name;
    let mut names: Vec<_> = definition.operations.iter().map(|one| one.name()).collect();
    names.sort_unstable();
    writeln!(out, "| {full_name} | `{name}` | {} |", names.join(", ")).unwrap();
}

fn resource(out: &mut String, provider: &dyn ResourceProvider) {
    let mut properties: Vec<_> = provider.properties().iter().collect();
    properties.sort_by_key(|property| property.name);
    let text = |property: &&service::Property| match property.change {
        Change::InPlace => property.name.to_owned(),
        Change::Replace => format!("{}*", property.name),
    };
    let properties: Vec<_> = properties.iter().map(text).collect();
    let (kind, attributes) = (provider.resource_type(), provider.attributes());
    let columns = [properties.join(", "), attributes.join(", ")];
    writeln!(out, "| `{kind}` | {} |", columns.join(" | ")).unwrap();
}

/// All services, of which nothing runs.
fn services(data: &Path) -> Services {
    let engine = EmbeddedEngine::open(&data.join("store"), Options::default()).unwrap();
    let platform = Platform::new(
        Store::from_engine(Arc::new(engine)),
        Arc::new(SystemClock::default()),
        PublicUrl::new("http://localhost"),
        "000000000000".parse().unwrap(),
        "us-east-1".parse().unwrap(),
    );
    services::build(composition::parts(Arc::new(platform), data)).unwrap()
}
