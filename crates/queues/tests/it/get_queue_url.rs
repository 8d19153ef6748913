use crate::common::{bodies, create, queues, receive, send};
use serde_json::json;
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn a_queue_is_found_by_its_name() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        for owner in [json!(null), json!(testkit::ACCOUNT)] {
            let mut input = json!({"QueueName": "jobs"});
            if !owner.is_null() {
                input["QueueOwnerAWSAccountId"] = owner;
            }
            assert_eq!(bed.ok("sqs", "GetQueueUrl", input).await["QueueUrl"], url);
        }
        for input in [
            json!({"QueueName": "none"}),
            json!({"QueueName": "not a name"}),
            json!({"QueueName": "jobs", "QueueOwnerAWSAccountId": "111111111111"}),
        ] {
            let (code, text) = bed.fault("sqs", "GetQueueUrl", input).await;
            assert_eq!(code, "QueueDoesNotExist");
            assert_eq!(text, "The specified queue does not exist.");
        }
    })
    .await;
}

/// Templates, proxies and containers know the host by other names.
#[tokio::test]
async fn a_url_of_any_host_names_the_queue_by_its_path() {
    on_memory(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        let forms = [
            "http://localhost:4566/000000000000/jobs",
            "https://sqs.eu-central-1.amazonaws.com/000000000000/jobs",
            "http://pileus.example/queue/000000000000/jobs/",
            "/000000000000/jobs",
            "000000000000/jobs",
        ];
        for form in forms {
            send(&bed, form, form).await;
        }
        let mut expected = forms;
        expected.sort_unstable();
        assert_eq!(bodies(&receive(&bed, &url).await), expected);
        for (form, expected) in [
            ("jobs", "InvalidAddress"),
            ("http://127.0.0.1:4566", "InvalidAddress"),
            ("http://127.0.0.1:4566/jobs", "InvalidAddress"),
            ("http://127.0.0.1:4566/111111111111/jobs", "QueueDoesNotExist"),
            ("http://127.0.0.1:4566/000000000000/job", "QueueDoesNotExist"),
        ] {
            let input = json!({"QueueUrl": form, "MessageBody": "x"});
            assert_eq!(bed.fault("sqs", "SendMessage", input).await.0, expected, "{form}");
        }
    })
    .await;
}
