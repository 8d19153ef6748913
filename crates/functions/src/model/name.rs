//! How a request names a function.

use crate::{Error, config};
use service::Platform;
use types::Arn;

/// The version that can be changed.
pub(crate) const LATEST: &str = "$LATEST";

/// What a name is qualified with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Qualifier<'a> {
    /// Nothing, or `$LATEST`.
    Latest,
    /// The number of a version.
    Version(u32),
    /// The name of an alias.
    Alias(&'a str),
}

/// A function that a request names: by name, partial ARN or ARN, with a qualifier or without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FunctionName {
    name: String,
    /// The qualifier as given.
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
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if let Some(text) = qualifier.as_deref().filter(|text| *text != LATEST)
            && (text.is_empty()
                || text.len() > config::QUALIFIER_CHARS
                || !text.chars().all(allowed))
        {
            return Err(Error::Validation(format!(
                "Value '{text}' at 'qualifier' failed to satisfy constraint: Member must satisfy \
                 regular expression pattern: \\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"
            )));
        }
        Ok(Self { name: name.to_owned(), qualifier, arn: arn(platform, name) })
    }

    /// Reads the name of an operation that takes none of a version.
    pub(crate) fn unqualified(platform: &Platform, text: &str) -> Result<Self, Error> {
        let name = Self::parse(platform, text, None)?;
        match name.qualifier() {
            Qualifier::Latest => Ok(name),
            _ => Err(Error::FunctionNotFound(name.qualified_arn())),
        }
    }

    /// Reads the ARN of a function whose tags are meant.
    pub(crate) fn tagged(platform: &Platform, arn: &Arn) -> Result<Self, Error> {
        let name = Self::of_arn(platform, arn)?;
        if name.is_qualified() {
            return Err(Error::InvalidParameterValue(
                "Tags on function aliases and versions are not supported. Please specify a \
                 function ARN."
                    .to_owned(),
            ));
        }
        Ok(name)
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
            if arn.service() == "lambda" && arn.region() != own.0 {
                return Err(Error::NotFound(format!(
                    "Functions from '{}' are not reachable in this region ('{}')",
                    arn.region(),
                    own.0
                )));
            }
            if arn.service() != "lambda" || arn.account() != own.1 {
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
        if name.len() > config::NAME_CHARS && name.chars().all(allowed) {
            return Err(Error::InvalidParameterValue(format!(
                "1 validation error detected: Value '{name}' at 'functionName' failed to satisfy \
                 constraint: Member must have length less than or equal to {}",
                config::NAME_CHARS
            )));
        }
        if name.is_empty() || !name.chars().all(allowed) {
            return Err(Error::Validation(format!(
                "Value '{text}' at 'functionName' failed to satisfy constraint: Member must \
                 satisfy regular expression pattern: \
                 (arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{{2}}((-gov)|(-iso([a-z]?)))?-[a-z]+\
                 -\\d{{1}}:)?(\\d{{12}}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?"
            )));
        }
        Ok((name, qualifier))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.name
    }

    /// What the name is qualified with.
    pub(crate) fn qualifier(&self) -> Qualifier<'_> {
        match self.qualifier.as_deref() {
            None | Some(LATEST) => Qualifier::Latest,
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                // No version has a number that does not fit, or another spelling.
                let number = text.parse::<u32>().ok().filter(|n| n.to_string() == text);
                Qualifier::Version(number.unwrap_or_default())
            }
            Some(text) => Qualifier::Alias(text),
        }
    }

    /// True if a qualifier was given, be it `$LATEST`.
    pub(crate) fn is_qualified(&self) -> bool {
        self.qualifier.is_some()
    }

    /// Under what the settings of a qualifier lie: `f`, or `f:live`.
    pub(crate) fn place(&self) -> String {
        match (self.qualifier(), &self.qualifier) {
            (Qualifier::Version(_) | Qualifier::Alias(_), Some(text)) => {
                format!("{}:{text}", self.name)
            }
            _ => self.name.clone(),
        }
    }

    /// The ARN of what is meant: without a qualifier that says `$LATEST`.
    pub(crate) fn target(&self) -> Arn {
        match self.qualifier() {
            Qualifier::Latest => self.arn.clone(),
            _ => self.qualified_arn(),
        }
    }

    /// The ARN without the qualifier.
    pub(crate) fn arn(&self) -> &Arn {
        &self.arn
    }

    /// The ARN as it was called, with the qualifier if one was given.
    pub(crate) fn qualified_arn(&self) -> Arn {
        match &self.qualifier {
            None => self.arn.clone(),
            Some(qualifier) => qualified(&self.arn, qualifier),
        }
    }
}

/// The ARN of a version or an alias of a function.
pub(crate) fn qualified(function: &Arn, qualifier: &str) -> Arn {
    format!("{function}:{qualifier}").parse().unwrap_or_else(|_| function.clone())
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
    fn a_qualifier_is_a_version_an_alias_or_the_latest() {
        let (one, live) = (parse("f:1", None).unwrap(), parse("f", Some("live")).unwrap());
        assert_eq!((one.qualifier(), one.place()), (Qualifier::Version(1), "f:1".to_owned()));
        assert_eq!(
            (live.qualifier(), live.place()),
            (Qualifier::Alias("live"), "f:live".to_owned())
        );
        let latest = parse("f:$LATEST", None).unwrap();
        assert_eq!((latest.qualifier(), latest.place()), (Qualifier::Latest, "f".to_owned()));
        assert_eq!(parse("f:01", None).unwrap().qualifier(), Qualifier::Version(0));
        assert!(matches!(parse("f", Some("a!")), Err(Error::Validation(_))));
        let other = "arn:aws:lambda:eu-west-2:000000000000:function:f";
        let text = parse(other, None).unwrap_err().to_string();
        let expected = "Functions from 'eu-west-2' are not reachable in this region ('eu-west-1')";
        assert_eq!(text, expected);
        let text = parse(&"a".repeat(65), None).unwrap_err().to_string();
        assert!(text.ends_with("Member must have length less than or equal to 64"), "{text}");
        assert!(matches!(parse("f:1", Some("2")), Err(Error::InvalidParameterValue(_))));
        assert!(matches!(parse("f!", None), Err(Error::Validation(_))));
    }
}
