use crate::Policies;
use policy::Principal;
use std::{net::IpAddr, sync::Arc};
use types::AccountId;

/// Who makes a request, and what decides what they may do.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who they are.
    pub principal: Principal,
    /// The account that they act in.
    pub account: AccountId,
    /// Identity policies, boundary and session policy.
    pub policies: Arc<Policies>,
    /// The key that signed, if one did.
    pub access_key_id: Option<String>,
    /// Where the request came from; `None` for calls between services.
    pub source_ip: Option<IpAddr>,
    /// Condition keys that describe the call, such as `aws:SourceArn`.
    pub conditions: Vec<(&'static str, String)>,
}

impl Caller {
    /// A principal with these policies.
    #[must_use]
    pub fn new(principal: Principal, account: AccountId, policies: Arc<Policies>) -> Self {
        Self {
            principal,
            account,
            policies,
            access_key_id: None,
            source_ip: None,
            conditions: Vec::new(),
        }
    }

    /// Somebody who signed nothing, and may do only what a resource's policy gives to everyone.
    #[must_use]
    pub fn anonymous(account: AccountId, source_ip: Option<IpAddr>) -> Self {
        let mut caller = Self::new(Principal::Anonymous, account, Arc::default());
        caller.source_ip = source_ip;
        caller
    }

    /// A service of the platform that acts by itself for a resource (`aws:SourceArn`).
    #[must_use]
    pub fn service(name: &str, account: AccountId, source_arn: Option<&str>) -> Self {
        let principal = Principal::Service { name: name.to_owned() };
        let mut caller = Self::new(principal, account.clone(), Arc::default());
        if let Some(arn) = source_arn {
            caller.conditions.push(("aws:SourceArn", arn.to_owned()));
            caller.conditions.push(("aws:SourceAccount", account.to_string()));
        }
        caller
    }

    /// The root user of an account, who may do everything in it.
    #[must_use]
    pub fn root(account: AccountId) -> Self {
        Self::new(Principal::Root { account: account.clone() }, account, Arc::default())
    }

    /// Notes that the request came over TLS, which ends before this process.
    pub fn came_over_tls(&mut self) {
        self.conditions.push(("aws:SecureTransport", "true".to_owned()));
    }
}
