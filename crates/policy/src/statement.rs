use crate::{
    Context, DocumentKind, Malformed, Principal,
    action::Actions,
    condition::Conditions,
    json::Json,
    principals::{Grant, Principals},
    resource::Resources,
};

/// One compiled statement.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) sid: Option<String>,
    pub(crate) effect: Effect,
    /// Absent in identity-based policies.
    principals: Option<Principals>,
    actions: Actions,
    /// Absent in trust policies, whose resource is their role.
    resources: Option<Resources>,
    conditions: Conditions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Allow,
    Deny,
}

/// What a statement is asked.
pub(crate) struct Question<'a> {
    pub(crate) principal: &'a Principal,
    /// In lower case.
    pub(crate) action: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) context: &'a Context,
}

impl Statement {
    /// Whether the statement is about the request, and how directly it names the caller.
    pub(crate) fn applies(&self, question: &Question<'_>) -> Option<Grant> {
        let is_deny = self.effect == Effect::Deny;
        if !self.actions.match_action(question.action) {
            return None;
        }
        let grant = match &self.principals {
            Some(principals) => principals.match_principal(question.principal)?,
            None => Grant::Direct,
        };
        let about = |resources: &Resources| {
            resources.match_resource(question.resource, question.context, is_deny)
        };
        let applies = self.resources.as_ref().is_none_or(about)
            && self.conditions.hold(question.context, is_deny);
        applies.then_some(grant)
    }

    pub(crate) fn is_conditional(&self) -> bool {
        !self.conditions.is_empty()
    }

    pub(crate) fn parse(
        json: &Json,
        kind: DocumentKind,
        variables: bool,
        place: &str,
    ) -> Result<Self, Malformed> {
        let fields = Fields::read(json, place)?;
        let effect = fields.effect()?;
        Ok(Self {
            sid: fields.sid(kind)?,
            effect,
            principals: fields.principals(kind, effect)?,
            actions: fields.actions(kind)?,
            resources: fields.resources(kind, variables)?,
            conditions: match fields.get("Condition") {
                Some(json) => Conditions::parse(json, variables, &fields.place_of("Condition"))?,
                None => Conditions::default(),
            },
        })
    }
}

const NAMES: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// The members of a statement, by name.
struct Fields<'a> {
    members: &'a [(String, Json)],
    place: &'a str,
}

impl<'a> Fields<'a> {
    fn read(json: &'a Json, place: &'a str) -> Result<Self, Malformed> {
        let members = json.members(place)?;
        match members.iter().find(|(name, _)| !NAMES.contains(&name.as_str())) {
            Some((name, _)) => {
                let reason = format!("Syntax errors in policy: unknown element {name:?}.");
                Err(Malformed::new(place, reason))
            }
            None => Ok(Self { members, place }),
        }
    }

    fn get(&self, name: &str) -> Option<&'a Json> {
        self.members.iter().find(|(present, _)| present == name).map(|(_, value)| value)
    }

    fn place_of(&self, name: &str) -> String {
        format!("{}.{name}", self.place)
    }

    fn refuse<T>(&self, reason: impl Into<String>) -> Result<T, Malformed> {
        Err(Malformed::new(self.place, reason))
    }

    /// An element or its `Not` form, of which at most one may be there.
    fn either(&self, name: &'static str) -> Result<Option<(&'a Json, bool, String)>, Malformed> {
        let negated = format!("Not{name}");
        match (self.get(name), self.get(&negated)) {
            (Some(json), None) => Ok(Some((json, false, self.place_of(name)))),
            (None, Some(json)) => Ok(Some((json, true, self.place_of(&negated)))),
            (None, None) => Ok(None),
            (Some(_), Some(_)) => {
                self.refuse(format!("Syntax errors in policy: both {name} and {negated}."))
            }
        }
    }

    fn effect(&self) -> Result<Effect, Malformed> {
        match self.get("Effect") {
            Some(Json::String(text)) if text == "Allow" => Ok(Effect::Allow),
            Some(Json::String(text)) if text == "Deny" => Ok(Effect::Deny),
            Some(_) => self.refuse("Syntax errors in policy: Effect must be Allow or Deny."),
            None => self.refuse("Missing required field Effect"),
        }
    }

    fn sid(&self, kind: DocumentKind) -> Result<Option<String>, Malformed> {
        let Some(json) = self.get("Sid") else { return Ok(None) };
        let place = self.place_of("Sid");
        let sid = json.text(&place)?;
        let is_plain = sid.bytes().all(|b| b.is_ascii_alphanumeric());
        if kind != DocumentKind::Resource && !is_plain {
            let reason = "Statement IDs (SID) must be alpha-numeric. Check that your input \
                          satisfies the regular expression [0-9A-Za-z]*";
            return Err(Malformed::new(&place, reason));
        }
        Ok(Some(sid.to_owned()).filter(|sid| !sid.is_empty()))
    }

    fn principals(
        &self,
        kind: DocumentKind,
        effect: Effect,
    ) -> Result<Option<Principals>, Malformed> {
        match (self.either("Principal")?, kind) {
            (None, DocumentKind::Identity) => Ok(None),
            (Some(_), DocumentKind::Identity) => {
                self.refuse("Policy document should not specify a principal.")
            }
            (None, _) => self.refuse("Missing required field Principal"),
            (Some((_, true, place)), _) if effect == Effect::Allow => {
                Err(Malformed::new(&place, "Allow with NotPrincipal is not allowed."))
            }
            (Some((json, negated, place)), _) => Principals::parse(json, negated, &place).map(Some),
        }
    }

    fn actions(&self, kind: DocumentKind) -> Result<Actions, Malformed> {
        let Some((json, negated, place)) = self.either("Action")? else {
            return self.refuse("Policy statement must contain actions.");
        };
        let texts = json.texts(&place)?;
        let is_sts =
            |text: &&str| text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("sts:"));
        if kind == DocumentKind::Trust && !texts.iter().all(is_sts) {
            let reason = "AssumeRole policy may only specify STS AssumeRole actions.";
            return Err(Malformed::new(&place, reason));
        }
        Actions::parse(&texts, negated, &place)
    }

    fn resources(
        &self,
        kind: DocumentKind,
        variables: bool,
    ) -> Result<Option<Resources>, Malformed> {
        match (self.either("Resource")?, kind) {
            (None, DocumentKind::Trust) => Ok(None),
            (Some(_), DocumentKind::Trust) => self.refuse("Has prohibited field Resource"),
            (None, _) => self.refuse("Policy statement must contain resources."),
            (Some((json, negated, place)), _) => {
                Resources::parse(&json.texts(&place)?, negated, variables, &place).map(Some)
            }
        }
    }
}
