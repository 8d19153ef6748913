use crate::common::{
    create_plain, create_sorted, invalid, long, ok, put, services, texts, unsupported,
};
use serde_json::{Value, json};
use testkit::{Bed, on_every_engine, on_memory};

async fn with_items(bed: &Bed, count: usize) {
    create_plain(bed, "abc").await;
    for at in 0..count {
        put(bed, "abc", json!({"p": {"S": format!("{at:03}")}, "n": {"N": at.to_string()}})).await;
    }
}

/// All pages of a scan: the partition keys.
async fn pages(bed: &Bed, mut input: Value) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    loop {
        let page = ok(bed, "Scan", input.clone()).await;
        pages.push(texts(&page, "p"));
        if page["LastEvaluatedKey"].is_null() {
            return pages;
        }
        input["ExclusiveStartKey"] = page["LastEvaluatedKey"].clone();
    }
}

fn expected(count: usize) -> Vec<String> {
    (0..count).map(|at| format!("{at:03}")).collect()
}

#[tokio::test]
async fn a_scan_finds_every_item_once() {
    on_every_engine(services, async |bed| {
        with_items(&bed, 40).await;
        let found = pages(&bed, json!({"TableName": "abc"})).await;
        assert_eq!(found.len(), 1);
        let mut all = found.concat();
        all.sort();
        assert_eq!(all, expected(40));
        // Pages of seven: five, and one of the last five.
        let limited = pages(&bed, json!({"TableName": "abc", "Limit": 7})).await;
        assert_eq!((limited.len(), limited.concat()), (6, found.concat()));
    })
    .await;
}

#[tokio::test]
async fn segments_share_a_table_among_workers() {
    on_every_engine(services, async |bed| {
        with_items(&bed, 40).await;
        let mut all = Vec::new();
        for segment in 0..4 {
            let input =
                json!({"TableName": "abc", "TotalSegments": 4, "Segment": segment, "Limit": 3});
            let found = pages(&bed, input).await.concat();
            assert!((1..25).contains(&found.len()), "{}", found.len());
            all.extend(found);
        }
        all.sort();
        assert_eq!(all, expected(40));
    })
    .await;
}

#[tokio::test]
async fn a_start_key_of_another_segment_is_refused() {
    on_memory(services, async |bed| {
        with_items(&bed, 20).await;
        let input =
            |segment: u32| json!({"TableName": "abc", "TotalSegments": 2, "Segment": segment});
        let first = ok(&bed, "Scan", input(0)).await;
        let mut second = input(1);
        second["ExclusiveStartKey"] = json!({"p": first["Items"][0]["p"]});
        assert_eq!(
            invalid(&bed, "Scan", second).await,
            "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use \
             ExclusiveStartKey with correct Segment. TotalSegments: 2 Segment: 1"
        );
    })
    .await;
}

#[tokio::test]
async fn a_page_ends_at_one_megabyte() {
    on_memory(services, async |bed| {
        create_plain(&bed, "abc").await;
        for at in 0..7 {
            put(&bed, "abc", json!({"p": {"S": at.to_string()}, "x": {"S": long(300_000)}})).await;
        }
        let found = pages(&bed, json!({"TableName": "abc", "ProjectionExpression": "p"})).await;
        let sizes: Vec<usize> = found.iter().map(Vec::len).collect();
        assert_eq!(sizes, [3, 3, 1]);
    })
    .await;
}

#[tokio::test]
async fn filters_may_ask_for_keys_and_counts_leave_out_the_items() {
    on_every_engine(services, async |bed| {
        with_items(&bed, 10).await;
        let mut input = json!({
            "TableName": "abc",
            "FilterExpression": "p < :p AND n >= :n",
            "ExpressionAttributeValues": {":p": {"S": "007"}, ":n": {"N": "5"}},
            "ReturnConsumedCapacity": "TOTAL",
            "ConsistentRead": true,
        });
        let page = ok(&bed, "Scan", input.clone()).await;
        let mut found = texts(&page, "p");
        found.sort();
        assert_eq!(found, ["005", "006"]);
        assert_eq!((&page["Count"], &page["ScannedCount"]), (&json!(2), &json!(10)));
        assert_eq!(page["ConsumedCapacity"]["CapacityUnits"], 1.0);
        input["Select"] = "COUNT".into();
        let page = ok(&bed, "Scan", input).await;
        assert_eq!((&page["Count"], &page["Items"]), (&json!(2), &json!(null)));
    })
    .await;
}

/// Texts as the service gives them.
#[tokio::test]
async fn a_wrong_scan_is_refused_with_the_official_text() {
    on_memory(services, async |bed| {
        create_sorted(&bed, "abc", "S").await;
        for (changes, text) in [
            (json!({"Segment": 0}), "The TotalSegments parameter is required but was not present in the request when Segment parameter is present"),
            (json!({"TotalSegments": 2}), "The Segment parameter is required but was not present in the request when parameter TotalSegments is present"),
            (json!({"Segment": 2, "TotalSegments": 2}), "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 2 is not less than TotalSegments: 2"),
            (json!({"Segment": 0, "TotalSegments": 1_000_001}), "1 validation error detected: Value '1000001' at 'totalSegments' failed to satisfy constraint: Member must have value less than or equal to 1000000"),
            (json!({"ExclusiveStartKey": {"p": {"S": "a"}}}), "The provided starting key is invalid: The provided key element does not match the schema"),
            (json!({"IndexName": "idx"}), "The table does not have the specified index: idx"),
            (json!({"Select": "ALL_ATTRIBUTES", "ProjectionExpression": "p"}), "Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES"),
            (json!({"ExpressionAttributeValues": {":a": {"S": "a"}}}), "ExpressionAttributeValues can only be specified when using expressions: FilterExpression is null"),
        ] {
            let mut input = json!({"TableName": "abc"});
            for (name, value) in changes.as_object().unwrap() {
                input[name] = value.clone();
            }
            assert_eq!(invalid(&bed, "Scan", input).await, text, "{changes}");
        }
        let filter = json!({"p": {"ComparisonOperator": "NULL"}});
        let input = json!({"TableName": "abc", "ScanFilter": filter});
        assert_eq!(unsupported(&bed, "Scan", input).await, "ScanFilter");
    })
    .await;
}
