use crate::{
    Error, Iam, config,
    identities::{NewSession, SessionOwner, session_arn},
    model,
    shapes::CredentialsShape,
};
use kv::Transaction;
use policy::Principal;
use serde::{Deserialize, Serialize};
use service::{Constraint, Context, Fault, Operation, Permission, Violation};
use std::time::Duration;

/// Makes temporary credentials of a role for who the role trusts.
pub(crate) struct AssumeRole;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_arn: String,
    role_session_name: String,
    policy: Option<String>,
    duration_seconds: Option<u64>,
    external_id: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    credentials: CredentialsShape,
    assumed_role_user: AssumedRoleUser,
    #[serde(skip_serializing_if = "Option::is_none")]
    packed_policy_size: Option<usize>,
}

impl Operation for AssumeRole {
    type Service = Iam;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "AssumeRole";

    async fn permissions(
        iam: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let name = ctx.caller.principal.display_name();
        if matches!(ctx.caller.principal, Principal::Root { .. }) {
            let text = "Roles may not be assumed by root accounts.";
            return Err(Error::AccessDenied(text.to_owned()).into());
        }
        // Who may not know does not learn whether the role is there.
        let denied = || {
            let (action, role) = ("sts:AssumeRole", &input.role_arn);
            Error::AccessDenied(format!(
                "User: {name} is not authorized to perform: {action} on resource: {role}"
            ))
        };
        let role = iam.role_at(tx, &input.role_arn).await?.ok_or_else(denied)?;
        let mut needed = Permission::new("sts:AssumeRole", &input.role_arn)
            .with_policy(role.trust.clone())
            .with_condition("sts:RoleSessionName", &input.role_session_name);
        needed.is_trust = true;
        if let Some(id) = &input.external_id {
            needed = needed.with_condition("sts:ExternalId", id);
        }
        Ok(vec![needed])
    }

    async fn run(
        iam: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let role = iam.role_at(tx, &input.role_arn).await?;
        let role = role.ok_or_else(|| Fault::internal("the role went while it was assumed"))?;
        let lifetime = input.lifetime(ctx, role.max_session_seconds)?;
        let policy = input.session_policy()?;
        let (account, session) = (ctx.account().clone(), &input.role_session_name);
        let assumed_role_user = AssumedRoleUser {
            assumed_role_id: format!("{}:{session}", role.id),
            arn: session_arn(&account, &role.name, session).to_string(),
        };
        let packed = |text: &String| (text.len() * 100).div_ceil(config::SESSION_POLICY_CHARS);
        let packed_policy_size = policy.as_ref().map(packed);
        let (name, id) = (role.name.clone(), role.id.clone());
        let owner = SessionOwner::Role { name, id, session: session.clone() };
        let session = NewSession { account, owner, policy, issued: ctx.now, lifetime };
        let credentials = iam.seal_session(ctx.ids(), session)?.into();
        Ok(Output { credentials, assumed_role_user, packed_policy_size })
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AssumedRoleUser {
    assumed_role_id: String,
    arn: String,
}

impl Input {
    /// How long the session lasts: as the role allows, and an hour for sessions of sessions.
    fn lifetime(&self, ctx: &Context, max_seconds: u32) -> Result<Duration, Error> {
        let is_chained = matches!(ctx.caller.principal, Principal::Session { .. });
        let wanted = self.duration_seconds.map_or(config::DEFAULT_SESSION, Duration::from_secs);
        let text = if is_chained && wanted > config::CHAINED_SESSION {
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by \
             role chaining"
        } else if wanted > Duration::from_secs(u64::from(max_seconds)) {
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        } else {
            return Ok(wanted);
        };
        Err(Error::ValidationError(text.to_owned()))
    }

    /// The policy that bounds the session.
    fn session_policy(&self) -> Result<Option<String>, Fault> {
        let Some(text) = &self.policy else { return Ok(None) };
        if text.chars().count() > config::SESSION_POLICY_CHARS {
            return Err(Violation::error(&[Violation {
                path: "policy".to_owned(),
                member: "Policy".to_owned(),
                value: Some(text.clone()),
                constraint: Constraint::MaxLength(config::SESSION_POLICY_CHARS as u64),
            }]));
        }
        model::identity_policy(text)?;
        Ok(Some(text.clone()))
    }
}
