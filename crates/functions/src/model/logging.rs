//! `LoggingConfig`: how and where a function's log is written.

use crate::Error;
use runtime::{LogFormat, LogLevel};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What is stored of it: the levels if the format is JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct JsonLog {
    application: String,
    system: String,
}

/// `LoggingConfig` in a request. It is set as a whole: what is absent has its default.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct LoggingInput {
    log_format: Option<String>,
    pub(super) log_group: Option<String>,
    application_log_level: Option<String>,
    system_log_level: Option<String>,
}

impl LoggingInput {
    /// The format that is asked for. Values were checked against the model.
    pub(super) fn format(&self) -> Result<Option<JsonLog>, Error> {
        if self.log_format.as_deref() == Some("JSON") {
            let level = |wanted: &Option<String>| wanted.clone().unwrap_or_else(|| "INFO".into());
            return Ok(Some(JsonLog {
                application: level(&self.application_log_level),
                system: level(&self.system_log_level),
            }));
        }
        if self.application_log_level.is_some() || self.system_log_level.is_some() {
            let text = "LogLevel is not supported when LogFormat is set to \"Text\". Remove LogLevel \
                        from your request or change the LogFormat to \"JSON\" and try again.";
            return Err(Error::InvalidParameterValue(text.to_owned()));
        }
        Ok(None)
    }
}

/// The format as instances know it.
pub(crate) fn log_format(stored: Option<&JsonLog>) -> LogFormat {
    let level = |name: &str| LogLevel::parse(name).unwrap_or(LogLevel::Info);
    stored.map_or(LogFormat::Text, |log| LogFormat::Json {
        application: level(&log.application),
        system: level(&log.system),
    })
}

/// `LoggingConfig` as it is told.
pub(super) fn described(stored: Option<&JsonLog>, group: &str) -> Value {
    match stored {
        None => json!({"LogFormat": "Text", "LogGroup": group}),
        Some(JsonLog { application, system }) => json!({
            "LogFormat": "JSON",
            "ApplicationLogLevel": application,
            "SystemLogLevel": system,
            "LogGroup": group,
        }),
    }
}
