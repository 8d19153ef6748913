//! Calls between services.

use crate::{Dispatcher, authenticate::Signer, body::Received, execute::Request};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde_json::Value;
use service::{Caller, Calls, Fault};
use std::sync::Mutex;
use wire::Decoded;

impl Calls for Dispatcher {
    fn call<'a>(
        &'a self,
        caller: &'a Caller,
        service: &'a str,
        operation: &'a str,
        input: Value,
    ) -> BoxFuture<'a, Result<Value, Fault>> {
        Box::pin(async move {
            let unknown = || Fault::unsupported(format_args!("operation {operation} of {service}"));
            let endpoint = self.registry.call(service, operation).ok_or_else(unknown)?;
            let operation = self.operation(&endpoint)?;
            let (parts, ()) = http::Request::new(()).into_parts();
            let body = Bytes::new();
            let request = Request {
                parts: &parts,
                body: &body,
                stream: Mutex::default(),
                is_part: false,
                peer: None,
                seed: self.ids.bytes(),
            };
            let decode =
                |_: &Received| Ok(Decoded { members: endpoint.check(input)?, body: Bytes::new() });
            let output =
                self.execute(operation.as_ref(), &request, &Signer::Known(caller), decode).await?;
            output.to_value().map_err(|error| Fault::internal(error.to_string()))
        })
    }
}
