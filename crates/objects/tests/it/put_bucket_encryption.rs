use crate::common::{between, create, fails, get, header, objects, ok};
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
async fn the_own_key_of_the_service_is_told_back_and_objects_say_what_is_true() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        ok(&bed, "PUT", "/photos?encryption", &[], encryption("aws:kms", "")).await;
        let text = get(&bed, "/photos?encryption").await.text();
        assert_eq!(between(&text, "SSEAlgorithm"), "aws:kms");
        assert!(!text.contains("KMSMasterKeyID"), "{text}");

        let named = encryption("aws:kms</SSEAlgorithm><KMSMasterKeyID>alias/aws/s3", "")
            .replace("alias/aws/s3</SSEAlgorithm>", "alias/aws/s3</KMSMasterKeyID>");
        ok(&bed, "PUT", "/photos?encryption", &[], named).await;
        let text = get(&bed, "/photos?encryption").await.text();
        assert_eq!(between(&text, "KMSMasterKeyID"), "alias/aws/s3");

        let asked = [("x-amz-server-side-encryption", "aws:kms")];
        let reply = ok(&bed, "PUT", "/photos/a", &asked, "a").await;
        assert_eq!(header(&reply, "x-amz-server-side-encryption"), "AES256");
    })
    .await;
}

#[tokio::test]
async fn other_keys_of_kms_are_refused() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        let named = |key: &str| {
            encryption(&format!("aws:kms</SSEAlgorithm><KMSMasterKeyID>{key}"), "")
                .replace(&format!("{key}</SSEAlgorithm>"), &format!("{key}</KMSMasterKeyID>"))
        };
        let other = "arn:aws:kms:us-east-1:000000000000:key/1234";
        for document in [encryption("aws:kms:dsse", ""), named("alias/mine"), named(other)] {
            let refused = fails(&bed, "PUT", "/photos?encryption", &[], document).await;
            assert_eq!(refused, (501, "NotImplemented".to_owned()));
        }
    })
    .await;
}
