use crate::{
    common::{all_between, between, create, get, objects, ok},
    uploads::begin,
};
use testkit::on_every_engine;

#[tokio::test]
async fn parts_are_listed_by_number_page_by_page() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let id = begin(&bed, "/photos/a", &[]).await;
        for number in [3, 1, 20] {
            let path = format!("/photos/a?partNumber={number}&uploadId={id}");
            ok(&bed, "PUT", &path, &[], "x".repeat(number)).await;
        }
        let path = format!("/photos/a?uploadId={id}&max-parts=2");
        let first = get(&bed, &path).await.text();
        assert_eq!(all_between(&first, "PartNumber"), ["1", "3"]);
        assert_eq!(all_between(&first, "Size"), ["1", "3"]);
        assert_eq!(between(&first, "IsTruncated"), "true");
        let marker = between(&first, "NextPartNumberMarker");
        let second = get(&bed, &format!("{path}&part-number-marker={marker}")).await.text();
        assert_eq!(all_between(&second, "PartNumber"), ["20"]);
        assert_eq!(between(&second, "IsTruncated"), "false");
    })
    .await;
}
