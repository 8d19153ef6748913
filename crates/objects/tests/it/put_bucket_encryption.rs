use crate::common::{between, create, fails, get, objects, ok};
use testkit::{on_every_engine, on_memory};

/// The document that asks for an algorithm.
pub(crate) fn encryption(algorithm: &str, more: &str) -> String {
    format!(
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
         <SSEAlgorithm>{algorithm}</SSEAlgorithm></ApplyServerSideEncryptionByDefault>{more}</Rule>\
         </ServerSideEncryptionConfiguration>"
    )
}

#[tokio::test]
async fn a_bucket_key_is_told_back() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let document = encryption("AES256", "<BucketKeyEnabled>true</BucketKeyEnabled>");
        ok(&bed, "PUT", "/photos?encryption", &[], document).await;
        let text = get(&bed, "/photos?encryption").await.text();
        assert_eq!(between(&text, "BucketKeyEnabled"), "true");
    })
    .await;
}

#[tokio::test]
async fn keys_of_kms_are_refused() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        for algorithm in ["aws:kms", "aws:kms:dsse"] {
            let refused =
                fails(&bed, "PUT", "/photos?encryption", &[], encryption(algorithm, "")).await;
            assert_eq!(refused, (501, "NotImplemented".to_owned()));
        }
    })
    .await;
}
