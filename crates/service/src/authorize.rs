use crate::{Caller, Fault, Permission};
use policy::{Context, Decision, Principal, ResourcePolicy};
use types::{AccountId, Region, Timestamp};

/// Decides whether `caller` has `permission` at the time `now`.
///
/// # Errors
/// `AccessDeniedException` with the official text: principal, action, resource and the kind of
/// policy that decided. Who did not sign gets `MissingAuthenticationToken`.
pub fn authorize(
    caller: &Caller,
    permission: &Permission,
    region: &Region,
    now: Timestamp,
) -> Result<(), Fault> {
    let policies = policies(caller, permission);
    let owner = owner(caller, permission);
    let context = match policies.read_values() {
        true => condition_values(caller, permission, &owner, (region, now)),
        false => Context::new(),
    };
    let request = policy::Request {
        principal: &caller.principal,
        action: permission.action,
        resource: &permission.resource,
        resource_account: &owner,
        context: &context,
    };
    match policy::evaluate(&request, &policies) {
        Decision::Allow => Ok(()),
        Decision::Deny(_) if caller.principal == Principal::Anonymous => Err(Fault::sender(
            "MissingAuthenticationToken",
            "The request is not signed, and no policy allows it to everyone.",
        )
        .status(403)),
        Decision::Deny(denial) => {
            let name = caller.principal.display_name();
            let message = denial.message(&name, permission.action, &permission.resource);
            Err(Fault::sender("AccessDeniedException", message).status(403))
        }
    }
}

/// The account in the resource's ARN, or the caller's where the ARN names none.
fn owner(caller: &Caller, permission: &Permission) -> AccountId {
    let arn = permission.resource.parse::<types::Arn>().ok();
    let account = arn.and_then(|arn| arn.account().parse().ok());
    account.unwrap_or_else(|| caller.account.clone())
}

fn policies<'a>(caller: &'a Caller, permission: &'a Permission) -> policy::Policies<'a> {
    policy::Policies {
        identity: &caller.policies.identity,
        boundary: caller.policies.boundary.as_deref(),
        session: caller.policies.session.as_deref(),
        resource: match &permission.resource_policy {
            None => ResourcePolicy::Absent,
            Some(document) if permission.is_trust => ResourcePolicy::Trust(document),
            Some(document) => ResourcePolicy::Attached(document),
        },
    }
}

/// The global condition keys that are known here, then those of the call and of the action.
fn condition_values(
    caller: &Caller,
    permission: &Permission,
    owner: &AccountId,
    (region, now): (&Region, Timestamp),
) -> Context {
    let mut context = Context::of(&caller.principal);
    context.set("aws:ResourceAccount", owner.as_str());
    context.set_time(now);
    context.set("aws:RequestedRegion", region.as_str());
    // What does not leave the machine cannot be read or changed on its way.
    let stays_here = caller.source_ip.is_none_or(|ip| ip.to_canonical().is_loopback());
    context.set("aws:SecureTransport", stays_here.to_string());
    match caller.source_ip {
        Some(ip) => context.set("aws:SourceIp", ip.to_string()),
        None => context.set("aws:ViaAWSService", "true"),
    }
    for (key, value) in caller.conditions.iter().chain(&permission.conditions) {
        context.set(*key, value);
    }
    for (key, values) in &permission.multivalued {
        context.set_all(*key, values.iter().cloned());
    }
    context
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Policies;
    use policy::{Document, DocumentKind};
    use std::sync::Arc;

    fn user(policy: &str) -> Caller {
        let document = Document::parse(policy, DocumentKind::Identity).unwrap();
        let policies = Policies { identity: vec![Arc::new(document)], ..Policies::default() };
        let principal = Principal::User {
            arn: "arn:aws:iam::000000000000:user/ada".parse().unwrap(),
            id: "AIDA".to_owned(),
        };
        Caller::new(principal, "000000000000".parse().unwrap(), Arc::new(policies))
    }

    fn decide(caller: &Caller, action: &'static str) -> Result<(), Fault> {
        let permission = Permission::new(action, "arn:aws:sqs:eu-1:000000000000:jobs");
        authorize(caller, &permission, &"eu-1".parse().unwrap(), Timestamp::from_secs(1))
    }

    #[test]
    fn a_denial_names_principal_action_resource_and_kind_of_policy() {
        let caller = user(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:Send*","Resource":"*"}]}"#,
        );
        assert!(decide(&caller, "sqs:SendMessage").is_ok());
        let fault = decide(&caller, "sqs:DeleteQueue").unwrap_err();
        assert_eq!(fault.code(), "AccessDeniedException");
        assert_eq!(
            fault.message(),
            "User: arn:aws:iam::000000000000:user/ada is not authorized to perform: \
             sqs:DeleteQueue on resource: arn:aws:sqs:eu-1:000000000000:jobs because no \
             identity-based policy allows the sqs:DeleteQueue action"
        );
    }

    #[test]
    fn who_did_not_sign_is_asked_to() {
        let caller = Caller::anonymous("000000000000".parse().unwrap(), None);
        let fault = decide(&caller, "sqs:SendMessage").unwrap_err();
        assert_eq!(fault.code(), "MissingAuthenticationToken");
    }

    #[test]
    fn transport_is_secure_that_stays_on_the_machine_or_came_over_tls() {
        let mut caller = user(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*",
                "Condition":{"Bool":{"aws:SecureTransport":"true"}}}]}"#,
        );
        assert!(decide(&caller, "sqs:SendMessage").is_ok());
        for (peer, is_secure) in
            [("127.0.0.1", true), ("::1", true), ("::ffff:127.0.0.1", true), ("192.0.2.1", false)]
        {
            caller.source_ip = Some(peer.parse().unwrap());
            assert_eq!(decide(&caller, "sqs:SendMessage").is_ok(), is_secure, "{peer}");
        }
        caller.came_over_tls();
        assert!(decide(&caller, "sqs:SendMessage").is_ok());
    }
}
