use crate::common::{arn, fault, logs, ok};
use serde_json::json;
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn a_created_group_is_described() {
    on_every_engine(logs, async |bed| {
        let input = json!({"logGroupName": "/aws/lambda/f", "tags": {"team": "a"}});
        ok(&bed, "CreateLogGroup", input).await;
        let answer = ok(&bed, "DescribeLogGroups", json!({})).await;
        let group = &answer["logGroups"][0];
        assert_eq!(group["logGroupName"], "/aws/lambda/f");
        assert_eq!(group["arn"], arn("/aws/lambda/f:*"));
        assert_eq!(group["logGroupArn"], arn("/aws/lambda/f"));
        assert_eq!(group["creationTime"], crate::common::now(&bed));
        assert_eq!((&group["storedBytes"], &group["metricFilterCount"]), (&json!(0), &json!(0)));
        assert!(group.get("retentionInDays").is_none() && answer.get("nextToken").is_none());
    })
    .await;
}

#[tokio::test]
async fn a_name_has_one_winner() {
    on_every_engine(logs, async |bed| {
        let create = || ok(&bed, "CreateLogGroup", json!({"logGroupName": "g"}));
        create().await;
        let (code, message) = fault(&bed, "CreateLogGroup", json!({"logGroupName": "g"})).await;
        assert_eq!(code, "ResourceAlreadyExistsException");
        assert_eq!(message, "The specified log group already exists");
    })
    .await;
}

#[tokio::test]
async fn what_is_not_supported_is_refused_by_name() {
    on_memory(logs, async |bed| {
        for (member, value) in [
            ("kmsKeyId", json!("arn:aws:kms:us-east-1:000000000000:key/k")),
            ("logGroupClass", json!("INFREQUENT_ACCESS")),
            ("deletionProtectionEnabled", json!(true)),
        ] {
            let mut input = json!({"logGroupName": "g"});
            input[member] = value.clone();
            let (code, message) = fault(&bed, "CreateLogGroup", input).await;
            assert_eq!(code, "UnsupportedOperation");
            let named = message.contains(member) || message.contains(value.as_str().unwrap_or("-"));
            assert!(named, "{message}");
        }
        let plain = json!({
            "logGroupName": "g", "logGroupClass": "STANDARD", "deletionProtectionEnabled": false
        });
        ok(&bed, "CreateLogGroup", plain).await;
    })
    .await;
}

#[tokio::test]
async fn a_name_that_cannot_be_is_refused() {
    on_memory(logs, async |bed| {
        let (code, message) = fault(&bed, "CreateLogGroup", json!({"logGroupName": "a b"})).await;
        assert_eq!(code, "InvalidParameterException");
        assert_eq!(
            message,
            "1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+"
        );
        let (code, _) = fault(&bed, "CreateLogGroup", json!({"logGroupName": "aws/x"})).await;
        assert_eq!(code, "InvalidParameterException");
    })
    .await;
}

#[tokio::test]
async fn a_policy_for_the_group_is_enough_and_one_for_another_is_not() {
    on_memory(logs, async |bed| {
        let policy = |resource: String| {
            json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "logs:CreateLogGroup", "Resource": resource}
            ]})
        };
        let input = json!({"logGroupName": "g"});
        let other = bed.user("other", &policy(arn("h:*")));
        let (code, message) = other.fault("logs", "CreateLogGroup", input.clone()).await;
        assert_eq!(code, "AccessDeniedException");
        assert!(message.contains(&format!("resource: {}", arn("g:log-stream:"))), "{message}");
        bed.user("ada", &policy(arn("g:*"))).ok("logs", "CreateLogGroup", input).await;
    })
    .await;
}
