use crate::common::{create_plain, fault, invalid, ok, services};
use serde_json::{Value, json};
use testkit::{on_every_engine, on_memory};

const ARN: &str = "arn:aws:dynamodb:eu-central-1:000000000000:table/abc";

#[tokio::test]
async fn a_tag_is_added_or_replaced() {
    on_every_engine(services, async |bed| {
        create_plain(&bed, "abc").await;
        let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]);
        ok(&bed, "TagResource", json!({"ResourceArn": ARN, "Tags": tags})).await;
        let tags = json!([{"Key": "b", "Value": "3"}]);
        ok(&bed, "TagResource", json!({"ResourceArn": ARN, "Tags": tags})).await;
        let answer = ok(&bed, "ListTagsOfResource", json!({ "ResourceArn": ARN })).await;
        let expected = json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "3"}]);
        assert_eq!(answer, json!({ "Tags": expected }));
    })
    .await;
}

/// Texts as the service gives them.
#[tokio::test]
async fn wrong_tags_are_refused_with_the_official_text() {
    on_memory(services, async |bed| {
        create_plain(&bed, "abc").await;
        let many: Vec<Value> =
            (0..51).map(|at| json!({"Key": format!("k{at}"), "Value": ""})).collect();
        for (arn, tags, text) in [
            (ARN, json!([]), "Atleast one Tag needs to be provided as Input."),
            (
                ARN,
                json!(many),
                "Number of Tags exceed the current limit for the provided ResourceArn",
            ),
            (
                ARN,
                json!([{"Key": "AWS:a", "Value": ""}]),
                "Tag Key cannot be prefixed with aws:, Key: AWS:a",
            ),
            (
                "abc",
                json!([{"Key": "a", "Value": ""}]),
                "One or more parameter values were invalid: ARNs must start with 'arn:': abc",
            ),
        ] {
            let input = json!({"ResourceArn": arn, "Tags": tags});
            assert_eq!(invalid(&bed, "TagResource", input).await, text);
        }
        let none = "arn:aws:dynamodb:eu-central-1:000000000000:table/none";
        let input = json!({"ResourceArn": none, "Tags": [{"Key": "a", "Value": ""}]});
        assert_eq!(
            fault(&bed, "TagResource", input).await,
            (
                "ResourceNotFoundException".to_owned(),
                format!("Requested resource not found: ResourcArn: {none} not found")
            )
        );
    })
    .await;
}
