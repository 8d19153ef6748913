use crate::common::{
    all_between, ask, between, create, create_versioned, fails, get, header, objects, ok, put,
};
use serde_json::json;
use testkit::{on_every_engine, on_memory};

fn document(keys: &[&str]) -> String {
    let objects: Vec<String> =
        keys.iter().map(|key| format!("<Object><Key>{key}</Key></Object>")).collect();
    format!("<Delete>{}</Delete>", objects.concat())
}

#[tokio::test]
async fn objects_are_deleted_together_whether_they_exist_or_not() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        for key in ["a", "b", "c"] {
            put(&bed, &format!("/photos/{key}"), "x").await;
        }
        let reply = ok(&bed, "POST", "/photos?delete", &[], document(&["a", "b", "z"])).await;
        assert_eq!(all_between(&reply.text(), "Key"), ["a", "b", "z"]);
        let left = get(&bed, "/photos?list-type=2").await.text();
        assert_eq!(all_between(&left, "Key"), ["c"]);
        let quiet = "<Delete><Object><Key>c</Key></Object><Quiet>true</Quiet></Delete>";
        let reply = ok(&bed, "POST", "/photos?delete", &[], quiet).await;
        assert!(!reply.text().contains("<Deleted>"), "{}", reply.text());
    })
    .await;
}

#[tokio::test]
async fn versions_and_markers_are_told_apart() {
    on_every_engine(objects, async |bed| {
        create_versioned(&bed, "photos").await;
        let id = header(&put(&bed, "/photos/a", "x").await, "x-amz-version-id").to_owned();
        let reply = ok(&bed, "POST", "/photos?delete", &[], document(&["a", "a"])).await.text();
        let markers = all_between(&reply, "DeleteMarkerVersionId");
        assert_eq!((markers.len(), markers[0] != markers[1]), (2, true), "{reply}");
        let version =
            format!("<Delete><Object><Key>a</Key><VersionId>{id}</VersionId></Object></Delete>");
        let reply = ok(&bed, "POST", "/photos?delete", &[], version).await.text();
        assert_eq!(between(&reply, "VersionId"), id);
        assert!(!reply.contains("DeleteMarker"), "{reply}");
    })
    .await;
}

#[tokio::test]
async fn each_object_is_a_permission_of_its_own() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        put(&bed, "/photos/mine", "x").await;
        put(&bed, "/photos/yours", "x").await;
        let user = bed.user("Ada", &json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::photos/mine"}]}));
        let keys = document(&["mine", "yours"]);
        let reply = ask(&user, "POST", "/photos?delete", &[], keys).await;
        assert_eq!(reply.status, 200);
        assert_eq!(between(&between(&reply.text(), "Deleted"), "Key"), "mine");
        let error = between(&reply.text(), "Error");
        assert_eq!((between(&error, "Key"), between(&error, "Code")), ("yours".into(), "AccessDenied".into()));
        assert_eq!(get(&bed, "/photos/yours").await.body, "x");
    })
    .await;
}

#[tokio::test]
async fn a_document_has_one_to_a_thousand_objects() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        let code = async |keys: &[&str]| {
            fails(&bed, "POST", "/photos?delete", &[], document(keys)).await.1
        };
        assert_eq!(code(&[]).await, "MalformedXML");
        assert_eq!(code(&["a"; 1_001]).await, "MalformedXML");
        ok(&bed, "POST", "/photos?delete", &[], document(&["a"; 1_000])).await;
    })
    .await;
}

#[tokio::test]
async fn a_document_comes_with_a_digest_of_it() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        let send = async |headers: &[(&str, &str)]| {
            let mut request = http::Request::post("/photos?delete");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            bed.root().send("s3", request, document(&["a"]).into()).await
        };
        let message = "Missing required header for this request: Content-MD5 OR x-amz-checksum-*";
        assert_eq!(send(&[]).await.fault(), ("InvalidRequest".to_owned(), message.to_owned()));
        let wrong = send(&[("x-amz-checksum-crc32", "AAAAAA==")]).await;
        assert_eq!(wrong.fault().0, "BadDigest");
        let sum = [("x-amz-checksum-crc32", "v6Ysrw==")];
        let reply = send(&sum).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    })
    .await;
}
