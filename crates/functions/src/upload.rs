//! Code that a template refers to: `pileus deploy` uploads it here before it makes the stack.
//!
//! `PUT /_pileus/code/<sha256>` with a zip as its body, signed for `lambda`, by whom may
//! `lambda:CreateFunction` on `*`. The answer is what `Code` then says: `{"Bucket", "Key"}`.

use crate::{
    Functions,
    code::{self, CodeId},
    config,
};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Method, Response, StatusCode, header};
use serde_json::json;
use service::{Fault, Front, FrontRequest, FrontResponse, Permission, authorize};
use std::sync::Arc;

pub(crate) struct Upload(pub(crate) Arc<Functions>);

impl Front for Upload {
    fn signing_name(&self) -> &'static str {
        "lambda"
    }

    fn claims(&self, _host: &str, path: &str) -> bool {
        path.starts_with(config::UPLOAD_PATH)
    }

    fn answer(&self, request: FrontRequest) -> BoxFuture<'_, FrontResponse> {
        Box::pin(async move {
            match self.upload(request).await {
                Ok(id) => {
                    let place = json!({"Bucket": config::CODE_BUCKET, "Key": id.as_str()});
                    reply(200, place.to_string().into())
                }
                Err(fault) => {
                    let body = json!({"code": fault.code(), "message": fault.message()});
                    reply(fault.http_status(), body.to_string().into())
                }
            }
        })
    }
}

impl Upload {
    async fn upload(&self, request: FrontRequest) -> Result<CodeId, Fault> {
        let caller = request.caller?.ok_or_else(|| {
            Fault::sender("MissingAuthenticationToken", "An upload must be signed.").status(403)
        })?;
        let platform = &self.0.platform;
        let permission = Permission::new("lambda:CreateFunction", "*");
        authorize(&caller, &permission, &platform.region, platform.clock.now())?;
        if request.parts.method != Method::PUT {
            return Err(Fault::sender("MethodNotAllowed", "Code is uploaded with PUT.").status(405));
        }
        code::check_size(&request.body)?;
        let wanted = request.parts.uri.path().trim_start_matches(config::UPLOAD_PATH);
        if CodeId::of(&request.body).as_str() != wanted {
            let text = "The path must end with the SHA-256 of the body in lower-case hexadecimal.";
            return Err(Fault::sender("BadDigest", text));
        }
        self.0.store_code(request.body).await
    }
}

fn reply(status: u16, body: Bytes) -> FrontResponse {
    let mut response = Response::new(body.into());
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
