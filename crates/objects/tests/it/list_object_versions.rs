use crate::common::{all_between, between, create_versioned, get, objects, ok, put};
use testkit::on_every_engine;

#[tokio::test]
async fn versions_are_listed_newest_first_page_by_page() {
    on_every_engine(objects, async |bed| {
        create_versioned(&bed, "photos").await;
        for body in ["1", "22", "333"] {
            put(&bed, "/photos/a", body).await;
        }
        put(&bed, "/photos/b", "x").await;
        ok(&bed, "DELETE", "/photos/a", &[], "").await;
        let all = get(&bed, "/photos?versions").await.text();
        assert_eq!(all_between(&all, "Size"), ["3", "2", "1", "1"]);
        assert_eq!(all_between(&all, "DeleteMarker").len(), 1);
        assert_eq!(between(&between(&all, "DeleteMarker"), "IsLatest"), "true");
        let latest = all_between(&all, "IsLatest");
        assert_eq!(latest.iter().filter(|latest| *latest == "true").count(), 2);
        let (mut found, mut markers) = (Vec::new(), String::new());
        loop {
            let page = get(&bed, &format!("/photos?versions&max-keys=1{markers}")).await.text();
            found.extend(all_between(&page, "VersionId"));
            if between(&page, "IsTruncated") == "false" {
                break;
            }
            let (key, id) =
                (between(&page, "NextKeyMarker"), between(&page, "NextVersionIdMarker"));
            markers = format!("&key-marker={key}&version-id-marker={id}");
        }
        let mut expected = all_between(&all, "VersionId");
        expected.sort();
        found.sort();
        assert_eq!(found, expected);
    })
    .await;
}
