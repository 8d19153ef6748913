use crate::common::{all_between, create, fails, get, objects, ok};
use testkit::{on_every_engine, on_memory};

/// The document of such tags.
pub(crate) fn tagging(tags: &[(&str, &str)]) -> String {
    let tag =
        |(key, value): &(&str, &str)| format!("<Tag><Key>{key}</Key><Value>{value}</Value></Tag>");
    let tags: String = tags.iter().map(tag).collect();
    format!("<Tagging><TagSet>{tags}</TagSet></Tagging>")
}

#[tokio::test]
async fn tags_replace_those_that_were_there() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        for tags in [&[("team", "blue"), ("stage", "test")][..], &[("team", "red")]] {
            ok(&bed, "PUT", "/photos?tagging", &[], tagging(tags)).await;
        }
        let text = get(&bed, "/photos?tagging").await.text();
        assert_eq!(all_between(&text, "Key"), ["team"]);
        assert_eq!(all_between(&text, "Value"), ["red"]);
    })
    .await;
}

#[tokio::test]
async fn tags_that_cannot_be_are_refused() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        let code = async |tags: &[(&str, &str)]| {
            fails(&bed, "PUT", "/photos?tagging", &[], tagging(tags)).await.1
        };
        assert_eq!(code(&[("a", "1"), ("a", "2")]).await, "InvalidTag");
        assert_eq!(code(&[("aws:a", "1")]).await, "InvalidTag");
        let keys: Vec<String> = (0..51).map(|number| format!("k{number}")).collect();
        let many: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "")).collect();
        assert_eq!(code(&many).await, "BadRequest");
        ok(&bed, "PUT", "/photos?tagging", &[], tagging(&many[..50])).await;
    })
    .await;
}
