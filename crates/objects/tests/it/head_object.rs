use crate::common::{ask, create, header, objects, ok};
use testkit::on_every_engine;

#[tokio::test]
async fn a_head_tells_what_a_get_would() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let headers = [("content-type", "text/plain"), ("x-amz-checksum-sha256", SHA256)];
        ok(&bed, "PUT", "/photos/a", &headers, "hello").await;
        let reply = ok(&bed, "HEAD", "/photos/a", &[("x-amz-checksum-mode", "ENABLED")], "").await;
        assert_eq!(header(&reply, "content-length"), "5");
        assert_eq!(header(&reply, "content-type"), "text/plain");
        assert_eq!(header(&reply, "last-modified"), "Fri, 15 Jan 2027 08:00:00 GMT");
        assert_eq!(header(&reply, "x-amz-checksum-sha256"), SHA256);
        assert_eq!(reply.body.len(), 0);
        let reply = ok(&bed, "HEAD", "/photos/a", &[("range", "bytes=1-2")], "").await;
        assert_eq!((reply.status, header(&reply, "content-length")), (206, "2"));
        assert_eq!(header(&reply, "x-amz-checksum-sha256"), "");
        assert_eq!(ask(&bed.root(), "HEAD", "/photos/b", &[], "").await.status, 404);
    })
    .await;
}

const SHA256: &str = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
