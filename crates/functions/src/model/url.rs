//! Function URLs.

use super::{Function, FunctionName, the};
use crate::{Error, config, keys};
use kv::{Record, Scan, Transaction};
use serde::{Deserialize, Serialize};
use service::Platform;
use types::{Arn, Timestamp};

/// Who may call a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AuthType {
    /// Whom the function's policy allows, signed or not.
    #[serde(rename = "NONE")]
    None,
    /// Who signs, and is allowed.
    #[serde(rename = "AWS_IAM")]
    AwsIam,
}

impl AuthType {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::AwsIam => "AWS_IAM",
        }
    }
}

/// How the response of a function comes to its caller.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum InvokeMode {
    /// When it is whole.
    #[default]
    Buffered,
    /// While it is written.
    ResponseStream,
}

/// What browsers of other sites may do.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Cors {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) allow_credentials: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) allow_headers: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) allow_methods: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) allow_origins: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expose_headers: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_age: Option<u32>,
}

/// A URL of a function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Url {
    /// 32 letters and digits.
    pub(crate) id: String,
    /// The function's name.
    pub(crate) function: String,
    /// The ARN, with the alias if it is one's.
    pub(crate) function_arn: Arn,
    pub(crate) auth: AuthType,
    pub(crate) cors: Option<Cors>,
    #[serde(default)]
    pub(crate) mode: InvokeMode,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
}

impl Record for Url {
    const VERSION: u8 = 1;
}

/// A URL as the API tells it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UrlView {
    function_url: String,
    function_arn: Arn,
    auth_type: AuthType,
    #[serde(skip_serializing_if = "Option::is_none")]
    cors: Option<Cors>,
    creation_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_modified_time: Option<String>,
    invoke_mode: InvokeMode,
}

impl Url {
    /// The function's name, with the alias if it is one's: `f:live`.
    pub(crate) fn place(&self) -> &str {
        let resource = self.function_arn.resource();
        resource.strip_prefix("function:").unwrap_or(resource)
    }

    /// The URL itself, in its path form.
    pub(crate) fn address(&self, platform: &Platform) -> String {
        format!("{}{}{}/", platform.public_url, config::URL_PATH, self.id)
    }

    pub(crate) fn view(&self, platform: &Platform) -> UrlView {
        UrlView {
            function_url: self.address(platform),
            function_arn: self.function_arn.clone(),
            auth_type: self.auth,
            cors: self.cors.clone(),
            creation_time: self.created.to_iso8601(),
            last_modified_time: Some(self.modified.to_iso8601()),
            invoke_mode: self.mode,
        }
    }

    /// As the answer to its creation, which has no time of a change.
    pub(crate) fn created_view(&self, platform: &Platform) -> UrlView {
        UrlView { last_modified_time: None, ..self.view(platform) }
    }

    pub(crate) fn save(&self, platform: &Platform, tx: &mut Transaction) -> Result<(), kv::Error> {
        let (account, region) = (&platform.account, &platform.region);
        tx.put_record(keys::url(account, region, &self.id), self)?;
        tx.put(keys::url_of(account, region, self.place()), self.id.clone().into())
    }

    pub(crate) fn delete(
        &self,
        platform: &Platform,
        tx: &mut Transaction,
    ) -> Result<(), kv::Error> {
        let (account, region) = (&platform.account, &platform.region);
        tx.delete(keys::url(account, region, &self.id))?;
        tx.delete(keys::url_of(account, region, self.place()))
    }
}

/// The URL of an id.
pub(crate) async fn find_url(
    platform: &Platform,
    tx: &mut Transaction,
    id: &str,
) -> Result<Option<Url>, kv::Error> {
    tx.get_record(&keys::url(&platform.account, &platform.region, id)).await
}

/// The URL of a function or an alias, by its place (`f`, `f:live`).
pub(crate) async fn url_of(
    platform: &Platform,
    tx: &mut Transaction,
    place: &str,
) -> Result<Option<Url>, Error> {
    let id = tx.get(&keys::url_of(&platform.account, &platform.region, place)).await?;
    let Some(id) = id else { return Ok(None) };
    Ok(find_url(platform, tx, &String::from_utf8_lossy(&id)).await?)
}

/// The URLs of a function and of its aliases.
pub(crate) async fn urls_of(
    platform: &Platform,
    tx: &mut Transaction,
    function: &str,
) -> Result<Vec<Url>, Error> {
    let mut urls: Vec<Url> = url_of(platform, tx, function).await?.into_iter().collect();
    let (account, region) = (&platform.account, &platform.region);
    let range = keys::qualified(keys::URL_OF, account, region, function);
    for entry in tx.scan(&range, Scan::first(config::ALIASES)).await? {
        urls.extend(find_url(platform, tx, &String::from_utf8_lossy(&entry.value)).await?);
    }
    Ok(urls)
}

/// The URL of a function, which must have one.
pub(crate) async fn the_url_of(
    platform: &Platform,
    tx: &mut Transaction,
    place: &str,
) -> Result<Url, Error> {
    let url = url_of(platform, tx, place).await?;
    url.ok_or_else(|| Error::NotFound("The resource you requested does not exist.".to_owned()))
}

/// The function that is to have a URL.
///
/// # Errors
/// There is none, which operations on URLs tell in other words.
pub(crate) async fn the_of_url(
    platform: &Platform,
    tx: &mut Transaction,
    name: &FunctionName,
) -> Result<Function, Error> {
    match the(platform, tx, name).await {
        Err(Error::FunctionNotFound(_)) => {
            Err(Error::NotFound("Function does not exist".to_owned()))
        }
        found => found,
    }
}
