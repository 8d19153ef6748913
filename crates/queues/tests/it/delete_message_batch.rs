use crate::common::{batch, counts, create, queues, receive, send};
use serde_json::{Value, json};
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn each_entry_is_deleted_by_itself() {
    on_every_engine(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        for body in ["a", "b", "c"] {
            send(&bed, &url, body).await;
        }
        let received = receive(&bed, &url).await;
        let entry =
            |n: usize| json!({"Id": n.to_string(), "ReceiptHandle": received[n]["ReceiptHandle"]});
        let entries = json!([entry(0), {"Id": "bad", "ReceiptHandle": "?"}, entry(1)]);
        let input = json!({"QueueUrl": url, "Entries": entries});
        let answer = bed.ok("sqs", "DeleteMessageBatch", input).await;
        let (done, failed) = batch(&answer);
        assert_eq!((done, failed), (vec!["0", "1"], vec![("bad", "ReceiptHandleIsInvalid")]));
        assert_eq!(answer["Failed"][0]["SenderFault"], true);
        assert_eq!(answer["Failed"][0]["Message"], "The input receipt handle is invalid.");
        assert_eq!(counts(&bed, &url).await, [0, 1, 0]);
    })
    .await;
}

/// Texts as SQS answers them, for the three batch operations.
#[tokio::test]
async fn a_batch_has_one_to_ten_entries_with_distinct_ids() {
    on_memory(queues, async |bed| {
        let url = create(&bed, "jobs", json!({})).await;
        let entry = |id: &str| json!({"Id": id, "ReceiptHandle": "x"});
        let eleven: Vec<Value> = (0..11).map(|n| entry(&n.to_string())).collect();
        let long = "i".repeat(81);
        let id_text = "A batch entry id can only contain alphanumeric characters, hyphens and \
                       underscores. It can be at most 80 letters long.";
        let cases = [
            (
                json!([]),
                "EmptyBatchRequest",
                "There should be at least one DeleteMessageBatchRequestEntry in the request.",
            ),
            (
                json!(eleven),
                "TooManyEntriesInBatchRequest",
                "Maximum number of entries per request are 10. You have sent 11.",
            ),
            (json!([entry("a"), entry("a")]), "BatchEntryIdsNotDistinct", "Id a repeated."),
            (json!([entry("a:b")]), "InvalidBatchEntryId", id_text),
            (json!([entry("")]), "InvalidBatchEntryId", id_text),
            (json!([entry(&long)]), "InvalidBatchEntryId", id_text),
        ];
        for (entries, code, text) in cases {
            let input = json!({"QueueUrl": url, "Entries": entries});
            let reply = bed.root().json("sqs", "DeleteMessageBatch", &input).await;
            let query = format!("AWS.SimpleQueueService.{code};Sender");
            assert_eq!(reply.headers["x-amzn-query-error"], query);
            assert_eq!(reply.fault(), (code.to_owned(), text.to_owned()));
        }
    })
    .await;
}
