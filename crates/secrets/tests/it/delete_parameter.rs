use crate::common::{change, code, get, ok, put, secrets};
use kv::{Range, Scan};
use serde_json::json;
use service::tag;
use testkit::on_every_engine;

#[tokio::test]
async fn a_deleted_parameter_leaves_nothing_but_a_count_of_none() {
    on_every_engine(secrets, async |bed| {
        put(&bed, "p", "1").await;
        change(&bed, "p", "2").await;
        ok(&bed, "DeleteParameter", json!({"Name": "p"})).await;
        assert_eq!(code(&bed, "DeleteParameter", json!({"Name": "p"})).await, "ParameterNotFound");
        let mut tx = bed.platform.store.begin();
        let block = |first: u16| first.to_be_bytes().to_vec().into();
        let range = Range::new(block(tag::SECRETS), block(tag::SECRETS + 32));
        let left = tx.scan(&range, Scan::first(usize::MAX)).await.unwrap();
        assert!(left.iter().all(|entry| entry.value[..] == [0; 8]), "{left:?}");
        put(&bed, "p", "again").await;
        assert_eq!(get(&bed, "p").await["Version"], 1);
    })
    .await;
}
