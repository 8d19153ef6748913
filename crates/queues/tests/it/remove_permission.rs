use crate::common::{attributes, create, queues};
use serde_json::{Value, json};
use testkit::on_every_engine;

#[tokio::test]
async fn a_label_is_removed_and_the_rest_of_the_policy_stays() {
    on_every_engine(queues, async |bed| {
        let statement = |label: &str| {
            json!({
                "Sid": label,
                "Effect": "Allow",
                "Principal": "*",
                "Action": "sqs:SendMessage",
                "Resource": "*",
            })
        };
        let policy = json!({
            "Version": "2012-10-17",
            "Id": "mine",
            "Statement": [statement("one"), statement("two")],
        });
        let url = create(&bed, "jobs", json!({"Policy": policy.to_string()})).await;
        let remove = |label: &str| json!({"QueueUrl": url, "Label": label});
        bed.ok("sqs", "RemovePermission", remove("one")).await;
        let left = attributes(&bed, &url, &["Policy"]).await["Policy"].clone();
        let left: Value = serde_json::from_str(left.as_str().unwrap()).unwrap();
        let expected =
            json!({"Version": "2012-10-17", "Id": "mine", "Statement": [statement("two")]});
        assert_eq!(left, expected);
        bed.ok("sqs", "RemovePermission", remove("two")).await;
        assert_eq!(attributes(&bed, &url, &["Policy"]).await, Value::Null);
        let (code, text) = bed.fault("sqs", "RemovePermission", remove("two")).await;
        assert_eq!(code, "InvalidParameterValue");
        assert_eq!(text, "Value two for parameter Label is invalid. Reason: can't find label.");
    })
    .await;
}
