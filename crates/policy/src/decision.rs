/// The answer to one request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    /// It is allowed.
    Allow,
    /// It is refused.
    Deny(Denial),
}

impl Decision {
    /// Whether the request is allowed.
    #[must_use]
    pub fn is_allowed(self) -> bool {
        self == Self::Allow
    }

    /// `Ok` if allowed, for use with `?`.
    ///
    /// # Errors
    /// The denial.
    pub fn into_result(self) -> Result<(), Denial> {
        match self {
            Self::Allow => Ok(()),
            Self::Deny(denial) => Err(denial),
        }
    }
}

/// Why a request is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Denial {
    /// The kind of policy that decided.
    pub kind: DenialKind,
    /// A statement says `Deny`; else no statement says `Allow`.
    pub explicit: bool,
}

/// The kinds of policies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DenialKind {
    /// Of the user or role.
    Identity,
    /// Its permissions boundary.
    Boundary,
    /// Given with the session.
    Session,
    /// Of the resource.
    Resource,
    /// The trust policy of the role.
    Trust,
}

impl Denial {
    /// The official text of `AccessDenied`.
    ///
    /// `principal` is [`crate::Principal::display_name`].
    #[must_use]
    pub fn message(&self, principal: &str, action: &str, resource: &str) -> String {
        let name = self.kind.name();
        let why = if self.explicit {
            let article = match self.kind {
                DenialKind::Identity => "an",
                DenialKind::Trust => "the",
                DenialKind::Boundary | DenialKind::Session | DenialKind::Resource => "a",
            };
            format!("with an explicit deny in {article} {name}")
        } else {
            format!("because no {name} allows the {action} action")
        };
        format!(
            "User: {principal} is not authorized to perform: {action} on resource: {resource} {why}"
        )
    }
}

impl DenialKind {
    fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity-based policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::Resource => "resource-based policy",
            Self::Trust => "role trust policy",
        }
    }
}
