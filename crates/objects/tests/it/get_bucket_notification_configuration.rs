use crate::{
    common::{between, create, get, ok},
    fake_queue::{arn, objects_and_queue},
};
use testkit::on_every_engine;

#[tokio::test]
async fn notifications_are_told_as_they_were_put() {
    on_every_engine(objects_and_queue, async |bed| {
        create(&bed, "photos").await;
        let path = "/photos?notification";
        let none = get(&bed, path).await.text();
        assert!(!none.contains("QueueConfiguration"), "{none}");
        let document = format!(
            "<NotificationConfiguration><QueueConfiguration><Id>one</Id><Queue>{}</Queue>\
             <Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>prefix</Name>\
             <Value>in/</Value></FilterRule></S3Key></Filter></QueueConfiguration>\
             </NotificationConfiguration>",
            arn("jobs")
        );
        ok(&bed, "PUT", path, &[], document).await;
        let found = get(&bed, path).await.text();
        let values = ["Id", "Queue", "Event", "Name", "Value"].map(|name| between(&found, name));
        assert_eq!(values, ["one", &arn("jobs"), "s3:ObjectCreated:*", "prefix", "in/"]);
        ok(&bed, "PUT", path, &[], "<NotificationConfiguration/>").await;
        assert_eq!(get(&bed, path).await.text(), none);
    })
    .await;
}
