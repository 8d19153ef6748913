use crate::Policies;
use policy::Principal;
use std::{net::IpAddr, sync::Arc};
use types::AccountId;

/// Who makes a request, and what decides what they may do.
#[derive(Clone)]
pub struct Caller {
    /// Who they are.
    pub principal: Principal,
    /// Their account; for the anonymous caller the account of the resource.
    pub account: AccountId,
    /// Identity policies, boundary and session policy.
    pub policies: Arc<Policies>,
    /// The unique id of the principal: `AIDA...`, `AROA...:session`, or the account for its root.
    pub user_id: String,
    /// The key that signed, if one did.
    pub access_key_id: Option<String>,
    /// Where the request came from; `None` for calls between services.
    pub source_ip: Option<IpAddr>,
    /// Condition keys that describe the principal or the call, such as `aws:SourceArn`.
    pub conditions: Vec<(String, String)>,
}
