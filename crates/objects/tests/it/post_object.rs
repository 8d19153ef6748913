//! Forms that browsers post.

use crate::{
    common::{all_between, between, create, get, header, objects, ok},
    put_object_tagging::tags,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use clock::Clock;
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::Sha256;
use testkit::{Bed, REGION, Reply, TestIdentities, on_every_engine, on_memory};
use types::Timestamp;

type Fields = Vec<(String, String)>;

/// `20270115T080000Z`, and how policies write it.
fn times(bed: &Bed) -> (String, String) {
    let iso = Timestamp::from_secs(bed.clock.now().as_secs()).to_iso8601();
    let basic = iso.replace(['-', ':'], "").replace(".000", "");
    (basic, Timestamp::from_secs(bed.clock.now().as_secs() + 60).to_iso8601())
}

fn sha256(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn pairs(fields: &[(&str, &str)]) -> Fields {
    fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

/// The fields of a form that is signed in version 4, with these conditions and one for each field.
fn signed(bed: &Bed, key: &str, fields: &[(&str, &str)], conditions: &[Value]) -> Fields {
    let (now, until) = times(bed);
    let scope = format!("{}/{REGION}/s3/aws4_request", &now[..8]);
    let mut all = pairs(fields);
    all.extend(pairs(&[
        ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
        ("x-amz-credential", &format!("{key}/{scope}")),
        ("x-amz-date", &now),
    ]));
    let own = all.iter().filter(|(name, _)| name != "key");
    let own = own.map(|(name, text)| json!({name.as_str(): text}));
    let conditions: Vec<Value> = conditions.iter().cloned().chain(own).collect();
    let policy = json!({"expiration": until, "conditions": conditions}).to_string();
    let policy = STANDARD.encode(policy);
    let secret = format!("AWS4{}", TestIdentities::secret().expose());
    let key = scope.split('/').fold(secret.into_bytes(), |key, part| sha256(&key, part));
    all.push(("x-amz-signature".to_owned(), hex::encode(sha256(&key, &policy))));
    all.push(("policy".to_owned(), policy));
    all
}

async fn post(bed: &Bed, path: &str, fields: &Fields, file: &str) -> Reply {
    let mut body = String::new();
    for (name, text) in fields {
        body.push_str(&format!(
            "--frontier\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n"
        ));
    }
    body.push_str(&format!(
        "--frontier\r\nContent-Disposition: form-data; name=\"file\"; filename=\"cat.jpg\"\r\n\
         Content-Type: image/jpeg\r\n\r\n{file}\r\n--frontier--\r\n"
    ));
    send(bed, path, "multipart/form-data; boundary=frontier", body).await
}

async fn send(bed: &Bed, path: &str, content_type: &str, body: String) -> Reply {
    let request = Request::post(path)
        .header("content-type", content_type)
        .header("content-length", body.len().to_string());
    bed.anonymous().send("s3", request, body.into()).await
}

fn conditions() -> [Value; 3] {
    [
        json!({"bucket": "photos"}),
        json!(["starts-with", "$key", "user/"]),
        json!(["content-length-range", 2, 10]),
    ]
}

const ROOT: &str = TestIdentities::ROOT;

#[tokio::test]
async fn a_form_brings_an_object_and_what_it_is_like() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let fields =
            [("key", "user/${filename}"), ("Content-Type", "image/png"), ("x-amz-meta-a", "1")];
        let form = signed(&bed, ROOT, &fields, &conditions());
        let reply = post(&bed, "/photos", &form, "hello").await;
        assert_eq!((reply.status, reply.body.len()), (204, 0), "{}", reply.text());
        assert_eq!(header(&reply, "etag"), "\"5d41402abc4b2a76b9719d911017c592\"");
        assert_eq!(header(&reply, "location"), "http://127.0.0.1:4566/photos/user/cat.jpg");
        let object = get(&bed, "/photos/user/cat.jpg").await;
        assert_eq!(object.body, "hello");
        assert_eq!(header(&object, "content-type"), "image/png");
        assert_eq!(header(&object, "x-amz-meta-a"), "1");
    })
    .await;
}

#[tokio::test]
async fn a_form_tags_the_object_with_the_permission_to_do_so() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let tags = tags(&[("a b", "1+=2"), ("c", "")]);
        let form = |key, tags: &str| {
            signed(&bed, key, &[("key", "user/a"), ("tagging", tags)], &conditions())
        };
        assert_eq!(post(&bed, "/photos", &form(ROOT, &tags), "hello").await.status, 204);
        let told = get(&bed, "/photos/user/a?tagging").await.text();
        assert_eq!(all_between(&told, "Key"), ["a b", "c"]);
        assert_eq!(all_between(&told, "Value")[0], "1+=2");
        let refused = async |tags: &str| {
            let reply = post(&bed, "/photos", &form(ROOT, tags), "hello").await;
            between(&reply.text(), "Code")
        };
        assert_eq!(refused("a=1").await, "MalformedXML");
        let twice = crate::put_object_tagging::tags(&[("a", "1"), ("a", "2")]);
        assert_eq!(refused(&twice).await, "InvalidTag");
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": "s3:PutObject", "Resource": "*"}]});
        let ada = bed.identities.user("Ada", &policy.to_string());
        assert_eq!(post(&bed, "/photos", &form(&ada, &tags), "hello").await.status, 403);
    })
    .await;
}

#[tokio::test]
async fn a_form_chooses_its_answer() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        let with = |name: &'static str, text: &'static str| {
            signed(&bed, ROOT, &[("key", "user/a b"), (name, text)], &conditions())
        };
        let reply = post(&bed, "/photos", &with("success_action_status", "201"), "hello").await;
        assert_eq!(reply.status, 201);
        assert_eq!(between(&reply.text(), "Key"), "user/a b");
        let location = "http://127.0.0.1:4566/photos/user/a%20b";
        assert_eq!(between(&reply.text(), "Location"), location);
        let reply = post(&bed, "/photos", &with("success_action_status", "200"), "hello").await;
        assert_eq!((reply.status, reply.body.len()), (200, 0));
        let page = with("success_action_redirect", "http://a.test/done?x=1");
        let reply = post(&bed, "/photos", &page, "hello").await;
        let expected = "http://a.test/done?x=1&bucket=photos&key=user%2Fa%20b&etag=%225d41402abc4b2a\
                        76b9719d911017c592%22";
        assert_eq!((reply.status, header(&reply, "location")), (303, expected));
    })
    .await;
}

#[tokio::test]
async fn what_the_policy_does_not_allow_is_refused_and_leaves_nothing() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        let refused = async |form: &Fields, file: &str| {
            let reply = post(&bed, "/photos", form, file).await;
            assert!(reply.status >= 400, "{}", reply.status);
            (between(&reply.text(), "Code"), between(&reply.text(), "Message"))
        };
        let good = signed(&bed, ROOT, &[("key", "user/a")], &conditions());
        let large = refused(&good, "hello, world").await;
        assert_eq!(large.0, "EntityTooLarge");
        assert_eq!(refused(&good, "x").await.0, "EntityTooSmall");
        let elsewhere = signed(&bed, ROOT, &[("key", "a")], &conditions());
        let (code, text) = refused(&elsewhere, "hello").await;
        assert_eq!(code, "AccessDenied");
        assert!(
            text.starts_with("Invalid according to Policy: Policy Condition failed: "),
            "{text}"
        );
        let mut more = good.clone();
        more.push(("acl".to_owned(), "private".to_owned()));
        let text = "Invalid according to Policy: Extra input fields: acl";
        assert_eq!(refused(&more, "hello").await.1, text);
        let mut other = good.clone();
        other.iter_mut().find(|(name, _)| name == "policy").unwrap().1.push('=');
        assert_eq!(refused(&other, "hello").await.0, "SignatureDoesNotMatch");
        let nobody = signed(&bed, "AKIANOBODY", &[("key", "user/a")], &conditions());
        assert_eq!(refused(&nobody, "hello").await.0, "InvalidAccessKeyId");
        let unsigned = pairs(&[("key", "user/a")]);
        assert_eq!(refused(&unsigned, "hello").await.0, "AccessDenied");
        bed.advance(std::time::Duration::from_secs(61));
        let text = "Invalid according to Policy: Policy expired.";
        assert_eq!(refused(&good, "hello").await.1, text);
        assert!(!get(&bed, "/photos?list-type=2").await.text().contains("<Key>"));
    })
    .await;
}

#[tokio::test]
async fn whoever_signed_a_form_needs_the_permission_to_put() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        let user = |name: &str, resource: &str| {
            let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
                "Action": "s3:PutObject", "Resource": resource}]});
            bed.identities.user(name, &policy.to_string())
        };
        let (ada, bob) =
            (user("Ada", "arn:aws:s3:::photos/user/a"), user("Bob", "arn:aws:s3:::x/*"));
        let form = |key| signed(&bed, key, &[("key", "user/a")], &conditions());
        assert_eq!(post(&bed, "/photos", &form(&bob), "hello").await.status, 403);
        assert_eq!(post(&bed, "/photos", &form(&ada), "hello").await.status, 204);
    })
    .await;
}

#[tokio::test]
async fn forms_of_signature_version_2_are_taken_too() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        let policy = json!({"expiration": times(&bed).1,
            "conditions": [{"bucket": "photos"}, {"key": "a"}]});
        let policy = STANDARD.encode(policy.to_string());
        let mut mac =
            Hmac::<Sha1>::new_from_slice(TestIdentities::secret().expose().as_bytes()).unwrap();
        mac.update(policy.as_bytes());
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        let mut form = pairs(&[
            ("key", "a"),
            ("AWSAccessKeyId", ROOT),
            ("policy", &policy),
            ("signature", &signature),
        ]);
        assert_eq!(post(&bed, "/photos", &form, "hello").await.status, 204);
        form.pop();
        let reply = post(&bed, "/photos", &form, "hello").await;
        assert_eq!(between(&reply.text(), "Code"), "InvalidArgument");
    })
    .await;
}

#[tokio::test]
async fn what_is_no_such_form_is_refused() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        let code = async |content_type: &str, body: &str| {
            let reply = send(&bed, "/photos", content_type, body.to_owned()).await;
            (reply.status, between(&reply.text(), "Code"))
        };
        let (status, plain) = code("application/json", "{}").await;
        assert_eq!((status, plain.as_str()), (412, "PreconditionFailed"));
        let form = "multipart/form-data; boundary=frontier";
        assert_eq!(code(form, "nothing").await.1, "MalformedPOSTRequest");
        let field = "--frontier\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na\r\n";
        assert_eq!(code(form, &format!("{field}--frontier--\r\n")).await.1, "InvalidArgument");
        assert_eq!(code(form, &field.repeat(2)).await.1, "MalformedPOSTRequest");
        let long = field.replace("\r\na\r\n", &format!("\r\n{}\r\n", "x".repeat(30_000)));
        let long = format!("{long}--frontier--\r\n");
        assert_eq!(code(form, &long).await.1, "MaxPostPreDataLengthExceeded");
        ok(&bed, "DELETE", "/photos", &[], "").await;
    })
    .await;
}
