use crate::common::{arn, attributes, create, queues, send};
use serde_json::{Value, json};
use testkit::{on_every_engine, on_memory};

fn input(url: &str, label: &str, actions: &[&str]) -> Value {
    let accounts = [testkit::ACCOUNT];
    json!({"QueueUrl": url, "Label": label, "AWSAccountIds": accounts, "Actions": actions})
}

/// The document as SQS writes it.
#[tokio::test]
async fn a_permission_is_a_statement_in_the_policy() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        bed.ok("sqs", "AddPermission", input(&url, "one", &["ReceiveMessage"])).await;
        let policy = attributes(&bed, &url, &["Policy"]).await["Policy"].clone();
        let policy: Value = serde_json::from_str(policy.as_str().unwrap()).unwrap();
        let expected = json!({
            "Version": "2008-10-17",
            "Id": format!("{}/SQSDefaultPolicy", arn("jobs")),
            "Statement": [{
                "Sid": "one",
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
                "Action": "SQS:ReceiveMessage",
                "Resource": arn("jobs"),
            }],
        });
        assert_eq!(policy, expected);
    })
    .await;
}

#[tokio::test]
async fn what_a_policy_gives_to_a_user_or_to_everyone_is_theirs_and_nothing_more() {
    on_every_engine(queues, async |bed| {
        let nothing = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*"}]});
        let ada = bed.user("ada", &nothing);
        let url = create(&bed, "jobs", json!({})).await;
        let message = json!({"QueueUrl": url, "MessageBody": "hello"});
        let (code, text) = ada.fault("sqs", "SendMessage", message.clone()).await;
        assert_eq!(code, "AccessDeniedException");
        assert!(text.contains("user/ada") && text.contains("sqs:SendMessage"), "{text}");
        let statement = |principal: Value, action: &str| {
            json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"})
        };
        let policy = json!({"Version": "2012-10-17", "Statement": [
            statement(json!({"AWS": "arn:aws:iam::000000000000:user/ada"}), "sqs:SendMessage"),
            statement(json!("*"), "sqs:GetQueueUrl"),
        ]});
        let attributes = json!({"Policy": policy.to_string()});
        let input = json!({"QueueUrl": url, "Attributes": attributes});
        bed.ok("sqs", "SetQueueAttributes", input).await;
        ada.ok("sqs", "SendMessage", message.clone()).await;
        let (code, _) = ada.fault("sqs", "ReceiveMessage", json!({"QueueUrl": url})).await;
        assert_eq!(code, "AccessDeniedException");
        let anonymous = bed.anonymous();
        let found = anonymous.ok("sqs", "GetQueueUrl", json!({"QueueName": "jobs"})).await;
        assert_eq!(found["QueueUrl"], url);
        let (code, _) = anonymous.fault("sqs", "SendMessage", message).await;
        assert_eq!(code, "MissingAuthenticationTokenException");
        send(&bed, &url, "root may always").await;
    })
    .await;
}

#[tokio::test]
async fn labels_actions_and_accounts_are_checked() {
    on_memory(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        bed.ok("sqs", "AddPermission", input(&url, "one", &["SendMessage"])).await;
        let eight = ["SendMessage"; 8];
        let cases: [(&str, &[&str], &str, &str); 4] = [
            (
                "one",
                &["SendMessage"],
                "InvalidParameterValue",
                "Value one for parameter Label is invalid. Reason: Already exists.",
            ),
            (
                "two",
                &["CreateQueue"],
                "InvalidParameterValue",
                "Value SQS:CreateQueue for parameter ActionName is invalid. Reason: Only the \
                 queue owner is allowed to invoke this action.",
            ),
            ("two", &eight, "OverLimit", "8 Actions were found, maximum allowed is 7."),
            ("two", &[], "MissingParameter", "The request must contain the parameter Actions."),
        ];
        for (label, actions, code, text) in cases {
            let fault = bed.fault("sqs", "AddPermission", input(&url, label, actions)).await;
            assert_eq!(fault, (code.to_owned(), text.to_owned()));
        }
        let mut nobody = input(&url, "two", &["SendMessage"]);
        nobody["AWSAccountIds"] = json!(["ada"]);
        let (code, text) = bed.fault("sqs", "AddPermission", nobody).await;
        assert_eq!(code, "InvalidParameterValue");
        assert_eq!(
            text,
            "Value [ada] for parameter PrincipalId is invalid. Reason: Unable to verify."
        );
    })
    .await;
}
