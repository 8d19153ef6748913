use crate::{
    common::{create, fails, objects, ok},
    uploads::begin,
};
use testkit::on_every_engine;

#[tokio::test]
async fn an_upload_that_is_given_up_is_gone() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let id = begin(&bed, "/photos/a", &[]).await;
        ok(&bed, "PUT", &format!("/photos/a?partNumber=1&uploadId={id}"), &[], "x").await;
        let path = format!("/photos/a?uploadId={id}");
        assert_eq!(ok(&bed, "DELETE", &path, &[], "").await.status, 204);
        let gone = (404, "NoSuchUpload".to_owned());
        assert_eq!(fails(&bed, "DELETE", &path, &[], "").await, gone);
        assert_eq!(fails(&bed, "GET", &path, &[], "").await, gone);
        ok(&bed, "DELETE", "/photos", &[], "").await;
    })
    .await;
}
