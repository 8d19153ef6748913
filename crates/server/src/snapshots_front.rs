//! `/_pileus/snapshots`: one state of the whole store and its blobs, piece by piece, for `pileus
//! backup` and `pileus check`. AWS has no name for it.
//!
//! | request | answer |
//! |---|---|
//! | `POST /_pileus/snapshots` | its `Id`, and its [`Head`](backup::Head) |
//! | `GET .../ID/entries?after=CURSOR` | a page of entries; the next one's cursor in a header |
//! | `GET .../ID/blobs/BLOB?offset=N` | up to 4 MiB of a blob as it is stored; its size in a header |
//! | `POST .../ID/check` | the next [`Step`](backup::Step) of its check |
//! | `DELETE .../ID` | nothing |

use crate::{front, snapshots::Snapshots};
use backup::{Source, encode_page};
use blob::BlobId;
use futures_util::future::BoxFuture;
use http::{HeaderName, HeaderValue, Method, Response};
use serde_json::json;
use service::{Fault, Front, FrontRequest, FrontResponse};
use std::sync::Arc;

const PATH: &str = "/_pileus/snapshots";
/// How much of a blob one answer has, in bytes.
const BLOB_PIECE: u64 = 4 * 1024 * 1024;
/// The cursor of the next page, in hexadecimal.
const NEXT: HeaderName = HeaderName::from_static("x-pileus-next");
/// How many bytes a blob has in the storage.
const SIZE: HeaderName = HeaderName::from_static("x-pileus-size");

const BACKUP: &str = "pileus:Backup";
const CHECK: &str = "pileus:Check";

/// Serves snapshots to those who may `pileus:Backup`, and checks to those who may `pileus:Check`.
pub(crate) struct SnapshotsFront(pub(crate) Arc<Snapshots>);

impl SnapshotsFront {
    async fn serve(&self, request: FrontRequest) -> Result<FrontResponse, Fault> {
        let path = request.parts.uri.path().strip_prefix(PATH).unwrap_or_default().to_owned();
        let path: Vec<&str> = path.split('/').skip(1).collect();
        let method = request.parts.method.clone();
        let unknown = front::unknown(&request);
        let query = request.parts.uri.query().unwrap_or_default().to_owned();
        let permit = |actions| front::permit(&self.0.platform, request.caller, actions);
        match (method, &path[..]) {
            (Method::POST, []) => {
                permit(&[BACKUP, CHECK])?;
                let (id, session) = self.0.begin().await?;
                let head = json!({"Id": id, "Head": session.source.head()});
                Ok(front::answer(Ok(head)))
            }
            (Method::DELETE, [id]) => {
                permit(&[BACKUP, CHECK])?;
                self.0.end(id).await?;
                Ok(front::answer(Ok(json!({}))))
            }
            (Method::GET, [id, "entries"]) => {
                permit(&[BACKUP])?;
                self.entries(id, parameter(&query, "after")).await
            }
            (Method::GET, [id, "blobs", blob]) => {
                permit(&[BACKUP])?;
                self.blob(id, blob, parameter(&query, "offset")).await
            }
            (Method::POST, [id, "check"]) => {
                permit(&[CHECK])?;
                let session = self.0.find(id).await?;
                let step = session.checker.lock().await.step().await;
                let step = step.map_err(|error| failed(&error))?;
                Ok(front::answer(Ok(json!(step))))
            }
            _ => Err(unknown),
        }
    }

    async fn entries(&self, id: &str, after: Option<&str>) -> Result<FrontResponse, Fault> {
        let session = self.0.find(id).await?;
        let after = after.map(hex::decode).transpose().map_err(|_| invalid("after"))?;
        let page = session.source.page(after.as_deref()).await.map_err(|error| failed(&error))?;
        let mut response = Response::new(encode_page(&page).into());
        if let Some(next) = page.next
            && let Ok(next) = HeaderValue::from_str(&hex::encode(next))
        {
            response.headers_mut().insert(NEXT, next);
        }
        Ok(response)
    }

    async fn blob(
        &self,
        id: &str,
        blob: &str,
        offset: Option<&str>,
    ) -> Result<FrontResponse, Fault> {
        let session = self.0.find(id).await?;
        let blob: BlobId = blob.parse().map_err(|_| invalid("the blob"))?;
        let offset: u64 = offset.unwrap_or("0").parse().map_err(|_| invalid("offset"))?;
        let blobs = session.source.blobs();
        let size = blobs.stored_bytes(blob).await.map_err(|error| failed(&error.into()))?;
        let size = size.ok_or_else(|| failed(&blob::Error::NotFound(blob).into()))?;
        let range = offset.min(size)..offset.saturating_add(BLOB_PIECE);
        let bytes = blobs.read_stored_range(blob, range).await;
        let mut response = Response::new(bytes.map_err(|error| failed(&error.into()))?.into());
        response.headers_mut().insert(SIZE, HeaderValue::from(size));
        Ok(response)
    }
}

impl Front for SnapshotsFront {
    fn signing_name(&self) -> &'static str {
        "lambda"
    }

    fn claims(&self, _host: &str, path: &str) -> bool {
        path.strip_prefix(PATH).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    fn answer(&self, request: FrontRequest) -> BoxFuture<'_, FrontResponse> {
        Box::pin(async move {
            match self.serve(request).await {
                Ok(response) => response,
                Err(fault) => front::answer(Err(fault)),
            }
        })
    }
}

fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
}

fn invalid(what: &str) -> Fault {
    Fault::sender("ValidationException", format!("{what} is not what this node gave"))
}

/// What is wrong is the caller's to know: it is their store.
fn failed(error: &backup::Error) -> Fault {
    Fault::sender("InternalFailure", error.to_string()).status(500)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_found_by_its_whole_name() {
        assert_eq!(parameter("afterall=1&after=ab", "after"), Some("ab"));
        assert_eq!(parameter("", "after"), None);
    }
}
