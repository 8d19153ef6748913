//! Services for these tests: one of JSON, one with S3's model, one of plain HTTP.

use bytes::Bytes;
use futures_util::{StreamExt, future::BoxFuture, stream};
use http::Response;
use kv::Transaction;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{
    BodyStream, Context, Definition, Direct, Fault, Front, FrontRequest, FrontResponse, Operation,
    Output, Permission, Platform, direct, transactional,
};
use sha2::{Digest, Sha256};
use std::sync::{Arc, LazyLock};
use tokio::sync::Notify;

/// An upload has read its first piece.
pub(crate) static STARTED: LazyLock<Notify> = LazyLock::new(Notify::new);
/// An endless download was dropped.
pub(crate) static DROPPED: LazyLock<Notify> = LazyLock::new(Notify::new);

/// The size of one piece of the endless download.
pub(crate) const PIECE: usize = 64 * 1024;

const JSON_MODEL: &str = r#"{
    "metadata": {"apiVersion": "1", "protocol": "json", "jsonVersion": "1.0", "targetPrefix": "Test"},
    "operations": {
        "Echo": {"http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "Text"}, "output": {"shape": "Text"}},
        "Panic": {"http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "Text"}, "output": {"shape": "Text"}}
    },
    "shapes": {
        "Text": {"type": "structure", "members": {"Text": {"shape": "String"}}},
        "String": {"type": "string"}
    }
}"#;

pub(crate) fn definitions(_: &Arc<Platform>) -> Vec<Definition> {
    let unit = Arc::new(());
    let mut test = Definition::new(
        "test",
        JSON_MODEL,
        vec![transactional::<Echo>(&unit), transactional::<Panic>(&unit)],
    );
    test.fronts.push(Arc::new(PanicFront));
    let mut s3 = Definition::new(
        "s3",
        include_str!("../../../objects/model.json"),
        vec![
            direct::<PutObject>(&unit),
            direct::<GetObject>(&unit),
            direct::<HeadObject>(&unit),
            transactional::<DeleteObjects>(&unit),
        ],
    );
    s3.digests = Some(|document| match document.header("x-amz-checksum-crc32") {
        Some("AAAAAA==") => Err(Fault::sender("BadDigest", "another one")),
        _ => Ok(()),
    });
    vec![test, s3]
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Text {
    #[serde(default)]
    text: String,
}

struct Echo;
struct Panic;

impl Operation for Echo {
    type Service = ();
    type Input = Text;
    type Output = Value;
    const NAME: &'static str = "Echo";

    async fn permissions(
        (): &(),
        _: &Context,
        _: &mut Transaction,
        _: &Text,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(Vec::new())
    }

    async fn run((): &(), _: &Context, _: &mut Transaction, input: &Text) -> Result<Value, Fault> {
        Ok(json!({"Text": input.text}))
    }
}

impl Operation for Panic {
    type Service = ();
    type Input = Text;
    type Output = Value;
    const NAME: &'static str = "Panic";

    async fn permissions(
        (): &(),
        _: &Context,
        _: &mut Transaction,
        _: &Text,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(Vec::new())
    }

    async fn run((): &(), _: &Context, _: &mut Transaction, _: &Text) -> Result<Value, Fault> {
        panic!("as asked")
    }
}

struct PanicFront;

impl Front for PanicFront {
    fn signing_name(&self) -> &'static str {
        "test"
    }

    fn claims(&self, _: &str, path: &str) -> bool {
        path.starts_with("/_front")
    }

    fn answer(&self, request: FrontRequest) -> BoxFuture<'_, FrontResponse> {
        Box::pin(async move {
            assert!(!request.parts.uri.path().ends_with("/panic"), "as asked");
            Response::new(request.body.into())
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Target {
    bucket: String,
    #[serde(default)]
    key: String,
}

impl Target {
    /// Everybody may use the bucket `public`.
    fn permission(&self, action: &'static str) -> Vec<Permission> {
        let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::public/*"}]}"#;
        let kind = policy::DocumentKind::Resource;
        let policy = policy::Document::parse(policy, kind).expect("a policy");
        let resource = format!("arn:aws:s3:::{}/{}", self.bucket, self.key);
        vec![Permission::new(action, resource).with_policy(Some(Arc::new(policy)))]
    }
}

/// An answer of members, perhaps with a body.
struct Answer(Value, Option<BodyStream>);

impl Output for Answer {
    fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&self.0)
    }

    fn to_value(&self) -> Result<Value, serde_json::Error> {
        Ok(self.0.clone())
    }

    fn into_stream(self: Box<Self>) -> Option<BodyStream> {
        self.1
    }
}

/// Tells what it read: length and hash as the ETag, the trailers as the version.
struct PutObject;

impl Direct for PutObject {
    type Service = ();
    type Input = Target;
    type Output = Answer;
    const NAME: &'static str = "PutObject";

    async fn permissions(
        (): &(),
        _: &Context,
        _: &mut Transaction,
        input: &Target,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(input.permission("s3:PutObject"))
    }

    async fn run((): &(), ctx: &Context, _: &Target) -> Result<Answer, Fault> {
        let mut body = ctx.take_body()?;
        assert!(ctx.take_body().is_err(), "a body is taken once");
        let announced = body.length().expect("a length");
        let (mut hasher, mut length) = (Sha256::new(), 0);
        while let Some(piece) = body.next().await.transpose()? {
            length += piece.len() as u64;
            hasher.update(&piece);
            STARTED.notify_one();
        }
        assert_eq!(length, announced);
        let trailing = body.trailing();
        let trailers: Vec<_> = trailing.all().iter().map(|(n, v)| format!("{n}={v}")).collect();
        let etag = format!("{length}:{:x?}", &hasher.finalize()[..4]);
        Ok(Answer(json!({"ETag": etag, "VersionId": trailers.join(",")}), None))
    }
}

struct GetObject;
struct HeadObject;

impl Direct for GetObject {
    type Service = ();
    type Input = Target;
    type Output = Answer;
    const NAME: &'static str = "GetObject";

    async fn permissions(
        (): &(),
        _: &Context,
        _: &mut Transaction,
        input: &Target,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(input.permission("s3:GetObject"))
    }

    async fn run((): &(), _: &Context, input: &Target) -> Result<Answer, Fault> {
        let missing = || Fault::sender("NoSuchKey", "The key does not exist.").status(404);
        let (length, body) = match input.key.as_str() {
            "small" => (5, BodyStream::whole(Bytes::from_static(b"small"))),
            "late" => (0, BodyStream::new(stream::iter([Err(missing())]), None)),
            "torn" => {
                let half = stream::iter([Ok(Bytes::from_static(b"half"))]);
                let torn = stream::once(async {
                    // What was written before has a chance to leave.
                    tokio::task::yield_now().await;
                    Err(Fault::internal("torn"))
                });
                (8, BodyStream::new(half.chain(torn), None))
            }
            "endless" => (1_u64 << 40, endless()),
            _ => return Err(missing()),
        };
        Ok(Answer(json!({"ContentLength": length}), Some(body)))
    }
}

impl Direct for HeadObject {
    type Service = ();
    type Input = Target;
    type Output = Answer;
    const NAME: &'static str = "HeadObject";

    async fn permissions(
        (): &(),
        _: &Context,
        _: &mut Transaction,
        input: &Target,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(input.permission("s3:GetObject"))
    }

    async fn run((): &(), _: &Context, _: &Target) -> Result<Answer, Fault> {
        Ok(Answer(json!({"ContentLength": 5_000_000_000_u64}), None))
    }
}

fn endless() -> BodyStream {
    struct Guard;
    impl Drop for Guard {
        fn drop(&mut self) {
            DROPPED.notify_one();
        }
    }
    let pieces =
        stream::unfold(
            Guard,
            |guard| async move { Some((Ok(Bytes::from_static(&[0; PIECE])), guard)) },
        );
    BodyStream::new(pieces, None)
}

/// Its body is a document, read before it runs.
struct DeleteObjects;

impl Operation for DeleteObjects {
    type Service = ();
    type Input = Value;
    type Output = Value;
    const NAME: &'static str = "DeleteObjects";

    async fn permissions(
        (): &(),
        _: &Context,
        _: &mut Transaction,
        _: &Value,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(vec![Permission::new("s3:DeleteObject", "arn:aws:s3:::private/*")])
    }

    async fn run((): &(), _: &Context, _: &mut Transaction, input: &Value) -> Result<Value, Fault> {
        Ok(json!({"Deleted": input["Delete"]["Objects"]}))
    }
}
