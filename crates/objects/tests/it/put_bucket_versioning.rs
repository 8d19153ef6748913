use crate::common::{create, fails, objects};
use testkit::on_memory;

#[tokio::test]
async fn versioning_is_on_or_suspended_and_without_mfa() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        let code = async |document: &str| {
            let document = format!("<VersioningConfiguration>{document}</VersioningConfiguration>");
            fails(&bed, "PUT", "/photos?versioning", &[], document).await.1
        };
        assert_eq!(code("").await, "IllegalVersioningConfigurationException");
        let mfa = "<Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>";
        assert_eq!(code(mfa).await, "NotImplemented");
    })
    .await;
}
