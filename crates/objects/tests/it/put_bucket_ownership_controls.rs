use crate::common::{create, fails, objects, ok};
use testkit::on_memory;

/// The document that says who owns objects.
pub(crate) fn controls(ownership: &str) -> String {
    format!(
        "<OwnershipControls><Rule><ObjectOwnership>{ownership}</ObjectOwnership></Rule>\
         </OwnershipControls>"
    )
}

#[tokio::test]
async fn objects_can_only_be_the_bucket_owners() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        ok(&bed, "PUT", "/photos?ownershipControls", &[], controls("BucketOwnerEnforced")).await;
        for other in ["ObjectWriter", "BucketOwnerPreferred"] {
            let refused = fails(&bed, "PUT", "/photos?ownershipControls", &[], controls(other));
            assert_eq!(refused.await, (501, "NotImplemented".to_owned()));
        }
        let none = "<OwnershipControls></OwnershipControls>";
        let refused = fails(&bed, "PUT", "/photos?ownershipControls", &[], none).await;
        assert_eq!(refused, (400, "MalformedXML".to_owned()));
    })
    .await;
}
