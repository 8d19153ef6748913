use crate::common::{create, get, objects};
use testkit::on_every_engine;

#[tokio::test]
async fn a_location_is_text_in_the_root_element() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let text = get(&bed, "/photos?location").await.text();
        assert!(text.contains(">eu-central-1</LocationConstraint>"), "{text}");
    })
    .await;
}
