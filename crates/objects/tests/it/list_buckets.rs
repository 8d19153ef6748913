use crate::common::{all_between, between, create, get, objects};
use testkit::on_every_engine;

#[tokio::test]
async fn buckets_are_listed_in_pages_by_name() {
    on_every_engine(objects, async |bed| {
        for name in ["bbb", "aaa", "ab-c"] {
            create(&bed, name).await;
        }
        let all = get(&bed, "/").await.text();
        assert_eq!(all_between(&all, "Name"), ["aaa", "ab-c", "bbb"]);
        assert_eq!(between(&all, "ID").len(), 64);
        let first = get(&bed, "/?max-buckets=2").await.text();
        assert_eq!(all_between(&first, "Name"), ["aaa", "ab-c"]);
        let token = between(&first, "ContinuationToken");
        let second = get(&bed, &format!("/?continuation-token={token}")).await.text();
        assert_eq!(all_between(&second, "Name"), ["bbb"]);
        let some = get(&bed, "/?prefix=ab").await.text();
        assert_eq!(all_between(&some, "Name"), ["ab-c"]);
    })
    .await;
}
