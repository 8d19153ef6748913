use serde_json::Value;

/// How the log of a function is written ("Configuring advanced logging controls" in the Lambda
/// Developer Guide).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// Lines of text.
    #[default]
    Text,
    /// The platform's lines are JSON, and what is below these levels is left out.
    Json {
        /// Of what the function prints.
        application: LogLevel,
        /// Of what the platform adds.
        system: LogLevel,
    },
}

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Each step.
    Trace,
    /// What helps to find errors.
    Debug,
    /// What happens.
    Info,
    /// What may become an error.
    Warn,
    /// What failed.
    Error,
    /// What ended the function.
    Fatal,
}

impl LogLevel {
    /// The level of a name as Lambda writes it, in capitals.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "TRACE" => Self::Trace,
            "DEBUG" => Self::Debug,
            "INFO" => Self::Info,
            "WARN" => Self::Warn,
            "ERROR" => Self::Error,
            "FATAL" => Self::Fatal,
            _ => return None,
        })
    }

    /// The name as Lambda writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
            Self::Fatal => "FATAL",
        }
    }
}

impl LogFormat {
    /// The variables by which runtimes' clients know it.
    pub(crate) fn variables(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Text => vec![("AWS_LAMBDA_LOG_FORMAT", "Text")],
            Self::Json { application, .. } => vec![
                ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
                ("AWS_LAMBDA_LOG_LEVEL", application.name()),
            ],
        }
    }

    /// Whether a line that the function printed is left out: it is a JSON object with a time and
    /// with a level that is too low. Runtimes' clients leave lines out themselves; this is for
    /// libraries and for programs that bring their own.
    pub(crate) fn leaves_out(self, line: &str) -> bool {
        let Self::Json { application, .. } = self else { return false };
        if application == LogLevel::Trace || !line.starts_with('{') {
            return false;
        }
        let record: Value = serde_json::from_str(line).unwrap_or_default();
        let level = record["level"].as_str().map(str::to_ascii_uppercase);
        let level = level.as_deref().map(|name| match name {
            // As Python has them.
            "WARNING" => "WARN",
            "CRITICAL" => "FATAL",
            name => name,
        });
        let level = level.and_then(LogLevel::parse);
        record["timestamp"].is_string() && level.is_some_and(|level| level < application)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_json_record_with_time_and_a_lower_level_is_left_out() {
        let format = LogFormat::Json { application: LogLevel::Warn, system: LogLevel::Info };
        let record =
            |level: &str| format!(r#"{{"timestamp": "2026-01-01T00:00:00Z", "level": "{level}"}}"#);
        let out = ["TRACE", "debug", "INFO"].map(|level| format.leaves_out(&record(level)));
        assert_eq!(out, [true; 3]);
        let kept = ["WARN", "WARNING", "ERROR", "CRITICAL", "NOTICE"];
        assert_eq!(kept.map(|level| format.leaves_out(&record(level))), [false; 5]);
        for line in [r#"{"level": "INFO"}"#, r#"{"timestamp": "x", "level": 1}"#, "{", "INFO x"] {
            assert!(!format.leaves_out(line), "{line}");
        }
        assert!(!LogFormat::Text.leaves_out(&record("TRACE")));
    }
}
