//! Which pages of other origins may use a bucket ("Using cross-origin resource sharing").

use crate::{Error, config, settings::Setting};
use kv::Record;
use serde::{Deserialize, Serialize};
use service::{Allowed, Asked};

/// `CORSConfiguration`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cors {
    #[serde(rename = "CORSRules")]
    rules: Vec<CorsRule>,
}

impl Record for Cors {
    const VERSION: u8 = 1;
}

impl Setting for Cors {
    const NAME: &'static str = "cors";
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CorsRule {
    #[serde(rename = "ID", default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    allowed_headers: Vec<String>,
    allowed_methods: Vec<String>,
    allowed_origins: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    expose_headers: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_age_seconds: Option<u32>,
}

const METHODS: [&str; 5] = ["GET", "PUT", "HEAD", "POST", "DELETE"];

/// Whether a pattern with at most one `*` matches.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, end)) => {
            text.len() >= start.len() + end.len() && text.starts_with(start) && text.ends_with(end)
        }
    }
}

fn one_wildcard(member: &str, values: &[String]) -> Result<(), Error> {
    match values.iter().find(|value| value.matches('*').count() > 1) {
        Some(value) => Err(Error::InvalidRequest(format!(
            "{member} \"{value}\" can not have more than one wildcard."
        ))),
        None => Ok(()),
    }
}

impl Cors {
    /// Checks each rule and their number.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.rules.is_empty() {
            return Err(Error::MalformedXml);
        }
        if self.rules.len() > config::CORS_RULES {
            return Err(Error::InvalidRequest(format!(
                "The number of CORS rules should not exceed allowed limit of {} rules.",
                config::CORS_RULES
            )));
        }
        self.rules.iter().try_for_each(CorsRule::check)
    }

    /// What the first rule lets a page do that allows what it asks.
    pub(crate) fn allowed(&self, asked: &Asked) -> Option<Allowed> {
        self.rules.iter().find_map(|rule| rule.allowed(asked))
    }
}

impl CorsRule {
    fn check(&self) -> Result<(), Error> {
        if self.allowed_methods.is_empty() || self.allowed_origins.is_empty() {
            return Err(Error::MalformedXml);
        }
        if let Some(method) = self.allowed_methods.iter().find(|m| !METHODS.contains(&m.as_str())) {
            return Err(Error::InvalidRequest(format!(
                "Found unsupported HTTP method in CORS config. Unsupported method is {method}"
            )));
        }
        one_wildcard("AllowedOrigin", &self.allowed_origins)?;
        one_wildcard("AllowedHeader", &self.allowed_headers)?;
        match self.expose_headers.iter().find(|name| name.contains('*')) {
            Some(name) => Err(Error::InvalidRequest(format!(
                "ExposeHeader \"{name}\" contains wildcard. We currently do not support wildcard \
                 for ExposeHeader."
            ))),
            None => Ok(()),
        }
    }

    fn allowed(&self, asked: &Asked) -> Option<Allowed> {
        let known = |name: &String| {
            self.allowed_headers.iter().any(|known| matches(&known.to_ascii_lowercase(), name))
        };
        let allows = self.allowed_origins.iter().any(|origin| matches(origin, &asked.origin))
            && self.allowed_methods.contains(&asked.method)
            && asked.headers.iter().all(known);
        let any_origin = self.allowed_origins.iter().any(|origin| origin == "*");
        allows.then(|| Allowed {
            any_origin,
            methods: self.allowed_methods.clone(),
            expose: self.expose_headers.clone(),
            max_age: self.max_age_seconds,
            credentials: !any_origin,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cors(rules: serde_json::Value) -> Cors {
        serde_json::from_value(json!({"CORSRules": rules})).unwrap()
    }

    fn asked(origin: &str, method: &str, headers: &[&str]) -> Asked {
        Asked {
            origin: origin.to_owned(),
            method: method.to_owned(),
            headers: headers.iter().map(|name| (*name).to_owned()).collect(),
            is_preflight: true,
        }
    }

    #[test]
    fn the_first_rule_that_allows_everything_asked_decides() {
        let cors = cors(json!([
            {"AllowedOrigins": ["https://*.example.org"], "AllowedMethods": ["GET", "PUT"],
                "AllowedHeaders": ["x-amz-*", "Content-Type"], "MaxAgeSeconds": 60},
            {"AllowedOrigins": ["*"], "AllowedMethods": ["GET"], "ExposeHeaders": ["ETag"]}]));
        let own =
            cors.allowed(&asked("https://a.example.org", "PUT", &["x-amz-acl", "content-type"]));
        let own = own.unwrap();
        assert_eq!((own.any_origin, own.credentials, own.max_age), (false, true, Some(60)));
        let other = cors.allowed(&asked("https://b.test", "GET", &[])).unwrap();
        assert_eq!((other.any_origin, other.credentials, other.max_age), (true, false, None));
        assert_eq!(other.expose, ["ETag"]);
        for refused in [
            asked("https://b.test", "PUT", &[]),
            asked("https://a.example.org", "DELETE", &[]),
            asked("https://a.example.org", "PUT", &["authorization"]),
            asked("https://b.test", "GET", &["x-amz-acl"]),
        ] {
            assert_eq!(cors.allowed(&refused), None, "{refused:?}");
        }
    }

    #[test]
    fn rules_follow_the_official_limits() {
        let rule = |origin: &str, method: &str, header: &str, expose: &str| {
            cors(json!([{"AllowedOrigins": [origin], "AllowedMethods": [method],
                "AllowedHeaders": [header], "ExposeHeaders": [expose]}]))
            .check()
        };
        assert!(rule("*", "GET", "*", "ETag").is_ok());
        assert!(rule("http://*.*", "GET", "*", "ETag").is_err());
        assert!(rule("*", "PATCH", "*", "ETag").is_err());
        assert!(rule("*", "GET", "*-*", "ETag").is_err());
        assert!(rule("*", "GET", "*", "x-*").is_err());
        let one = json!({"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]});
        assert!(cors(json!(vec![one.clone(); 100])).check().is_ok());
        assert!(cors(json!(vec![one; 101])).check().is_err());
        assert!(cors(json!([])).check().is_err());
    }

    /// What an earlier build wrote must stay readable.
    #[test]
    fn records_keep_their_stored_form() {
        let text = r#"{"CORSRules":[{"ID":"a","AllowedHeaders":["*"],"AllowedMethods":["GET"],"AllowedOrigins":["*"],"ExposeHeaders":["ETag"],"MaxAgeSeconds":5}]}"#;
        let read: Cors = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }
}
