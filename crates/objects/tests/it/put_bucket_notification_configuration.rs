use crate::{
    common::{create, create_versioned, fails, header, ok, put},
    fake_queue::{arn, objects_and_queue, received},
};
use serde_json::json;
use testkit::{Bed, on_every_engine, on_memory};

fn configuration(queue: &str, event: &str, filter: &str) -> String {
    format!(
        "<QueueConfiguration><Queue>{}</Queue><Event>{event}</Event>{filter}</QueueConfiguration>",
        arn(queue)
    )
}

fn suffix(value: &str) -> String {
    format!(
        "<Filter><S3Key><FilterRule><Name>suffix</Name><Value>{value}</Value></FilterRule></S3Key>\
         </Filter>"
    )
}

async fn notify(bed: &Bed, configurations: &str) {
    let document =
        format!("<NotificationConfiguration>{configurations}</NotificationConfiguration>");
    ok(bed, "PUT", "/photos?notification", &[], document).await;
}

#[tokio::test]
async fn an_upload_is_told_in_the_official_form() {
    on_every_engine(objects_and_queue, async |bed| {
        create(&bed, "photos").await;
        notify(&bed, &configuration("jobs", "s3:ObjectCreated:*", &suffix(".jpg"))).await;
        put(&bed, "/photos/in/red%20rose.jpg", "hello").await;
        put(&bed, "/photos/in/red.png", "hello").await;
        let events = received(&bed, "jobs").await;
        assert_eq!(events.len(), 2, "{events:?}");
        assert_eq!(
            (&events[0]["Event"], &events[0]["Bucket"]),
            (&json!("s3:TestEvent"), &json!("photos"))
        );
        let record = &events[1]["Records"][0];
        assert_eq!(record["eventVersion"], "2.1");
        assert_eq!(record["eventSource"], "aws:s3");
        assert_eq!(record["eventName"], "ObjectCreated:Put");
        assert_eq!(record["eventTime"], "2027-01-15T08:00:00.000Z");
        assert_eq!(record["awsRegion"], "eu-central-1");
        assert_eq!(record["requestParameters"]["sourceIPAddress"], "127.0.0.1");
        let told = &record["s3"];
        assert_eq!(told["bucket"]["arn"], "arn:aws:s3:::photos");
        assert_eq!(told["object"]["key"], "in/red+rose.jpg");
        assert_eq!(told["object"]["size"], 5);
        assert_eq!(told["object"]["eTag"], "5d41402abc4b2a76b9719d911017c592");
        assert_eq!(told["object"]["sequencer"].as_str().unwrap().len(), 18);
        assert_eq!(told["object"].get("versionId"), None);
    })
    .await;
}

#[tokio::test]
async fn sequencers_of_a_key_grow_with_its_writes() {
    on_every_engine(objects_and_queue, async |bed| {
        create(&bed, "photos").await;
        let all = configuration("jobs", "s3:ObjectCreated:*", "");
        let removed = configuration("gone", "s3:ObjectRemoved:*", "");
        notify(&bed, &(all + &removed)).await;
        for _ in 0..3 {
            put(&bed, "/photos/a", "x").await;
            ok(&bed, "DELETE", "/photos/a", &[], "").await;
        }
        let sequencers = async |queue: &str| -> Vec<String> {
            let events = received(&bed, queue).await;
            let records = events.iter().filter_map(|event| event.get("Records"));
            records
                .map(|r| r[0]["s3"]["object"]["sequencer"].as_str().unwrap().to_owned())
                .collect()
        };
        let (created, removed) = (sequencers("jobs").await, sequencers("gone").await);
        let merged: Vec<&String> = created.iter().zip(&removed).flat_map(|(a, b)| [a, b]).collect();
        assert_eq!(merged.len(), 6);
        assert!(merged.is_sorted_by(|a, b| a < b), "{merged:?}");
    })
    .await;
}

#[tokio::test]
async fn deletions_and_delete_markers_are_different_events() {
    on_every_engine(objects_and_queue, async |bed| {
        create_versioned(&bed, "photos").await;
        notify(&bed, &configuration("jobs", "s3:ObjectRemoved:*", "")).await;
        let reply = put(&bed, "/photos/a", "x").await;
        let id = header(&reply, "x-amz-version-id");
        ok(&bed, "DELETE", "/photos/a", &[], "").await;
        ok(&bed, "DELETE", &format!("/photos/a?versionId={id}"), &[], "").await;
        // What is not there cannot be removed.
        ok(&bed, "DELETE", &format!("/photos/a?versionId={id}"), &[], "").await;
        let events = received(&bed, "jobs").await;
        let names: Vec<_> =
            events[1..].iter().map(|e| e["Records"][0]["eventName"].clone()).collect();
        assert_eq!(names, ["ObjectRemoved:DeleteMarkerCreated", "ObjectRemoved:Delete"]);
        assert_eq!(events[2]["Records"][0]["s3"]["object"]["versionId"], id);
    })
    .await;
}

#[tokio::test]
async fn an_upload_that_is_refused_tells_nothing() {
    on_every_engine(objects_and_queue, async |bed| {
        create(&bed, "photos").await;
        notify(&bed, &configuration("jobs", "s3:ObjectCreated:*", "")).await;
        put(&bed, "/photos/a", "x").await;
        fails(&bed, "PUT", "/photos/a", &[("if-none-match", "*")], "y").await;
        assert_eq!(received(&bed, "jobs").await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn configurations_that_cannot_work_are_refused() {
    on_memory(objects_and_queue, async |bed| {
        create(&bed, "photos").await;
        let code = async |configurations: &str| {
            let document =
                format!("<NotificationConfiguration>{configurations}</NotificationConfiguration>");
            fails(&bed, "PUT", "/photos?notification", &[], document).await.1
        };
        let all = "s3:ObjectCreated:*";
        assert_eq!(code(&configuration("missing", all, "")).await, "InvalidArgument");
        let both = configuration("a", all, "") + &configuration("b", "s3:ObjectCreated:Put", "");
        assert_eq!(code(&both).await, "InvalidArgument");
        assert_eq!(code(&configuration("a", "s3:ObjectRestore:*", "")).await, "NotImplemented");
        let topic = "<TopicConfiguration><Topic>arn:aws:sns:eu-central-1:000000000000:t</Topic>\
                     <Event>s3:ObjectCreated:*</Event></TopicConfiguration>";
        assert_eq!(code(topic).await, "NotImplemented");
        assert_eq!(code("<EventBridgeConfiguration/>").await, "NotImplemented");
        assert_eq!(received(&bed, "a").await.len(), 0);
    })
    .await;
}
