//! How the router runs functions for event source mappings.

use crate::{
    Functions,
    invoke::Call,
    lineage::Trace,
    model::{self, Function, FunctionName},
};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use service::{BatchOutcome, Fault, Invoker};
use std::sync::Arc;
use types::Arn;

pub(crate) struct MappingInvoker(pub(crate) Arc<Functions>);

impl MappingInvoker {
    async fn function(&self, arn: &Arn) -> Result<Function, Fault> {
        let platform = &self.0.platform;
        let name = FunctionName::of_arn(platform, arn)?;
        let draw = self.0.draw();
        Ok(model::drawn(platform, &mut platform.store.begin(), &name, draw).await?)
    }
}

impl Invoker for MappingInvoker {
    fn role<'a>(&'a self, function: &'a Arn) -> BoxFuture<'a, Result<Arn, Fault>> {
        Box::pin(async move { Ok(self.function(function).await?.settings.role) })
    }

    fn invoke_batch<'a>(
        &'a self,
        function: &'a Arn,
        payload: Bytes,
        traces: &'a [Option<String>],
    ) -> BoxFuture<'a, Result<BatchOutcome, Fault>> {
        Box::pin(async move {
            let record = self.function(function).await?;
            let traces = traces.iter().map(|trace| Trace::parse(trace.as_deref()));
            let traces: Vec<_> = traces.collect();
            let is_loop = |place: &usize| traces[*place].is_loop_of(&record.arn);
            let records: Vec<_> = (0..traces.len()).filter(is_loop).collect();
            if !records.is_empty() && !self.0.allows_loops(&record).await? {
                self.0.stopped(&record, records.len() as u64);
                return Ok(BatchOutcome::Recursive { records });
            }
            let id = self.0.ids.uuid();
            let trace = self.0.enter(&record, Trace::merged(traces), &id).await?;
            let call = Call {
                request_id: id.to_string(),
                trace,
                payload,
                arn: function.to_string(),
                client_context: None,
                tail: false,
            };
            match self.0.invoke(&record, call).await {
                Ok(outcome) if outcome.error.is_some() => Ok(BatchOutcome::FunctionError {
                    message: String::from_utf8_lossy(&outcome.payload).into_owned(),
                }),
                Ok(outcome) => Ok(BatchOutcome::Success { response: outcome.payload }),
                Err(fault) if fault.code() == "TooManyRequestsException" => {
                    Ok(BatchOutcome::Throttled)
                }
                Err(fault) => Err(fault),
            }
        })
    }
}
