use crate::{
    common::{all_between, create, create_versioned, fails, get, header, ok, put},
    fake_queue::{arn, objects_and_queue, received},
};
use testkit::{on_every_engine, on_memory};

pub(crate) fn tags(tags: &[(&str, &str)]) -> String {
    let tags: Vec<String> = tags
        .iter()
        .map(|(key, value)| format!("<Tag><Key>{key}</Key><Value>{value}</Value></Tag>"))
        .collect();
    format!("<Tagging><TagSet>{}</TagSet></Tagging>", tags.concat())
}

#[tokio::test]
async fn tags_are_replaced_and_told() {
    on_every_engine(objects_and_queue, async |bed| {
        create_versioned(&bed, "photos").await;
        let document = format!(
            "<NotificationConfiguration><QueueConfiguration><Queue>{}</Queue>\
             <Event>s3:ObjectTagging:*</Event></QueueConfiguration></NotificationConfiguration>",
            arn("jobs")
        );
        ok(&bed, "PUT", "/photos?notification", &[], document).await;
        let reply = put(&bed, "/photos/a", "x").await;
        let id = header(&reply, "x-amz-version-id");
        put(&bed, "/photos/a", "y").await;
        ok(&bed, "PUT", "/photos/a?tagging", &[], tags(&[("a", "1"), ("b", "2")])).await;
        ok(&bed, "PUT", "/photos/a?tagging", &[], tags(&[("c", "3")])).await;
        let old = format!("/photos/a?tagging&versionId={id}");
        ok(&bed, "PUT", &old, &[], tags(&[("old", "4")])).await;
        assert_eq!(all_between(&get(&bed, "/photos/a?tagging").await.text(), "Key"), ["c"]);
        assert_eq!(all_between(&get(&bed, &old).await.text(), "Key"), ["old"]);
        let events = received(&bed, "jobs").await;
        let names: Vec<_> =
            events[1..].iter().map(|e| e["Records"][0]["eventName"].clone()).collect();
        assert_eq!(names, ["ObjectTagging:Put"; 3]);
        assert_eq!(events[3]["Records"][0]["s3"]["object"]["versionId"], id);
        assert_eq!(get(&bed, "/photos/a").await.body, "y");
    })
    .await;
}

#[tokio::test]
async fn tags_that_cannot_be_are_refused() {
    on_memory(objects_and_queue, async |bed| {
        create(&bed, "photos").await;
        let put_tags =
            async |document: String| fails(&bed, "PUT", "/photos/a?tagging", &[], document).await.1;
        assert_eq!(put_tags(tags(&[("a", "1")])).await, "NoSuchKey");
        put(&bed, "/photos/a", "x").await;
        assert_eq!(put_tags(tags(&[("a", "1"), ("a", "2")])).await, "InvalidTag");
        assert_eq!(put_tags(tags(&[("aws:a", "1")])).await, "InvalidTag");
        let keys: Vec<String> = (0..11).map(|n| n.to_string()).collect();
        let many: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "")).collect();
        assert_eq!(put_tags(tags(&many)).await, "BadRequest");
    })
    .await;
}
