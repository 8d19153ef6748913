//! What an instance gets to act as its role.

use crate::{PRINCIPAL, identities, model};
use futures_util::future::BoxFuture;
use runtime::{Credentials, InstanceSpec};
use service::{Fault, Platform, TemporaryCredentials, Transact, transact};
use std::{sync::Arc, time::Duration};
use types::{Arn, Secret};

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
            let issue = Issue { credentials: self, function: &spec.function_name };
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
    function: &'a str,
}

impl Transact for Issue<'_> {
    type Output = TemporaryCredentials;

    async fn run(&self, tx: &mut kv::Transaction) -> Result<TemporaryCredentials, Fault> {
        let RoleCredentials { platform, lifetime } = self.credentials;
        let function = model::find(platform, tx, self.function).await?;
        let gone = || Fault::sender("ResourceNotFoundException", "the function is gone");
        let role: Arn = function.ok_or_else(gone)?.settings.role;
        let now = platform.clock.now();
        identities(platform)?.credentials(tx, &role, self.function, PRINCIPAL, now, *lifetime).await
    }
}
