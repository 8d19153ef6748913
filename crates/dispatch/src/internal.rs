//! Calls between services.

use crate::{Dispatcher, authenticate::Signer, body::Received, execute::Request};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde_json::Value;
use service::{BodyStream, Caller, Calls, Fault, Rendered};
use std::sync::Mutex;
use wire::Decoded;

impl Dispatcher {
    async fn run_call(
        &self,
        caller: &Caller,
        service: &str,
        operation: &str,
        input: Value,
        payload: Option<Bytes>,
    ) -> Result<Rendered, Fault> {
        let unknown = || Fault::unsupported(format_args!("operation {operation} of {service}"));
        let endpoint = self.registry.call(service, operation).ok_or_else(unknown)?;
        let operation = self.operation(&endpoint)?;
        let (parts, ()) = http::Request::new(()).into_parts();
        let body = Bytes::new();
        let request = Request {
            parts: &parts,
            body: &body,
            stream: Mutex::new(payload.clone().map(BodyStream::whole)),
            is_part: false,
            peer: None,
            seed: self.ids.bytes(),
        };
        let payload = payload.unwrap_or_default();
        let decode = |_: &Received| Ok(Decoded { members: endpoint.check(input)?, body: payload });
        self.execute(operation.as_ref(), &request, &Signer::Known(caller), decode).await
    }
}

fn members(output: &Rendered) -> Result<Value, Fault> {
    output.to_value().map_err(|error| Fault::internal(error.to_string()))
}

impl Calls for Dispatcher {
    fn call<'a>(
        &'a self,
        caller: &'a Caller,
        service: &'a str,
        operation: &'a str,
        input: Value,
    ) -> BoxFuture<'a, Result<Value, Fault>> {
        Box::pin(
            async move { members(&self.run_call(caller, service, operation, input, None).await?) },
        )
    }

    fn call_with_body<'a>(
        &'a self,
        caller: &'a Caller,
        service: &'a str,
        operation: &'a str,
        input: Value,
        body: Bytes,
        limit: usize,
    ) -> BoxFuture<'a, Result<(Value, Bytes), Fault>> {
        Box::pin(async move {
            let output = self.run_call(caller, service, operation, input, Some(body)).await?;
            let (members, whole) = (members(&output)?, output.body());
            let stream = match whole {
                Some(bytes) => Some(BodyStream::whole(bytes)),
                None => output.into_stream(),
            };
            match stream {
                Some(stream) => Ok((members, stream.collect_within(limit).await?)),
                None => Ok((members, Bytes::new())),
            }
        })
    }
}
