use crate::common::{all_between, between, create, get, objects, put};
use testkit::on_every_engine;

#[tokio::test]
async fn the_first_form_of_the_list_goes_on_behind_a_marker() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        for key in ["a/1", "a/2", "b", "c"] {
            put(&bed, &format!("/photos/{key}"), "x").await;
        }
        let list = get(&bed, "/photos?max-keys=2").await.text();
        assert_eq!(all_between(&list, "Key"), ["a/1", "a/2"]);
        assert_eq!(between(&list, "ID").len(), 64);
        let list = get(&bed, "/photos?marker=a%2F2").await.text();
        assert_eq!(all_between(&list, "Key"), ["b", "c"]);
        let list = get(&bed, "/photos?max-keys=1&delimiter=%2F").await.text();
        assert_eq!(between(&list, "NextMarker"), "a/");
        let list = get(&bed, "/photos?max-keys=1&delimiter=%2F&marker=a%2F").await.text();
        assert_eq!(all_between(&list, "Key"), ["b"]);
    })
    .await;
}
