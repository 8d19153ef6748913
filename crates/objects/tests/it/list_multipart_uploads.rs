use crate::{
    common::{all_between, between, create, get, objects},
    uploads::begin,
};
use std::time::Duration;
use testkit::on_every_engine;

#[tokio::test]
async fn uploads_are_listed_by_key_and_then_by_their_beginning() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let mut ids = Vec::new();
        for key in ["b", "a", "a", "c%2Fd"] {
            bed.advance(Duration::from_secs(1));
            ids.push(begin(&bed, &format!("/photos/{key}"), &[]).await);
        }
        let all = get(&bed, "/photos?uploads&delimiter=%2F").await.text();
        assert_eq!(all_between(&all, "UploadId"), [&*ids[1], &*ids[2], &*ids[0]]);
        assert_eq!(between(&between(&all, "CommonPrefixes"), "Prefix"), "c/");
        let first = get(&bed, "/photos?uploads&max-uploads=1").await.text();
        let key = between(&first, "NextKeyMarker");
        let id = between(&first, "NextUploadIdMarker");
        assert_eq!((key.as_str(), &id), ("a", &ids[1]));
        let path = format!("/photos?uploads&key-marker={key}&upload-id-marker={id}");
        let rest = get(&bed, &path).await.text();
        assert_eq!(all_between(&rest, "UploadId"), [&*ids[2], &*ids[0], &*ids[3]]);
    })
    .await;
}
