//! Users, roles, policies and keys as replies show them.

use crate::{
    keys::Use,
    managed::Managed,
    model::{self, AccessKey, Entity, KeyOwner, Owner, Policy, PolicyRef, Role, Tag, User},
};
use kv::Transaction;
use serde::Serialize;
use service::{Context, Seconds};
use types::{Secret, Timestamp};

/// `AttachedPermissionsBoundary`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BoundaryShape {
    permissions_boundary_type: &'static str,
    permissions_boundary_arn: String,
}

fn boundary(entity: &Entity) -> Option<BoundaryShape> {
    let arn = entity.boundary.clone()?;
    Some(BoundaryShape {
        permissions_boundary_type: "PermissionsBoundaryPolicy",
        permissions_boundary_arn: arn,
    })
}

fn tags(entity: &Entity) -> Option<Vec<Tag>> {
    (!entity.tags.is_empty()).then(|| model::to_list(&entity.tags))
}

/// `User`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UserShape {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<String>,
    user_id: String,
    arn: String,
    create_date: Seconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions_boundary: Option<BoundaryShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<Tag>>,
}

impl UserShape {
    /// As lists show it: without boundary and tags.
    pub(crate) fn listed(ctx: &Context, user: &User) -> Self {
        let entity = user.entity();
        Self {
            path: entity.path.clone(),
            user_name: Some(entity.name.clone()),
            user_id: entity.id.clone(),
            arn: user.arn(ctx.account()).to_string(),
            create_date: Seconds(entity.created),
            permissions_boundary: None,
            tags: None,
        }
    }

    pub(crate) fn whole(ctx: &Context, user: &User) -> Self {
        let entity = user.entity();
        let (permissions_boundary, tags) = (boundary(entity), tags(entity));
        Self { permissions_boundary, tags, ..Self::listed(ctx, user) }
    }

    /// The root user, who has no name.
    pub(crate) fn root(ctx: &Context, created: Timestamp) -> Self {
        Self {
            path: "/".to_owned(),
            user_name: None,
            user_id: ctx.account().to_string(),
            arn: format!("arn:aws:iam::{}:root", ctx.account()),
            create_date: Seconds(created),
            permissions_boundary: None,
            tags: None,
        }
    }
}

/// `Role`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RoleShape {
    path: String,
    role_name: String,
    role_id: String,
    arn: String,
    create_date: Seconds,
    assume_role_policy_document: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    max_session_duration: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions_boundary: Option<BoundaryShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<Tag>>,
}

impl RoleShape {
    /// As lists show it: without boundary and tags.
    pub(crate) fn listed(ctx: &Context, role: &Role) -> Self {
        let entity = role.entity();
        Self {
            path: entity.path.clone(),
            role_name: entity.name.clone(),
            role_id: entity.id.clone(),
            arn: role.arn(ctx.account()).to_string(),
            create_date: Seconds(entity.created),
            assume_role_policy_document: model::url_encode(&role.trust),
            description: role.description.clone(),
            max_session_duration: role.max_session_seconds,
            permissions_boundary: None,
            tags: None,
        }
    }

    pub(crate) fn whole(ctx: &Context, role: &Role) -> Self {
        let entity = role.entity();
        let (permissions_boundary, tags) = (boundary(entity), tags(entity));
        Self { permissions_boundary, tags, ..Self::listed(ctx, role) }
    }
}

/// `AttachedPolicy`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AttachedShape {
    policy_name: String,
    pub(crate) policy_arn: String,
}

impl AttachedShape {
    /// The policies attached to a user or role whose paths begin with `path_prefix`.
    pub(crate) fn of(entity: &Entity, path_prefix: Option<&str>) -> Vec<Self> {
        let shape = |arn: &String| {
            let path = arn.split_once(":policy").map_or("", |(_, path)| path);
            let inside = path.starts_with(path_prefix.unwrap_or("/"));
            let policy_name = path.rsplit('/').next().unwrap_or_default().to_owned();
            inside.then(|| Self { policy_name, policy_arn: arn.clone() })
        };
        entity.attached.iter().filter_map(shape).collect()
    }
}

/// `Policy`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PolicyShape {
    pub(crate) policy_name: String,
    policy_id: String,
    pub(crate) arn: String,
    pub(crate) path: String,
    default_version_id: String,
    pub(crate) attachment_count: usize,
    pub(crate) permissions_boundary_usage_count: usize,
    is_attachable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    create_date: Seconds,
    update_date: Seconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<Tag>>,
}

impl PolicyShape {
    pub(crate) async fn of(
        ctx: &Context,
        tx: &mut Transaction,
        policy: &PolicyRef,
    ) -> Result<Self, crate::Error> {
        match policy {
            PolicyRef::Aws(managed) => Ok(Self::aws(managed)),
            PolicyRef::Local(policy) => Self::local(ctx, tx, policy).await,
        }
    }

    pub(crate) async fn local(
        ctx: &Context,
        tx: &mut Transaction,
        policy: &Policy,
    ) -> Result<Self, crate::Error> {
        let attached = model::uses::count(ctx, tx, &policy.name, Use::Permissions).await?;
        let bounds = model::uses::count(ctx, tx, &policy.name, Use::Boundary).await?;
        Ok(Self {
            policy_name: policy.name.clone(),
            policy_id: policy.id.clone(),
            arn: policy.arn(ctx.account()).to_string(),
            path: policy.path.clone(),
            default_version_id: format!("v{}", policy.default),
            attachment_count: attached,
            permissions_boundary_usage_count: bounds,
            is_attachable: true,
            description: policy.description.clone(),
            create_date: Seconds(policy.created),
            update_date: Seconds(policy.updated),
            tags: (!policy.tags.is_empty()).then(|| model::to_list(&policy.tags)),
        })
    }

    /// Uses of AWS's policies are not counted, and their dates are not known.
    pub(crate) fn aws(managed: &Managed) -> Self {
        Self {
            policy_name: managed.name.clone(),
            policy_id: managed.id.clone(),
            arn: managed.arn.clone(),
            path: managed.path.clone(),
            default_version_id: managed.version.clone(),
            attachment_count: 0,
            permissions_boundary_usage_count: 0,
            is_attachable: true,
            description: None,
            create_date: Seconds(Timestamp::default()),
            update_date: Seconds(Timestamp::default()),
            tags: None,
        }
    }
}

/// `PolicyVersion`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VersionShape {
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<String>,
    pub(crate) version_id: String,
    is_default_version: bool,
    create_date: Seconds,
}

impl VersionShape {
    /// A version without its document, as lists and creations show it.
    pub(crate) fn listed(policy: &Policy, number: u32, created: Timestamp) -> Self {
        Self {
            document: None,
            version_id: format!("v{number}"),
            is_default_version: number == policy.default,
            create_date: Seconds(created),
        }
    }

    /// A version with its document.
    pub(crate) fn with_text(self, text: &str) -> Self {
        Self { document: Some(model::url_encode(text)), ..self }
    }

    /// The one version that is known of AWS's policies.
    pub(crate) fn aws(managed: &Managed) -> Self {
        Self {
            document: None,
            version_id: managed.version.clone(),
            is_default_version: true,
            create_date: Seconds(Timestamp::default()),
        }
    }
}

/// `AccessKeyMetadata`, and with a secret `AccessKey`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct KeyShape {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<String>,
    pub(crate) access_key_id: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_access_key: Option<String>,
    create_date: Seconds,
}

impl KeyShape {
    /// A key; the secret is shown only once, to who made it.
    pub(crate) fn of(key: &AccessKey, secret: Option<&Secret>) -> Self {
        let user_name = match &key.owner {
            KeyOwner::Root => None,
            KeyOwner::User(name) => Some(name.clone()),
        };
        Self {
            user_name,
            access_key_id: key.id.clone(),
            status: key.status(),
            secret_access_key: secret.map(|secret| secret.expose().to_owned()),
            create_date: Seconds(key.created),
        }
    }
}

/// `Credentials` of STS.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CredentialsShape {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: Seconds,
}

impl From<service::TemporaryCredentials> for CredentialsShape {
    fn from(credentials: service::TemporaryCredentials) -> Self {
        Self {
            access_key_id: credentials.access_key_id,
            secret_access_key: credentials.secret.expose().to_owned(),
            session_token: credentials.session_token.expose().to_owned(),
            expiration: Seconds(credentials.expires),
        }
    }
}
