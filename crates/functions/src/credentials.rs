//! What an instance gets to act as its role.

use crate::{PRINCIPAL, identities};
use futures_util::future::BoxFuture;
use runtime::{Credentials, InstanceSpec};
use service::{Fault, Platform, TemporaryCredentials, Transact, transact};
use std::{sync::Arc, time::Duration};
use types::Secret;

/// Temporary credentials of functions' roles. Instances end before they do.
pub(crate) struct RoleCredentials {
    pub(crate) platform: Arc<Platform>,
    pub(crate) lifetime: Duration,
}

impl Credentials for RoleCredentials {
    fn issue<'a>(
        &'a self,
        spec: &'a InstanceSpec,
    ) -> BoxFuture<'a, Result<Vec<(String, Secret)>, String>> {
        Box::pin(async move {
            let issue = Issue { credentials: self, spec };
            let issued = transact(&self.platform.store, &issue).await;
            let issued = issued.map_err(|fault| fault.to_string())?;
            let endpoint = Secret::new(self.platform.public_url.as_str());
            Ok(vec![
                ("AWS_ACCESS_KEY_ID".to_owned(), Secret::new(issued.access_key_id)),
                ("AWS_SECRET_ACCESS_KEY".to_owned(), issued.secret),
                ("AWS_SESSION_TOKEN".to_owned(), issued.session_token),
                ("AWS_ENDPOINT_URL".to_owned(), endpoint),
            ])
        })
    }
}

struct Issue<'a> {
    credentials: &'a RoleCredentials,
    spec: &'a InstanceSpec,
}

impl Transact for Issue<'_> {
    type Output = TemporaryCredentials;

    async fn run(&self, tx: &mut kv::Transaction) -> Result<TemporaryCredentials, Fault> {
        let RoleCredentials { platform, lifetime } = self.credentials;
        let InstanceSpec { role, function_name, .. } = self.spec;
        let (ports, now) = (identities(platform)?, platform.clock.now());
        ports.credentials(tx, role, function_name, PRINCIPAL, now, *lifetime).await
    }
}
