use crate::{
    common::{fails, header, objects, ok},
    put_object_lock_configuration::create_locked,
};
use testkit::on_every_engine;

#[tokio::test]
async fn a_hold_keeps_a_version_until_it_is_let_go() {
    on_every_engine(objects, async |bed| {
        create_locked(&bed, "photos").await;
        let reply = ok(&bed, "PUT", "/photos/a", &[], "x").await;
        let version = format!("/photos/a?versionId={}", header(&reply, "x-amz-version-id"));
        let hold = |status: &str| format!("<LegalHold><Status>{status}</Status></LegalHold>");
        ok(&bed, "PUT", "/photos/a?legal-hold", &[], hold("ON")).await;
        let bypass = [("x-amz-bypass-governance-retention", "true")];
        assert_eq!(fails(&bed, "DELETE", &version, &bypass, "").await.1, "AccessDenied");
        let bad = fails(&bed, "PUT", "/photos/a?legal-hold", &[], hold("MAYBE")).await;
        assert_eq!(bad.1, "MalformedXML");
        ok(&bed, "PUT", "/photos/a?legal-hold", &[], hold("OFF")).await;
        ok(&bed, "DELETE", &version, &[], "").await;
    })
    .await;
}
