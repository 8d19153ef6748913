//! Layers: packages that functions find under `/opt`.

use super::{
    describe::modified,
    policy::{document, policy_text},
    settings::Settings,
    version::next_number,
};
use crate::{
    Error, Functions,
    code::{CodeId, CodeRef},
    config, keys,
};
use kv::{Record, Scan, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Context, Fault, Permission, Platform};
use types::{Arn, RequestId, Timestamp};

/// A version of a layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LayerVersion {
    pub(crate) name: String,
    /// The layer's ARN, without the version.
    pub(crate) layer_arn: Arn,
    pub(crate) version: u32,
    pub(crate) code: CodeRef,
    pub(crate) created: Timestamp,
    pub(crate) about: About,
    /// Changes with the policy.
    pub(crate) revision: RequestId,
    /// The statements of its policy.
    pub(crate) statements: Vec<Value>,
}

impl Record for LayerVersion {
    const VERSION: u8 = 1;
}

/// What a publisher says of a layer version.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct About {
    #[serde(default)]
    pub(crate) description: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) license_info: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) compatible_runtimes: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) compatible_architectures: Vec<String>,
}

/// A layer version that a function uses. The function keeps it when it is deleted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LayerRef {
    pub(crate) arn: Arn,
    pub(crate) code: CodeRef,
}

/// `LayerVersionsListItem`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LayerItem {
    layer_version_arn: Arn,
    version: u32,
    created_date: String,
    #[serde(flatten)]
    about: About,
}

/// `GetLayerVersionResponse`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LayerView {
    content: Value,
    layer_arn: Arn,
    #[serde(flatten)]
    item: LayerItem,
}

impl LayerVersion {
    pub(crate) fn arn(&self) -> Arn {
        super::qualified(&self.layer_arn, &self.version.to_string())
    }

    pub(crate) fn item(&self) -> LayerItem {
        LayerItem {
            layer_version_arn: self.arn(),
            version: self.version,
            created_date: modified(self.created),
            about: self.about.clone(),
        }
    }

    pub(crate) fn view(&self) -> LayerView {
        LayerView {
            content: json!({"CodeSha256": self.code.id.base64(), "CodeSize": self.code.size}),
            layer_arn: self.layer_arn.clone(),
            item: self.item(),
        }
    }

    /// True if it suits the runtime and the architecture that are asked for.
    pub(crate) fn suits(&self, runtime: Option<&str>, architecture: Option<&str>) -> bool {
        let has = |list: &[String], wanted: Option<&str>| {
            wanted.is_none_or(|wanted| list.iter().any(|one| one == wanted))
        };
        has(&self.about.compatible_runtimes, runtime)
            && has(&self.about.compatible_architectures, architecture)
    }

    /// Its policy, as `GetLayerVersionPolicy` tells it.
    pub(crate) fn policy(&self) -> Result<String, Error> {
        policy_text(&self.statements)
    }

    /// A revision that the caller expects must be the latest.
    pub(crate) fn check_revision(&self, expected: Option<&str>) -> Result<(), Error> {
        match expected {
            Some(expected) if expected != self.revision.to_string() => {
                Err(Error::PreconditionFailed("GetLayerPolicy"))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn save(&self, platform: &Platform, tx: &mut Transaction) -> Result<(), kv::Error> {
        let (account, region) = (&platform.account, &platform.region);
        tx.put_record(keys::layer(account, region, &self.name, self.version), self)
    }
}

/// A layer that a request names, by its name or its ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LayerName {
    name: String,
    arn: Arn,
}

impl LayerName {
    pub(crate) fn parse(platform: &Platform, text: &str) -> Result<Self, Error> {
        let prefix = layer_arn(platform, "");
        let name = text.strip_prefix(prefix.as_str()).unwrap_or(text);
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > config::LAYER_NAME_CHARS || !name.chars().all(allowed) {
            return Err(Error::Validation(format!(
                "Value '{text}' at 'layerName' failed to satisfy constraint: Member must satisfy \
                 regular expression pattern: (arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{{12}}:\
                 layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+"
            )));
        }
        Ok(Self { name: name.to_owned(), arn: layer_arn(platform, name) })
    }

    /// The layer and the number in a layer version's ARN, of this account and region.
    pub(crate) fn of_version(platform: &Platform, arn: &str) -> Result<(Self, u32), Error> {
        let missing =
            || Error::InvalidParameterValue(format!("Layer version {arn} does not exist."));
        let parsed: Arn = arn.parse().map_err(|_| missing())?;
        if parsed.region() != platform.region.as_str() {
            return Err(Error::InvalidParameterValue(format!(
                "Layers are not in the same region as the function. Layers are expected to be in \
                 region {}.",
                platform.region.as_str()
            )));
        }
        let (layer, number) = arn.rsplit_once(':').ok_or_else(missing)?;
        let number = number.parse().map_err(|_| missing())?;
        Ok((Self::parse(platform, layer).map_err(|_| missing())?, number))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.name
    }

    /// The layer's ARN.
    pub(crate) fn arn(&self) -> &Arn {
        &self.arn
    }

    /// The ARN of one of its versions.
    pub(crate) fn version_arn(&self, number: u32) -> Arn {
        super::qualified(&self.arn, &number.to_string())
    }
}

fn layer_arn(platform: &Platform, name: &str) -> Arn {
    Arn::new("lambda", &platform.region, &platform.account, &format!("layer:{name}"))
}

/// The version of a number.
pub(crate) async fn find_layer(
    platform: &Platform,
    tx: &mut Transaction,
    layer: &LayerName,
    number: u32,
) -> Result<Option<LayerVersion>, kv::Error> {
    let (account, region) = (&platform.account, &platform.region);
    tx.get_record(&keys::layer(account, region, layer.as_str(), number)).await
}

/// The version whose policy is meant, which must exist.
pub(crate) async fn the_layer(
    platform: &Platform,
    tx: &mut Transaction,
    layer: &LayerName,
    number: u32,
) -> Result<LayerVersion, Error> {
    find_layer(platform, tx, layer, number).await?.ok_or_else(|| {
        Error::NotFound(format!("Layer version {} does not exist.", layer.version_arn(number)))
    })
}

/// The version that a request wants to see, which must exist.
pub(crate) async fn get_layer(
    platform: &Platform,
    tx: &mut Transaction,
    layer: &LayerName,
    number: i64,
) -> Result<LayerVersion, Error> {
    let number = layer_number(number)?;
    let found = find_layer(platform, tx, layer, number).await?;
    found.ok_or_else(|| Error::NotFound("The resource you requested does not exist.".to_owned()))
}

/// The number of a layer version.
fn layer_number(number: i64) -> Result<u32, Error> {
    if number < 1 {
        let text = "Layer Version Cannot be less than 1";
        return Err(Error::InvalidParameterValue(text.to_owned()));
    }
    Ok(u32::try_from(number).unwrap_or(u32::MAX))
}

/// The version of a layer that a request names.
pub(crate) fn layer_version(
    platform: &Platform,
    name: &str,
    number: i64,
) -> Result<(LayerName, u32), Fault> {
    Ok((LayerName::parse(platform, name)?, layer_number(number)?))
}

/// What one action on the version of a layer that a request names needs.
pub(crate) async fn layer_version_permission(
    platform: &Platform,
    tx: &mut Transaction,
    name: &str,
    number: i64,
    action: &'static str,
) -> Result<Vec<Permission>, Fault> {
    let (layer, number) = layer_version(platform, name, number)?;
    Ok(vec![layer_permission(platform, tx, &layer, number, action).await?])
}

/// The permission that one action on a layer version needs, with its policy.
pub(crate) async fn layer_permission(
    platform: &Platform,
    tx: &mut Transaction,
    layer: &LayerName,
    number: u32,
    action: &'static str,
) -> Result<Permission, Fault> {
    let found = find_layer(platform, tx, layer, number).await?;
    let policy = found.map(|found| document(&found.statements)).transpose()?.flatten();
    Ok(Permission::new(action, layer.version_arn(number).as_str()).with_policy(policy))
}

/// Versions of a layer before a number, the latest first.
pub(crate) async fn list_layer_versions(
    platform: &Platform,
    tx: &mut Transaction,
    layer: &str,
    before: Option<u32>,
) -> Result<Vec<LayerVersion>, kv::Error> {
    let (account, region) = (&platform.account, &platform.region);
    let mut range = keys::layer_versions(account, region, layer);
    if let Some(before) = before {
        range = range.before(&keys::layer(account, region, layer, before));
    }
    let entries = tx.scan(&range, Scan::last(config::VERSIONS).snapshot()).await?;
    entries.iter().map(|entry| kv::decode_record(&entry.value)).collect()
}

/// The names of layers after one, those without a version too.
pub(crate) async fn layer_names(
    platform: &Platform,
    tx: &mut Transaction,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<String>, kv::Error> {
    let (account, region) = (&platform.account, &platform.region);
    let mut range = keys::last_layers(account, region);
    if let Some(after) = after {
        range = range.after(&keys::last_layer(account, region, after));
    }
    let entries = tx.scan(&range, Scan::first(limit).snapshot()).await?;
    entries.iter().map(|entry| keys::layer_of(&entry.key)).collect()
}

/// Publishes a package as the next version of a layer.
pub(crate) async fn publish_layer(
    functions: &Functions,
    ctx: &Context,
    tx: &mut Transaction,
    layer: &LayerName,
    code: &CodeId,
    about: About,
) -> Result<LayerVersion, Error> {
    let platform = &functions.platform;
    let present = list_layer_versions(platform, tx, layer.as_str(), None).await?;
    if present.len() >= config::VERSIONS {
        let text = format!("A layer can have at most {} versions.", config::VERSIONS);
        return Err(Error::InvalidParameterValue(text));
    }
    let last = keys::last_layer(&platform.account, &platform.region, layer.as_str());
    let published = LayerVersion {
        name: layer.as_str().to_owned(),
        layer_arn: layer.arn().clone(),
        version: next_number(tx, last).await?,
        code: functions.refer(tx, code).await?,
        created: ctx.now,
        about,
        revision: ctx.ids().uuid(),
        statements: Vec::new(),
    };
    published.save(platform, tx)?;
    Ok(published)
}

/// Gives a function these layers, if any are said, in place of those that it has.
pub(crate) async fn use_layers(
    functions: &Functions,
    tx: &mut Transaction,
    settings: &mut Settings,
    wanted: Option<&[String]>,
    now: Timestamp,
) -> Result<(), Error> {
    let Some(wanted) = wanted else { return Ok(()) };
    if wanted.len() > config::LAYERS {
        let text = format!("Cannot reference more than {} layers.", config::LAYERS);
        return Err(Error::InvalidParameterValue(text));
    }
    let platform = &functions.platform;
    let mut layers: Vec<LayerRef> = Vec::new();
    let mut names: Vec<(LayerName, &String)> = Vec::new();
    for text in wanted {
        let (layer, number) = LayerName::of_version(platform, text)?;
        if let Some((_, other)) = names.iter().find(|(name, _)| *name == layer) {
            return Err(Error::InvalidParameterValue(format!(
                "Two different versions of the same layer are not allowed to be referenced in the \
                 same function. {other} and {text} are versions of the same layer."
            )));
        }
        let found = find_layer(platform, tx, &layer, number).await?.ok_or_else(|| {
            Error::InvalidParameterValue(format!("Layer version {text} does not exist."))
        })?;
        let code = functions.refer(tx, &found.code.id).await?;
        layers.push(LayerRef { arn: found.arn(), code });
        names.push((layer, text));
    }
    for before in std::mem::replace(&mut settings.layers, layers) {
        functions.release(tx, &before.code.id, now).await?;
    }
    Ok(())
}

/// Who gives a function layers must be allowed to get them.
pub(crate) async fn layers_permissions(
    platform: &Platform,
    tx: &mut Transaction,
    wanted: Option<&[String]>,
) -> Result<Vec<Permission>, Fault> {
    let mut needed = Vec::new();
    for text in wanted.into_iter().flatten().take(config::LAYERS) {
        let (layer, number) = LayerName::of_version(platform, text)?;
        needed
            .push(layer_permission(platform, tx, &layer, number, "lambda:GetLayerVersion").await?);
    }
    Ok(needed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_layer_version_stays_readable() {
        let sha = "0".repeat(64);
        let text = format!(
            "\x01{{\"name\":\"l\",\"layer_arn\":\"arn:aws:lambda:eu-1:000000000000:layer:l\",\
             \"version\":2,\"code\":{{\"id\":\"{sha}\",\"size\":5}},\"created\":6,\
             \"about\":{{\"Description\":\"d\",\"CompatibleRuntimes\":[\"python3.12\"]}},\
             \"revision\":[0,0,0,0,0,0,64,0,128,0,0,0,0,0,0,0],\"statements\":[]}}"
        );
        let layer: LayerVersion = kv::decode_record(text.as_bytes()).unwrap();
        assert_eq!(layer.arn().as_str(), "arn:aws:lambda:eu-1:000000000000:layer:l:2");
        assert!(layer.suits(Some("python3.12"), None) && !layer.suits(None, Some("arm64")));
        assert_eq!(&kv::encode_record(&layer)[..], text.as_bytes());
    }
}
