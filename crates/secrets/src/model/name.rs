//! The names of parameters, as people write them.

use crate::{Error, config};
use service::Context;
use types::Arn;

/// Which version of a parameter is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Selector {
    Version(u64),
    Label(String),
}

/// A parameter as a request names it: `name`, `name:3`, `name:label`, or an ARN in place of the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) name: String,
    /// True if the ARN does not tell whether the name begins with a slash.
    pub(crate) is_ambiguous: bool,
    pub(crate) selector: Option<Selector>,
}

impl Asked {
    /// The selector as it was written, with its colon.
    pub(crate) fn selector_text(&self) -> Option<String> {
        self.selector.as_ref().map(|selector| match selector {
            Selector::Version(number) => format!(":{number}"),
            Selector::Label(label) => format!(":{label}"),
        })
    }
}

/// The ARN of a parameter: a name with and one without its leading slash have the same.
pub(crate) fn arn(ctx: &Context, name: &str) -> Arn {
    let slash = if name.starts_with('/') { "" } else { "/" };
    ctx.arn("ssm", &format!("parameter{slash}{name}"))
}

/// The resource that policies speak of, also where a request gives an ARN or a selector.
pub(crate) fn arn_text(ctx: &Context, text: &str) -> String {
    if text.starts_with("arn:") {
        return without_selector(text).to_owned();
    }
    arn(ctx, text.split(':').next().unwrap_or_default()).to_string()
}

/// An ARN without what follows its resource.
fn without_selector(text: &str) -> &str {
    let selector = text.match_indices(':').nth(5).map(|(at, _)| at);
    selector.map_or(text, |at| &text[..at])
}

/// Reads what a request names.
///
/// # Errors
/// Not one of the forms, or an ARN of something else.
pub(crate) fn parse(ctx: &Context, text: &str) -> Result<Asked, Error> {
    let (name, rest, is_ambiguous) = match text.strip_prefix("arn:") {
        Some(_) => {
            let arn = without_selector(text);
            let own = arn.strip_prefix(self::arn(ctx, "/").as_str());
            let name = own.ok_or_else(|| Error::NotFound(text.to_owned()))?;
            let rest = text[arn.len()..].strip_prefix(':');
            match name.contains('/') {
                true => (format!("/{name}"), rest, false),
                false => (name.to_owned(), rest, true),
            }
        }
        None => match text.split_once(':') {
            Some((name, rest)) => (name.to_owned(), Some(rest), false),
            None => (text.to_owned(), None, false),
        },
    };
    let selector = rest.map(selector).transpose()?;
    Ok(Asked { name, is_ambiguous, selector })
}

fn selector(text: &str) -> Result<Selector, Error> {
    match text.parse() {
        Ok(number) => Ok(Selector::Version(number)),
        Err(_) if !text.is_empty() && !text.contains(':') => Ok(Selector::Label(text.to_owned())),
        Err(_) => Err(Error::validation(
            "Invalid parameter name. Please use correct syntax for referencing a version/label \
             <name>:<version/label>",
        )),
    }
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_.-".contains(c)
}

const BAD_PATH: &str = "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed \
                        as a path, it can consist of sub-paths divided by slash symbol; each \
                        sub-path can be formed as a mix of letters, numbers and the following 3 \
                        symbols .-_";

/// Checks the name of a new parameter.
///
/// # Errors
/// It is reserved, too long, too deep, or not formed as names are.
pub(crate) fn check_name(ctx: &Context, name: &str) -> Result<(), Error> {
    let lower = name.to_ascii_lowercase();
    let bare = lower.strip_prefix('/').unwrap_or(&lower);
    let slashes = name.matches('/').count();
    if bare.starts_with("aws") || bare.starts_with("ssm") {
        return Err(match (lower.starts_with("/aws"), slashes > 1) {
            (true, true) => Error::ReservedName(name.to_owned()),
            (false, true) => Error::validation(BAD_PATH),
            (_, false) => Error::validation(
                "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).",
            ),
        });
    }
    if slashes > 0 && !name.starts_with('/') {
        return Err(Error::validation("Parameter name must be a fully qualified name."));
    }
    let parts = name.strip_prefix('/').unwrap_or(name).split('/');
    if !parts.clone().all(|part| !part.is_empty() && part.chars().all(is_part)) {
        return Err(Error::validation(BAD_PATH));
    }
    if parts.count() > config::LEVELS {
        return Err(Error::HierarchyLevel);
    }
    if arn(ctx, name).as_str().len() > config::ARN_CHARS {
        let text = format!(
            "Parameter name must not be longer than {} characters, together with the \
                            rest of its ARN.",
            config::ARN_CHARS
        );
        return Err(Error::validation(text));
    }
    Ok(())
}

/// Checks the path of a hierarchy.
///
/// # Errors
/// It is not formed as paths are.
pub(crate) fn check_path(path: &str) -> Result<(), Error> {
    let inner = path.strip_prefix('/').map(|rest| rest.strip_suffix('/').unwrap_or(rest));
    let parts = |rest: &str| rest.split('/').all(|part| part.chars().all(is_part));
    if inner.is_some_and(|rest| rest.is_empty() || parts(rest)) {
        return Ok(());
    }
    Err(Error::validation(
        "The parameter doesn't meet the parameter name requirements. The parameter name must begin \
         with a forward slash \"/\". It can't be prefixed with \"aws\" or \"ssm\" \
         (case-insensitive). It must use only letters, numbers, or the following symbols: . \
         (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if \
         specified, must use the forward slash symbol \"/\". Valid example: \
         /get/parameters2-/by1./path0_.",
    ))
}

/// Whether a label can be one: letters, numbers and `.-_`, no digit first, not `aws` nor `ssm`.
pub(crate) fn check_label(label: &str) -> bool {
    let lower = label.to_ascii_lowercase();
    label.chars().all(is_part)
        && !label.starts_with(|c: char| c.is_ascii_digit())
        && !lower.starts_with("aws")
        && !lower.starts_with("ssm")
}
