use crate::{
    common::{ask, between, count, create, create_versioned, fails, get, header, objects, ok, put},
    fake_queue::{arn, objects_and_queue, received},
    uploads::{FIVE_MIB, begin, complete, document, upload},
};
use service::tag;
use testkit::on_every_engine;

#[tokio::test]
async fn an_object_is_its_parts_in_order() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        put(&bed, "/photos/a", "before").await;
        let (first, last) = (vec![1; FIVE_MIB], b"the end".to_vec());
        let reply = upload(&bed, "/photos/a", &[], &[(2, first.clone()), (5, last.clone())]).await;
        let etag = between(&reply.text(), "ETag").replace("&quot;", "\"");
        assert!(etag.ends_with("-2\""), "{etag}");
        let whole = [first, last].concat();
        let reply = get(&bed, "/photos/a").await;
        assert!(reply.body == whole, "{} bytes", reply.body.len());
        assert_eq!(header(&reply, "etag"), etag);
        let range = [("range", "bytes=5242878-5242882")];
        let reply = ok(&bed, "GET", "/photos/a", &range, "").await;
        assert_eq!(&reply.body[..], b"\x01\x01the");
        let reply = ok(&bed, "GET", "/photos/a?partNumber=5", &[], "").await;
        assert_eq!((reply.status, &reply.body[..]), (206, &b"the end"[..]));
        assert_eq!(header(&reply, "x-amz-mp-parts-count"), "2");
        assert_eq!(fails(&bed, "GET", "/photos/a?partNumber=3", &[], "").await.0, 416);
        assert_eq!(count(&bed, tag::OBJECTS + 5).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_list_of_parts_must_name_what_was_uploaded() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let id = begin(&bed, "/photos/a", &[]).await;
        let mut etags = Vec::new();
        for number in 1..=2 {
            let path = format!("/photos/a?partNumber={number}&uploadId={id}");
            let reply = ok(&bed, "PUT", &path, &[], format!("part {number}")).await;
            etags.push(header(&reply, "etag").to_owned());
        }
        let path = format!("/photos/a?uploadId={id}");
        let code =
            async |parts: &[(u32, &str)]| fails(&bed, "POST", &path, &[], document(parts)).await.1;
        assert_eq!(code(&[(2, &etags[1]), (1, &etags[0])]).await, "InvalidPartOrder");
        assert_eq!(code(&[(1, &etags[1])]).await, "InvalidPart");
        assert_eq!(code(&[(3, &etags[0])]).await, "InvalidPart");
        assert_eq!(code(&[]).await, "MalformedXML");
        // Only the last part may be small.
        assert_eq!(code(&[(1, &etags[0]), (2, &etags[1])]).await, "EntityTooSmall");
        // What is not listed goes.
        ok(&bed, "POST", &path, &[], document(&[(2, &etags[1])])).await;
        assert_eq!(get(&bed, "/photos/a").await.body, "part 2");
        assert_eq!(count(&bed, tag::OBJECTS + 6).await, 1);
        assert_eq!(code(&[(2, &etags[1])]).await, "NoSuchUpload");
    })
    .await;
}

#[tokio::test]
async fn checksums_of_parts_add_up() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let parts = [(1, vec![1; FIVE_MIB]), (2, b"hello".to_vec())];
        for (algorithm, kind) in [("CRC32", "FULL_OBJECT"), ("CRC64NVME", "FULL_OBJECT")] {
            let headers = [("x-amz-checksum-algorithm", algorithm), ("x-amz-checksum-type", kind)];
            let made = upload(&bed, "/photos/a", &headers, &parts).await.text();
            let whole = [&parts[0].1[..], &parts[1].1].concat();
            let named = [("x-amz-sdk-checksum-algorithm", algorithm)];
            let put = ok(&bed, "PUT", "/photos/b", &named, whole).await;
            let name = format!("x-amz-checksum-{}", algorithm.to_lowercase());
            assert_eq!(between(&made, &format!("Checksum{algorithm}")), header(&put, &name));
            assert_eq!(between(&made, "ChecksumType"), kind);
        }
    })
    .await;
}

#[tokio::test]
async fn of_racing_completions_for_an_absent_key_one_wins() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let mut uploads = Vec::new();
        for _ in 0..8 {
            let id = begin(&bed, "/photos/a", &[]).await;
            let path = format!("/photos/a?partNumber=1&uploadId={id}");
            let reply = ok(&bed, "PUT", &path, &[], "x").await;
            uploads.push((id, header(&reply, "etag").to_owned()));
        }
        let completions = uploads.iter().map(|(id, etag)| {
            let client = bed.root();
            async move {
                let path = format!("/photos/a?uploadId={id}");
                let absent = [("if-none-match", "*")];
                ask(&client, "POST", &path, &absent, document(&[(1, etag)])).await.status
            }
        });
        let statuses = futures_util::future::join_all(completions).await;
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| [200, 412].contains(status)), "{statuses:?}");
    })
    .await;
}

#[tokio::test]
async fn a_completion_makes_a_version_and_an_event() {
    on_every_engine(objects_and_queue, async |bed| {
        create_versioned(&bed, "photos").await;
        let document = format!(
            "<NotificationConfiguration><QueueConfiguration><Queue>{}</Queue>\
             <Event>s3:ObjectCreated:CompleteMultipartUpload</Event></QueueConfiguration>\
             </NotificationConfiguration>",
            arn("jobs")
        );
        ok(&bed, "PUT", "/photos?notification", &[], document).await;
        let id = begin(&bed, "/photos/a", &[]).await;
        let reply = complete(&bed, "/photos/a", &id, &[(1, b"x".to_vec())]).await;
        let version = header(&reply, "x-amz-version-id").to_owned();
        let events = received(&bed, "jobs").await;
        let told = &events[1]["Records"][0];
        assert_eq!(told["eventName"], "ObjectCreated:CompleteMultipartUpload");
        assert_eq!(told["s3"]["object"]["versionId"], version);
    })
    .await;
}
