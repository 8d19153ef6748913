//! `GET /_pileus/jobs`: the background work, for `pileus ls jobs`. AWS has no name for it.

use crate::front;
use futures_util::future::BoxFuture;
use http::Method;
use serde_json::{Value, json};
use service::{Fault, Front, FrontRequest, FrontResponse, Platform};
use std::sync::Arc;

const PATH: &str = "/_pileus/jobs";
/// More jobs than this are not listed.
const MAX_JOBS: usize = 1_000;

/// Lists the jobs for those who may `pileus:ListJobs`.
pub(crate) struct JobsFront(pub(crate) Arc<Platform>);

impl JobsFront {
    async fn list(&self, request: FrontRequest) -> Result<Value, Fault> {
        if request.parts.method != Method::GET {
            return Err(front::unknown(&request));
        }
        front::permit(&self.0, request.caller, &["pileus:ListJobs"])?;
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
        Box::pin(async move { front::answer(self.list(request).await) })
    }
}
