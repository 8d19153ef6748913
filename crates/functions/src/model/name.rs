//! How a request names a function.

use crate::{Error, config};
use service::Platform;
use types::Arn;

/// The only version that exists.
pub(crate) const LATEST: &str = "$LATEST";

/// A function that a request names: by name, partial ARN or ARN, with a qualifier or without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FunctionName {
    name: String,
    /// The qualifier as given; `$LATEST` or none.
    qualifier: Option<String>,
    /// The ARN without the qualifier.
    arn: Arn,
}

impl FunctionName {
    /// Reads `name`, `name:qualifier`, `account:function:name` or an ARN, and the qualifier that
    /// came beside it.
    pub(crate) fn parse(
        platform: &Platform,
        text: &str,
        beside: Option<&str>,
    ) -> Result<Self, Error> {
        let (name, inside) = Self::parts(platform, text)?;
        let qualifier = match (inside, beside) {
            (Some(inside), Some(beside)) if inside != beside => {
                return Err(Error::InvalidParameterValue(
                    "The derived qualifier from the function name does not match the specified \
                     qualifier."
                        .to_owned(),
                ));
            }
            (inside, beside) => inside.or(beside).map(str::to_owned),
        };
        let arn = arn(platform, name);
        let parsed = Self { name: name.to_owned(), qualifier, arn };
        match parsed.qualifier.as_deref() {
            None | Some(LATEST) => Ok(parsed),
            // Versions and aliases do not exist.
            Some(_) => Err(Error::FunctionNotFound(parsed.qualified_arn())),
        }
    }

    /// Reads the name of an operation that takes none of a version.
    pub(crate) fn unqualified(platform: &Platform, text: &str) -> Result<Self, Error> {
        Self::parse(platform, text, None)
    }

    /// Reads an ARN.
    pub(crate) fn of_arn(platform: &Platform, arn: &Arn) -> Result<Self, Error> {
        Self::parse(platform, arn.as_str(), None)
    }

    fn parts<'a>(platform: &Platform, text: &'a str) -> Result<(&'a str, Option<&'a str>), Error> {
        let resource = if text.starts_with("arn:") {
            let invalid = |_| Error::InvalidParameterValue(format!("{text} is not a valid ARN"));
            let arn: Arn = text.parse().map_err(invalid)?;
            let own = (platform.region.as_str(), platform.account.as_str());
            if arn.service() != "lambda" || (arn.region(), arn.account()) != own {
                return Err(Error::FunctionNotFound(arn));
            }
            let at = text.len() - arn.resource().len();
            &text[at..]
        } else {
            text.strip_prefix(platform.account.as_str())
                .and_then(|rest| rest.strip_prefix(':'))
                .unwrap_or(text)
        };
        let rest = resource.strip_prefix("function:").unwrap_or(resource);
        let (name, qualifier) = match rest.split_once(':') {
            Some((name, qualifier)) => (name, Some(qualifier)),
            None => (rest, None),
        };
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > config::NAME_CHARS || !name.chars().all(allowed) {
            return Err(Error::Validation(format!(
                "Value '{text}' at 'functionName' failed to satisfy constraint: Member must \
                 satisfy regular expression pattern: \
                 (arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{{2}}(-gov)?-[a-z]+-\\d{{1}}:)?(\\d{{12}}:)?\
                 (function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?"
            )));
        }
        Ok((name, qualifier))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.name
    }

    /// The ARN without the qualifier.
    pub(crate) fn arn(&self) -> &Arn {
        &self.arn
    }

    /// The ARN as it was called, with the qualifier if one was given.
    pub(crate) fn qualified_arn(&self) -> Arn {
        match &self.qualifier {
            None => self.arn.clone(),
            Some(qualifier) => {
                let text = format!("{}:{qualifier}", self.arn);
                text.parse().unwrap_or_else(|_| self.arn.clone())
            }
        }
    }
}

fn arn(platform: &Platform, name: &str) -> Arn {
    Arn::new("lambda", &platform.region, &platform.account, &format!("function:{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clock::ManualClock;
    use service::PublicUrl;
    use std::sync::Arc;
    use types::Timestamp;

    fn parse(text: &str, beside: Option<&str>) -> Result<FunctionName, Error> {
        let clock = ManualClock::new(Timestamp::from_secs(1));
        let platform = Platform::new(
            kv::Store::new(kv_memory::MemoryEngine::new()),
            Arc::new(clock),
            PublicUrl::new("http://localhost"),
            "000000000000".parse().unwrap(),
            "eu-west-1".parse().unwrap(),
        );
        FunctionName::parse(&platform, text, beside)
    }

    #[test]
    fn every_form_of_a_name_means_the_same_function() {
        let arn = "arn:aws:lambda:eu-west-1:000000000000:function:f";
        for text in ["f", "function:f", "000000000000:function:f", arn] {
            let name = parse(text, None).unwrap();
            assert_eq!((name.as_str(), name.arn().as_str()), ("f", arn), "{text}");
        }
        assert_eq!(
            parse("f:$LATEST", None).unwrap().qualified_arn().as_str(),
            format!("{arn}:$LATEST")
        );
        assert_eq!(parse(arn, Some("$LATEST")).unwrap(), parse("f:$LATEST", None).unwrap());
    }

    #[test]
    fn versions_that_do_not_exist_are_not_found() {
        assert!(matches!(parse("f:1", None), Err(Error::FunctionNotFound(_))));
        assert!(matches!(parse("f", Some("live")), Err(Error::FunctionNotFound(_))));
        let other = "arn:aws:lambda:eu-west-2:000000000000:function:f";
        assert!(matches!(parse(other, None), Err(Error::FunctionNotFound(_))));
        assert!(matches!(parse("f:1", Some("2")), Err(Error::InvalidParameterValue(_))));
        assert!(matches!(parse("f!", None), Err(Error::Validation(_))));
    }
}
