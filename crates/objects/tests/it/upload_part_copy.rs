use crate::{
    common::{between, create, fails, get, objects, ok, put},
    uploads::{begin, document},
};
use testkit::on_every_engine;

#[tokio::test]
async fn a_part_can_be_a_range_of_an_object() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        put(&bed, "/photos/source", "0123456789").await;
        let id = begin(&bed, "/photos/a", &[]).await;
        let path = format!("/photos/a?partNumber=1&uploadId={id}");
        let source = ("x-amz-copy-source", "/photos/source");
        let range = |range| [source, ("x-amz-copy-source-range", range)];
        let code = fails(&bed, "PUT", &path, &range("bytes=0-10"), "").await.1;
        assert_eq!(code, "InvalidArgument");
        let reply = ok(&bed, "PUT", &path, &range("bytes=2-4"), "").await.text();
        let etag = between(&reply, "ETag").replace("&quot;", "\"");
        let list = document(&[(1, &etag)]);
        ok(&bed, "POST", &format!("/photos/a?uploadId={id}"), &[], list).await;
        assert_eq!(get(&bed, "/photos/a").await.body, "234");
    })
    .await;
}
