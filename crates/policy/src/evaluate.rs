use crate::{
    Context, Decision, Denial, DenialKind, Document, Principal, document::Outcome,
    principals::Grant, statement::Question,
};
use std::sync::Arc;
use types::AccountId;

/// One action on one resource by one caller.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: &'a Principal,
    /// `sqs:SendMessage`.
    pub action: &'a str,
    /// The ARN of the resource, or `*` for actions that are about none.
    pub resource: &'a str,
    /// The account that owns the resource; the ARNs of buckets do not say.
    pub resource_account: &'a AccountId,
    /// The condition values.
    pub context: &'a Context,
}

/// All policies that bear on a request.
#[derive(Clone, Copy, Debug)]
pub struct Policies<'a> {
    /// Of the user (with its groups) or the role.
    pub identity: &'a [Arc<Document>],
    /// The permissions boundary, if the user or role has one.
    pub boundary: Option<&'a Document>,
    /// The policies given with the session, if any: together they bound it.
    pub session: Option<&'a [Arc<Document>]>,
    /// Of the resource.
    pub resource: ResourcePolicy<'a>,
}

/// The policy of the resource.
#[derive(Clone, Copy, Debug)]
pub enum ResourcePolicy<'a> {
    /// It has none.
    Absent,
    /// It has one, which may allow by itself within its account.
    Attached(&'a Document),
    /// The resource is a role: its trust policy must allow, whatever other policies say.
    Trust(&'a Document),
}

impl Policies<'_> {
    /// Whether the decision may depend on condition values: where it cannot, none need be gathered.
    #[must_use]
    pub fn read_values(&self) -> bool {
        let resource = match self.resource {
            ResourcePolicy::Absent => None,
            ResourcePolicy::Attached(document) | ResourcePolicy::Trust(document) => Some(document),
        };
        let shared = self.identity.iter().chain(self.session.unwrap_or_default());
        shared.map(Arc::as_ref).chain(self.boundary).chain(resource).any(Document::reads_values)
    }
}

/// Decides a request by the documented order; see the crate's front page.
#[must_use]
pub fn evaluate(request: &Request<'_>, policies: &Policies<'_>) -> Decision {
    let action = request.action.to_ascii_lowercase();
    let question = Question {
        principal: request.principal,
        action: &action,
        resource: request.resource,
        context: request.context,
    };
    let sides = Sides::ask(&question, policies);
    if let Some(kind) = sides.explicit_deny() {
        return Decision::Deny(Denial { kind, explicit: true });
    }
    let missing = match request.principal.account() {
        None => sides.resource.allowed.is_none().then_some(sides.resource_kind),
        Some(account) => {
            let same = account == request.resource_account.as_str();
            sides.missing_allow(same, matches!(request.principal, Principal::Root { .. }))
        }
    };
    match missing {
        Some(kind) => Decision::Deny(Denial { kind, explicit: false }),
        None => Decision::Allow,
    }
}

/// What each kind of policy says; a boundary or session that does not exist says nothing.
struct Sides {
    identity: Outcome,
    boundary: Option<Outcome>,
    session: Option<Outcome>,
    resource: Outcome,
    resource_kind: DenialKind,
}

impl Sides {
    fn ask(question: &Question<'_>, policies: &Policies<'_>) -> Self {
        let (resource, resource_kind) = match policies.resource {
            ResourcePolicy::Absent => (Outcome::default(), DenialKind::Resource),
            ResourcePolicy::Attached(document) => {
                (document.outcome(question), DenialKind::Resource)
            }
            ResourcePolicy::Trust(document) => (document.outcome(question), DenialKind::Trust),
        };
        Self {
            identity: union(policies.identity, question),
            boundary: policies.boundary.map(|document| document.outcome(question)),
            session: policies.session.map(|documents| union(documents, question)),
            resource,
            resource_kind,
        }
    }

    fn explicit_deny(&self) -> Option<DenialKind> {
        let denies = |outcome: Option<Outcome>| outcome.is_some_and(|outcome| outcome.denied);
        let sides = [
            (self.resource_kind, self.resource.denied),
            (DenialKind::Identity, self.identity.denied),
            (DenialKind::Boundary, denies(self.boundary)),
            (DenialKind::Session, denies(self.session)),
        ];
        sides.into_iter().find_map(|(kind, denied)| denied.then_some(kind))
    }

    /// The kind of policy whose allow is missing, for a caller that belongs to an account.
    fn missing_allow(&self, same_account: bool, is_root: bool) -> Option<DenialKind> {
        let granted = self.resource.allowed;
        if self.resource_kind == DenialKind::Trust && granted.is_none() {
            return Some(DenialKind::Trust);
        }
        if same_account && granted == Some(Grant::Direct) {
            return None;
        }
        // A role that is named needs no identity-based policy, but its bounds still hold.
        let named_role = same_account && granted == Some(Grant::Role);
        if !is_root && !named_role && self.identity.allowed.is_none() {
            return Some(DenialKind::Identity);
        }
        let forbids =
            |outcome: Option<Outcome>| outcome.is_some_and(|outcome| outcome.allowed.is_none());
        if forbids(self.boundary) {
            return Some(DenialKind::Boundary);
        }
        if forbids(self.session) {
            return Some(DenialKind::Session);
        }
        (!same_account && granted.is_none()).then_some(self.resource_kind)
    }
}

fn union(documents: &[Arc<Document>], question: &Question<'_>) -> Outcome {
    documents.iter().fold(Outcome::default(), |all, document| {
        let one = document.outcome(question);
        Outcome { denied: all.denied || one.denied, allowed: all.allowed.max(one.allowed) }
    })
}
