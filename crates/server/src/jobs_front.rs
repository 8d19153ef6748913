//! `GET /_pileus/jobs`: the background work, for `pileus ls jobs`. AWS has no name for it.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Method, Response, header};
use serde_json::{Value, json};
use service::{Fault, Front, FrontRequest, FrontResponse, Permission, Platform, authorize};
use std::sync::Arc;

const PATH: &str = "/_pileus/jobs";
/// More jobs than this are not listed.
const MAX_JOBS: usize = 1_000;

/// Lists the jobs for those who may `pileus:ListJobs`.
pub(crate) struct JobsFront(pub(crate) Arc<Platform>);

impl JobsFront {
    async fn list(&self, request: FrontRequest) -> Result<Value, Fault> {
        if request.parts.method != Method::GET {
            let what = format!("{} {PATH}", request.parts.method);
            return Err(Fault::unsupported(what).status(405));
        }
        let unsigned = || {
            Fault::sender("MissingAuthenticationTokenException", "Sign the request.").status(403)
        };
        let caller = request.caller?.ok_or_else(unsigned)?;
        let permission = Permission::new("pileus:ListJobs", "*");
        authorize(&caller, &permission, &self.0.region, self.0.clock.now())?;
        let jobs = router::list_jobs(&self.0, MAX_JOBS).await?;
        let job = |listed: &router::Listed<service::JobRecord>| {
            json!({
                "Kind": listed.record.kind,
                "Due": listed.due.to_iso8601(),
                "Attempts": listed.record.attempts,
                "Created": listed.record.created.to_iso8601(),
            })
        };
        Ok(json!({"Jobs": jobs.iter().map(job).collect::<Vec<_>>()}))
    }
}

impl Front for JobsFront {
    fn signing_name(&self) -> &'static str {
        "lambda"
    }

    fn claims(&self, _host: &str, path: &str) -> bool {
        path == PATH
    }

    fn answer(&self, request: FrontRequest) -> BoxFuture<'_, FrontResponse> {
        Box::pin(async move {
            let (status, body) = match self.list(request).await {
                Ok(body) => (200, body),
                Err(fault) => {
                    let body = json!({"message": fault.message(), "code": fault.code()});
                    (fault.http_status(), body)
                }
            };
            let mut response = Response::new(Bytes::from(body.to_string()));
            *response.status_mut() =
                http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::BAD_REQUEST);
            let json = header::HeaderValue::from_static("application/json");
            response.headers_mut().insert(header::CONTENT_TYPE, json);
            response
        })
    }
}
