//! What a request wants a stack to become.

use super::{
    ParameterInput, Source, TagInput, records,
    stored::{resolved_values, stored_values},
};
use crate::{
    Error, Stacks,
    blueprint::Blueprint,
    config, diff,
    engine::template_text,
    keys::Place,
    model::{Export, Settings, Stack},
    scope::Existing,
    sealed::Sealed,
};
use service::{Caller, Fault};
use std::collections::BTreeMap;
use types::{Arn, Tags};

/// The wishes of a request.
pub(crate) struct Wishes<'a> {
    /// The template; `None` for the one before.
    pub(crate) source: Option<&'a Source>,
    /// Who asks; stored parameters are read as them.
    pub(crate) caller: &'a Caller,
    pub(crate) use_previous_template: bool,
    pub(crate) parameters: &'a [ParameterInput],
    /// The tags; `None` for those before.
    pub(crate) tags: Option<&'a [TagInput]>,
    pub(crate) capabilities: &'a [String],
    /// The role; `None` for the one before.
    pub(crate) role: Option<Arn>,
    pub(crate) is_change_set: bool,
}

/// A checked request: it can be deployed.
pub(crate) struct Proposal {
    pub(crate) source: Source,
    pub(crate) blueprint: Blueprint,
    pub(crate) settings: Settings,
    /// The values of what it imports.
    pub(crate) exports: BTreeMap<String, String>,
}

impl Proposal {
    /// Checks everything that can be checked before anything is created.
    pub(crate) async fn check(
        stacks: &Stacks,
        tx: &mut Sealed<'_>,
        place: &Place,
        before: Option<&Stack>,
        wishes: Wishes<'_>,
    ) -> Result<Self, Fault> {
        let before_settings = before.map(|stack| &stack.settings);
        let source = match (wishes.source, before_settings) {
            (Some(source), _) if !wishes.use_previous_template => source.clone(),
            (None, Some(before)) if wishes.use_previous_template => {
                let gone = || Fault::internal("the template of a stack is gone");
                let text = template_text(tx, place, before.template).await?.ok_or_else(gone)?;
                let original = tx.get_text(&place.original(before.template)).await?;
                Source { text, original }
            }
            _ => {
                let text = "Either Template URL or Template Body must be specified.";
                return Err(Error::validation(text).into());
            }
        };
        let previous = before_settings.map(|before| &before.parameters);
        let parameters = parameters(wishes.parameters, previous)?;
        let stored = stored_values(stacks, wishes.caller, &source.text, &parameters).await?;
        let asked = Settings { parameters, stored, ..Settings::default() };
        let mut blueprint =
            Blueprint::read_or_refuse(&source.text, &asked.values(), place, &stacks.providers)?;
        let includes = source.original.is_some();
        blueprint.acknowledge(wishes.capabilities, wishes.is_change_set, includes)?;
        let kept = before_settings.map(|before| before.tags.clone()).unwrap_or_default();
        let mut settings = Settings {
            tags: wishes.tags.map(tags).transpose()?.unwrap_or(kept),
            capabilities: wishes.capabilities.to_vec(),
            role: wishes.role.or_else(|| before_settings?.role.clone()),
            ..asked
        };
        let references = blueprint.check(&mut settings, &stacks.providers)?;
        settings.resolved = resolved_values(stacks, wishes.caller, references).await?;
        blueprint.bound.resolve(settings.resolved.clone());
        let mut exports = BTreeMap::new();
        for name in &settings.imports {
            let export: Option<Export> = tx.get_record(&place.export(name)).await?;
            let missing = || Error::validation(format!("No export named {name} found."));
            exports.insert(name.clone(), export.ok_or_else(missing)?.value);
        }
        Ok(Self { source, blueprint, settings, exports })
    }
}

/// The changes that a proposal makes to a stack's resources, and whether its outputs change.
pub(crate) async fn changes_of(
    stacks: &Stacks,
    tx: &mut Sealed<'_>,
    stack: &Stack,
    proposal: &Proposal,
) -> Result<(Vec<diff::ResourceChange>, bool), Fault> {
    let records = records(tx, &stack.place).await?;
    let (bound, exports) = (&proposal.blueprint.bound, proposal.exports.clone());
    let tags = &proposal.settings.tags;
    let changes = diff::changes(bound, &stacks.providers, &records, exports.clone(), tags)?;
    if !changes.is_empty() {
        return Ok((changes, true));
    }
    let mut scope = Existing::new(exports);
    for (id, record) in &records {
        if let Some(live) = &record.live {
            scope.insert(id, live);
        }
    }
    let mut outputs = Vec::new();
    for (name, output) in bound.outputs() {
        let value = bound.evaluate(&output.value, &scope).map_err(Error::from)?.value;
        let export = output.export.as_ref().map(|node| bound.evaluate(node, &scope));
        let export = export.transpose().map_err(Error::from)?.map(|export| text(&export.value));
        outputs.push((name.to_owned(), text(&value), export));
    }
    let before: Vec<_> = stack
        .outputs
        .iter()
        .map(|output| (output.key.clone(), output.value.clone(), output.export.clone()))
        .collect();
    Ok((changes, outputs != before))
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The values of parameters by name.
pub(crate) fn parameters(
    given: &[ParameterInput],
    previous: Option<&BTreeMap<String, String>>,
) -> Result<BTreeMap<String, String>, Error> {
    let mut values = BTreeMap::new();
    for one in given {
        let missing = || Error::validation("Parameter keys must not be empty.");
        let key = one.parameter_key.clone().ok_or_else(missing)?;
        let value = match (&one.parameter_value, one.use_previous_value) {
            (Some(_), Some(true)) => {
                return Err(Error::validation(format!(
                    "Invalid input for parameter key {key}. Cannot specify usePreviousValue as \
                     true and non empty value for a parameter"
                )));
            }
            (Some(value), _) => value.clone(),
            (None, Some(true)) => {
                let value = previous.and_then(|previous| previous.get(&key)).cloned();
                value.ok_or_else(|| {
                    Error::validation(format!(
                        "Invalid input for parameter key {key}. Cannot specify usePreviousValue as \
                         true for a parameter key not in the previous template"
                    ))
                })?
            }
            (None, _) => {
                let text = format!("Parameter '{key}' must have a value.");
                return Err(Error::validation(text));
            }
        };
        if values.insert(key.clone(), value).is_some() {
            return Err(Error::validation(format!("Duplicate parameter key {key}")));
        }
    }
    Ok(values)
}

fn tags(given: &[TagInput]) -> Result<Tags, Error> {
    if given.len() > config::TAGS {
        let text = format!("A stack can have at most {} tags.", config::TAGS);
        return Err(Error::LimitExceeded(text));
    }
    let mut tags = Tags::new();
    for TagInput { key, value } in given {
        let key_chars = key.chars().count();
        let fits = (1..=config::TAG_KEY_CHARS).contains(&key_chars)
            && value.chars().count() <= config::TAG_VALUE_CHARS;
        if !fits || key.starts_with("aws:") {
            return Err(Error::validation(format!("The tag {key:?} is invalid.")));
        }
        if tags.insert(key.clone(), value.clone()).is_some() {
            return Err(Error::validation(format!("Duplicate tag keys found: {key}")));
        }
    }
    Ok(tags)
}
