//! The way of one invocation: the function's record, its instances, the outcome.

use crate::{
    Error, Functions, config,
    model::{self, Function},
};
use bytes::Bytes;
use runtime::{InstanceSpec, Invocation, InvokeError, LaunchError, Outcome, Response};
use service::Fault;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// The specifications of versions that ran here, by their qualified ARN.
pub(crate) type Specs = Mutex<HashMap<String, Arc<InstanceSpec>>>;

/// One invocation.
pub(crate) struct Call {
    pub(crate) request_id: String,
    pub(crate) payload: Bytes,
    /// The ARN that was called, with its qualifier.
    pub(crate) arn: String,
    /// As JSON.
    pub(crate) client_context: Option<String>,
    /// The trace header, from [`Functions::enter`].
    pub(crate) trace: String,
    /// Whether the end of the log is wanted.
    pub(crate) tail: bool,
}

impl Functions {
    /// Invokes a function, of which `function` is the record as it is now.
    ///
    /// # Errors
    /// It reached no instance. What the function does wrong is an outcome.
    pub(crate) async fn invoke(&self, function: &Function, call: Call) -> Result<Outcome, Fault> {
        let (spec, invocation) = self.prepare(function, call).await?;
        self.pools.invoke(spec, invocation).await.map_err(|error| failure(error).into())
    }

    /// As [`Functions::invoke`], but answers when the response begins.
    ///
    /// # Errors
    /// As [`Functions::invoke`].
    pub(crate) async fn stream(&self, function: &Function, call: Call) -> Result<Response, Fault> {
        let (spec, invocation) = self.prepare(function, call).await?;
        self.pools.stream(spec, invocation).await.map_err(|error| failure(error).into())
    }

    /// What is run, and with what.
    async fn prepare(
        &self,
        function: &Function,
        call: Call,
    ) -> Result<(Arc<InstanceSpec>, Invocation), Fault> {
        let spec = self.spec(function).await?;
        let mut tx = self.platform.store.begin();
        let share = model::share(&self.platform, &mut tx, &function.name, self.max_instances);
        let share = share.await?;
        drop(tx);
        let payload =
            if call.payload.is_empty() { Bytes::from_static(b"{}") } else { call.payload };
        let invocation = Invocation {
            request_id: call.request_id,
            payload,
            invoked_arn: call.arn,
            trace_id: Some(call.trace),
            client_context: call.client_context,
            cognito_identity: None,
            tail: call.tail,
            share,
            sink: None,
        };
        Ok((spec, invocation))
    }

    /// What instances of a function are started from. When code or configuration has changed, the
    /// outdated instances are let go.
    pub(crate) async fn spec(&self, function: &Function) -> Result<Arc<InstanceSpec>, Fault> {
        let revision = function.instances.to_string();
        let arn = function.qualified_arn();
        let known = self.known(arn.as_str());
        if let Some(known) = known {
            if known.key.revision == revision {
                return Ok(known);
            }
            self.pools.retire(&known.key);
        }
        let spec = Arc::new(self.make_spec(function).await?);
        let mut specs = self.specs.lock().unwrap_or_else(PoisonError::into_inner);
        if specs.len() >= config::CACHED_SPECS {
            specs.clear();
        }
        specs.insert(arn.to_string(), spec.clone());
        Ok(spec)
    }

    fn known(&self, arn: &str) -> Option<Arc<InstanceSpec>> {
        self.specs.lock().unwrap_or_else(PoisonError::into_inner).get(arn).cloned()
    }

    async fn make_spec(&self, function: &Function) -> Result<InstanceSpec, Fault> {
        let settings = &function.settings;
        let environment = settings.environment.as_ref();
        let environment = environment.map(|sealed| self.vault.open(sealed, &function.arn));
        Ok(InstanceSpec {
            key: model::instance_key(function),
            function_name: function.name.clone(),
            runtime: settings.runtime.clone(),
            handler: settings.handler.clone(),
            environment: environment.transpose()?.unwrap_or_default().into_iter().collect(),
            code: self.code_folder(&function.code.id).await?,
            layers: match &settings.layers[..] {
                [] => None,
                layers => {
                    let ids: Vec<_> = layers.iter().map(|layer| layer.code.id.clone()).collect();
                    Some(self.merged_folder(&ids).await?)
                }
            },
            memory_mib: settings.memory_mib,
            tmp_mib: settings.tmp_mib,
            // A small function may use an idle processor: memory is what is reserved.
            cpu_millis: None,
            timeout: Duration::from_secs(u64::from(settings.timeout_seconds)),
            init_timeout: runtime::INIT_TIMEOUT,
            region: self.platform.region.as_str().to_owned(),
            role: settings.role.clone(),
            log_group: function.log_group(),
            log_format: model::log_format(settings.json_log.as_ref()),
        })
    }

    /// Lets the instances of a function go, which is being deleted, and those of its versions.
    pub(crate) fn retire(&self, function: &Function) {
        let prefix = format!("{}:", function.arn);
        let mut specs = self.specs.lock().unwrap_or_else(PoisonError::into_inner);
        specs.retain(|arn, _| !arn.starts_with(&prefix));
        drop(specs);
        self.pools.retire_function(function.arn.as_str());
    }

    /// Lets the instances of one version go, which is being deleted.
    pub(crate) fn retire_version(&self, version: &Function) {
        let arn = version.qualified_arn();
        let mut specs = self.specs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = specs.remove(arn.as_str()) {
            self.pools.retire(&known.key);
        }
    }

    /// A number between 0 and 1 for [`crate::model::drawn`].
    pub(crate) fn draw(&self) -> f64 {
        const STEPS: u32 = 1_000_000;
        f64::from(self.ids.below(STEPS)) / f64::from(STEPS)
    }
}

/// Why nothing ran, in Lambda's words where it has some.
pub(crate) fn failure(error: InvokeError) -> Error {
    let text = error.to_string();
    match error {
        InvokeError::Throttled { .. } => {
            Error::TooManyRequests("ReservedFunctionConcurrentInvocationLimitExceeded")
        }
        InvokeError::Capacity { .. } => Error::TooManyRequests("ConcurrentInvocationLimitExceeded"),
        InvokeError::Launch(LaunchError::InvalidEntrypoint(_)) => Error::InvalidRuntime(text),
        InvokeError::Launch(LaunchError::Unknown(_) | LaunchError::NotInstalled { .. }) => {
            Error::InvalidRuntime(text)
        }
        InvokeError::Credentials(detail) => {
            tracing::warn!(detail, "a function's role cannot be assumed");
            Error::RoleNotAssumable
        }
        InvokeError::Header(_) => Error::InvalidRequestContent(text),
        InvokeError::Sandbox(_) | InvokeError::ShuttingDown | InvokeError::Internal => {
            Error::Service(text)
        }
    }
}
