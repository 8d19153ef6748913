use crate::{error::Error, session::Session};
use backup::{Head, Page, Source, Step, StoredBlob, decode_page};
use blob::BlobId;
use bytes::Bytes;
use client::{Client, Reply, Rest};
use futures_util::{StreamExt, future::BoxFuture, stream};
use http::Method;
use serde::Deserialize;

const PATH: &str = "/_pileus/snapshots";
/// The name that requests to Pileus itself are signed with.
const SERVICE: &str = "lambda";

/// A running installation.
pub(crate) struct Remote(Client);

/// A snapshot that it keeps open.
pub(crate) struct Snapshot {
    client: Client,
    path: String,
    head: Head,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Begun {
    id: String,
    head: Head,
}

impl Remote {
    /// The installation that the flags name, if it runs. None: the data folder is that of one which
    /// does not.
    pub(crate) fn find(session: &Session) -> Result<Option<Self>, Error> {
        let has_folder = session.data().is_dir();
        let client = match session.client() {
            Ok(client) => client,
            // A folder that was restored and never started.
            Err(_) if has_folder && session.global.endpoint.is_none() => return Ok(None),
            Err(error) => return Err(error),
        };
        let call = Rest { method: Method::GET, path: "/_pileus/jobs", ..Rest::default() };
        let asked = session.block_on(async { Ok(client.rest(SERVICE, call).await) })?;
        match asked {
            Err(client::Error::Refused { .. })
                if has_folder && session.global.endpoint.is_none() =>
            {
                Ok(None)
            }
            // Whoever may not list jobs may still make backups.
            Err(error) if error.code().is_none() => Err(error.into()),
            _ => Ok(Some(Self(client))),
        }
    }

    /// Asks for a snapshot.
    pub(crate) async fn begin(&self) -> Result<Snapshot, Error> {
        let call = Rest { method: Method::POST, path: PATH, ..Rest::default() };
        let reply = self.0.rest(SERVICE, call).await?;
        let begun = serde_json::from_slice(&reply.body);
        let Begun { id, head } = begun.map_err(|error| Error::new(error.to_string()))?;
        Ok(Snapshot { client: self.0.clone(), path: format!("{PATH}/{id}"), head })
    }
}

impl Snapshot {
    /// Lets it go.
    pub(crate) async fn end(&self) -> Result<(), Error> {
        self.call(Method::DELETE, "").await?;
        Ok(())
    }

    /// The next step of its check.
    pub(crate) async fn check(&self) -> Result<Step, Error> {
        let reply = self.call(Method::POST, "/check").await?;
        serde_json::from_slice(&reply.body).map_err(|error| Error::new(error.to_string()))
    }

    async fn call(&self, method: Method, rest: &str) -> Result<Reply, client::Error> {
        call(&self.client, method, &format!("{}{rest}", self.path)).await
    }

    async fn read_page(&self, cursor: Option<&[u8]>) -> Result<Page, backup::Error> {
        let query = cursor.map(|cursor| format!("?after={}", hex::encode(cursor)));
        let path = format!("/entries{}", query.unwrap_or_default());
        let reply = self.call(Method::GET, &path).await.map_err(|error| remote(&error))?;
        let next = reply.header("x-pileus-next").map(hex::decode).transpose();
        let next = next.map_err(|_| backup::Error::Remote("no cursor".to_owned()))?;
        let mut page = decode_page(reply.body)?;
        page.next = next.map(Bytes::from);
        Ok(page)
    }
}

impl Source for Snapshot {
    fn head(&self) -> Head {
        self.head.clone()
    }

    fn page<'a>(&'a self, cursor: Option<&'a [u8]>) -> BoxFuture<'a, Result<Page, backup::Error>> {
        Box::pin(self.read_page(cursor))
    }

    fn blob(&self, id: BlobId) -> BoxFuture<'_, Result<StoredBlob, backup::Error>> {
        Box::pin(async move {
            let path = format!("{}/blobs/{id}", self.path);
            let (first, bytes) = piece(&self.client, &path, 0).await?;
            let state = (self.client.clone(), path, 0, Some(first));
            let stream =
                stream::try_unfold(state, move |(client, path, offset, ready)| async move {
                    if offset >= bytes {
                        return Ok(None);
                    }
                    let piece = match ready {
                        Some(piece) => piece,
                        None => piece(&client, &path, offset).await?.0,
                    };
                    if piece.is_empty() {
                        return Err(backup::Error::Remote(format!("{path} became shorter")));
                    }
                    let offset = offset + piece.len() as u64;
                    Ok(Some((piece, (client, path, offset, None))))
                });
            Ok(StoredBlob { bytes, stream: stream.boxed() })
        })
    }
}

/// A part of a blob and the size of the whole.
async fn piece(client: &Client, path: &str, offset: u64) -> Result<(Bytes, u64), backup::Error> {
    let path = format!("{path}?offset={offset}");
    let reply = call(client, Method::GET, &path).await.map_err(|error| remote(&error))?;
    let size = reply.header("x-pileus-size").and_then(|size| size.parse().ok());
    let size = size.ok_or_else(|| backup::Error::Remote("a blob without its size".to_owned()))?;
    Ok((reply.body, size))
}

async fn call(client: &Client, method: Method, path: &str) -> Result<Reply, client::Error> {
    client.rest(SERVICE, Rest { method, path, ..Rest::default() }).await
}

fn remote(error: &client::Error) -> backup::Error {
    backup::Error::Remote(error.to_string())
}
