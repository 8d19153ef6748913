use crate::common::{MASTER_KEY, change, ok, put, secrets};
use kv::{Range, Scan, Tag};
use serde_json::json;
use service::{Inspection, tag};
use testkit::on_memory;

#[tokio::test]
async fn what_is_stored_passes_a_check_hides_secrets_and_opens_only_with_its_key() {
    on_memory(secrets, async |bed| {
        put(&bed, "p", "1").await;
        change(&bed, "p", "2").await;
        let secret = json!({"Name": "s", "Value": "hunter2", "Type": "SecureString"});
        ok(&bed, "PutParameter", secret).await;
        change(&bed, "s", "hunter3").await;
        let (right, wrong) = (secrets::records(&MASTER_KEY), secrets::records(&[8; 32]));
        let mut failures = 0;
        let mut tx = bed.platform.store.begin();
        for (right, wrong) in right.iter().zip(&wrong) {
            let Tag(number) = right.tag;
            let range = Range::prefix(&number.to_be_bytes());
            let entries = tx.scan(&range, Scan::first(usize::MAX)).await.unwrap();
            assert!(!entries.is_empty(), "{}", right.name);
            for entry in &entries {
                assert!(!String::from_utf8_lossy(&entry.value).contains("hunter"));
                (right.inspect)(entry, &mut Inspection::default()).unwrap();
                failures +=
                    usize::from((wrong.inspect)(entry, &mut Inspection::default()).is_err());
            }
        }
        assert_eq!(failures, 2);
        assert!(
            right.iter().all(|records| (tag::SECRETS..tag::SECRETS + 32).contains(&records.tag.0))
        );
    })
    .await;
}
