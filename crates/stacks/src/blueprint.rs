//! From a request's template to what can be evaluated.

use crate::{
    Error,
    check::{self, Outside},
    keys::Place,
    model::Settings,
    providers::Providers,
};
use std::collections::{BTreeMap, BTreeSet};
use template::{
    Bound, Document, Pseudo, Template,
    summary::{self, Capability, Summary},
    transform,
};

/// A template with the values of its parameters.
pub(crate) struct Blueprint {
    pub(crate) summary: Summary,
    pub(crate) bound: Bound,
}

impl Blueprint {
    /// Reads a template for the stack at `place`.
    ///
    /// # Errors
    /// `ValidationError` with CloudFormation's text and the place.
    pub(crate) fn read(
        text: &str,
        parameters: &BTreeMap<String, String>,
        place: &Place,
    ) -> Result<Self, Error> {
        let (summary, processed) = process(text, parameters, place.region.as_str())?;
        let bound = Bound::new(Template::read(&processed)?, parameters, &pseudo(place))?;
        Ok(Self { summary, bound })
    }

    /// Reads the template of a stack as it was asked for.
    ///
    /// # Errors
    /// As [`Blueprint::read`].
    pub(crate) fn of(text: &str, settings: &Settings, place: &Place) -> Result<Self, Error> {
        let mut blueprint = Self::read(text, &settings.values(), place)?;
        blueprint.bound.resolve(settings.resolved.clone());
        Ok(blueprint)
    }

    /// Reads a template that a request gives.
    ///
    /// # Errors
    /// `ValidationError`; if the transform refuses something, with what else is not supported.
    pub(crate) fn read_or_refuse(
        text: &str,
        parameters: &BTreeMap<String, String>,
        place: &Place,
        providers: &Providers,
    ) -> Result<Self, Error> {
        Self::read(text, parameters, place).map_err(|error| {
            check::refused(text, parameters, place.region.as_str(), providers).unwrap_or(error)
        })
    }

    /// Notes in `settings` what the template says: description, parameters with their defaults, and
    /// imports, after everything has been checked. The answer are the names of the dynamic references
    /// that are not looked up.
    ///
    /// # Errors
    /// `ValidationError` with everything that is not supported.
    pub(crate) fn check(
        &self,
        settings: &mut Settings,
        providers: &Providers,
    ) -> Result<BTreeSet<String>, Error> {
        let Outside { imports, references } = check::check(&self.bound, providers)?;
        settings.imports = imports;
        let template = self.bound.template();
        settings.description.clone_from(&template.description);
        for (name, parameter) in &template.parameters {
            if let Some(default) = &parameter.default {
                settings.parameters.entry(name.clone()).or_insert_with(|| default.clone());
            }
            if parameter.no_echo {
                settings.no_echo.insert(name.clone());
            }
        }
        Ok(references)
    }

    /// Checks that the caller has acknowledged what the template makes. Whoever looks at a change
    /// set first need not acknowledge the transform. `includes` is true if the template was put
    /// together with `AWS::Include`.
    ///
    /// # Errors
    /// `InsufficientCapabilitiesException`.
    pub(crate) fn acknowledge(
        &self,
        given: &[String],
        is_change_set: bool,
        includes: bool,
    ) -> Result<(), Error> {
        let has = |capability: Capability| given.iter().any(|name| name == capability.name());
        let mut needed = self.summary.capabilities.clone();
        if includes && !needed.contains(&Capability::AutoExpand) {
            needed.push(Capability::AutoExpand);
        }
        let missing: Vec<&str> = needed
            .iter()
            .filter(|capability| match capability {
                Capability::Iam => !has(Capability::Iam) && !has(Capability::NamedIam),
                Capability::NamedIam => !has(Capability::NamedIam),
                Capability::AutoExpand => !is_change_set && !has(Capability::AutoExpand),
            })
            .map(|capability| capability.name())
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(Error::InsufficientCapabilities(missing.join(", ")))
    }
}

/// The summary of a template, and the template with its transforms applied.
pub(crate) fn process(
    text: &str,
    parameters: &BTreeMap<String, String>,
    region: &str,
) -> Result<(Summary, Document), Error> {
    let document = Document::parse(text)?;
    let summary = summary::summarize(&document)?;
    let inputs = transform::Inputs { parameters, region, includes: None };
    Ok((summary, transform::apply(document, &inputs)?))
}

fn pseudo(place: &Place) -> Pseudo {
    Pseudo {
        account_id: place.account.to_string(),
        region: place.region.to_string(),
        partition: "aws".to_owned(),
        url_suffix: "amazonaws.com".to_owned(),
        stack_name: place.name.clone(),
        stack_id: place.arn().to_string(),
        notification_arns: Vec::new(),
    }
}
