use policy::{
    Context, Decision, Denial, DenialKind, Document, DocumentKind, Policies, Principal, Request,
    ResourcePolicy, evaluate,
};
use std::sync::Arc;

pub(crate) const QUEUE: &str = "arn:aws:sqs:us-east-1:111111111111:orders";
pub(crate) const ROLE: &str = "arn:aws:iam::111111111111:role/worker";
pub(crate) const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/worker/one";
pub(crate) const USER: &str = "arn:aws:iam::111111111111:user/team/jane";

pub(crate) fn user() -> Principal {
    Principal::User { arn: USER.parse().unwrap(), id: "AIDAJANE".into() }
}

pub(crate) fn session() -> Principal {
    Principal::Session {
        arn: SESSION.parse().unwrap(),
        role: ROLE.parse().unwrap(),
        id: "AROAWORKER:one".into(),
    }
}

pub(crate) fn root() -> Principal {
    Principal::Root { account: "111111111111".parse().unwrap() }
}

pub(crate) fn service(name: &str) -> Principal {
    Principal::Service { name: name.into() }
}

pub(crate) fn identity(effect: &str, action: &str) -> Arc<Document> {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement":
            {{"Effect": "{effect}", "Action": "{action}", "Resource": "*"}}}}"#
    );
    Arc::new(Document::parse(&text, DocumentKind::Identity).unwrap())
}

/// A resource policy of one statement whose principal is JSON.
pub(crate) fn resource(effect: &str, principal: &str) -> Document {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "{effect}",
            "Principal": {principal}, "Action": "sqs:SendMessage", "Resource": "*"}}}}"#
    );
    Document::parse(&text, DocumentKind::Resource).unwrap()
}

pub(crate) fn trust(effect: &str, principal: &str) -> Document {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "{effect}",
            "Principal": {principal}, "Action": "sts:AssumeRole"}}}}"#
    );
    Document::parse(&text, DocumentKind::Trust).unwrap()
}

/// The policies of one case; absent unless set.
#[derive(Default)]
pub(crate) struct Case {
    pub(crate) identity: Vec<Arc<Document>>,
    pub(crate) boundary: Option<Arc<Document>>,
    pub(crate) session: Option<Arc<Document>>,
    pub(crate) resource: Option<Document>,
}

impl Case {
    pub(crate) fn decide(&self, principal: &Principal, account: &str) -> Decision {
        self.decide_in(principal, account, &Context::of(principal))
    }

    pub(crate) fn decide_in(
        &self,
        principal: &Principal,
        account: &str,
        context: &Context,
    ) -> Decision {
        let (action, target, resource) = match &self.resource {
            None => ("sqs:SendMessage", QUEUE, ResourcePolicy::Absent),
            Some(document) if document.kind() == DocumentKind::Trust => {
                ("sts:AssumeRole", ROLE, ResourcePolicy::Trust(document))
            }
            Some(document) => ("sqs:SendMessage", QUEUE, ResourcePolicy::Attached(document)),
        };
        let account = account.parse().unwrap();
        let request =
            Request { principal, action, resource: target, resource_account: &account, context };
        let policies = Policies {
            identity: &self.identity,
            boundary: self.boundary.as_deref(),
            session: self.session.as_ref().map(std::slice::from_ref),
            resource,
        };
        evaluate(&request, &policies)
    }
}

pub(crate) fn implicit(kind: DenialKind) -> Decision {
    Decision::Deny(Denial { kind, explicit: false })
}

pub(crate) fn explicit(kind: DenialKind) -> Decision {
    Decision::Deny(Denial { kind, explicit: true })
}
