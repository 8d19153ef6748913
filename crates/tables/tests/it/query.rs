use crate::common::{
    create_plain, create_sorted, fault, invalid, long, ok, put, services, texts, unsupported,
};
use serde_json::{Value, json};
use testkit::{Bed, on_every_engine, on_memory};

/// A table of numbers -2 to 9 under the partition `a`, and others.
async fn with_numbers(bed: &Bed) {
    create_sorted(bed, "abc", "N").await;
    for number in -2..10 {
        let item = json!({"p": {"S": "a"}, "s": {"N": number.to_string()},
            "even": {"BOOL": number % 2 == 0}});
        put(bed, "abc", item).await;
    }
    put(bed, "abc", json!({"p": {"S": "b"}, "s": {"N": "100"}})).await;
}

fn query(condition: &str, values: Value) -> Value {
    let mut all = json!({":p": {"S": "a"}});
    for (name, value) in values.as_object().into_iter().flatten() {
        all[name] = value.clone();
    }
    json!({
        "TableName": "abc",
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": all,
    })
}

#[tokio::test]
async fn every_key_condition_selects_its_range_in_order() {
    on_every_engine(services, async |bed| {
        with_numbers(&bed).await;
        let (x, y) = (json!({":x": {"N": "3"}}), json!({":x": {"N": "3"}, ":y": {"N": "5.5"}}));
        for (condition, values, expected) in [
            ("p = :p", json!({}), "-2 -1 0 1 2 3 4 5 6 7 8 9"),
            ("p = :p AND s = :x", x.clone(), "3"),
            ("p = :p AND s < :x", x.clone(), "-2 -1 0 1 2"),
            ("p = :p AND s <= :x", x.clone(), "-2 -1 0 1 2 3"),
            ("p = :p AND s > :x", x.clone(), "4 5 6 7 8 9"),
            ("p = :p AND s >= :x", x.clone(), "3 4 5 6 7 8 9"),
            (":x < s AND :p = p", x.clone(), "4 5 6 7 8 9"),
            ("p = :p AND s BETWEEN :x AND :y", y.clone(), "3 4 5"),
        ] {
            let mut input = query(condition, values);
            let page = ok(&bed, "Query", input.clone()).await;
            assert_eq!(texts(&page, "s").join(" "), expected, "{condition}");
            assert_eq!(page["Count"], page["ScannedCount"]);
            assert_eq!(page["LastEvaluatedKey"], json!(null));
            input["ScanIndexForward"] = false.into();
            let mut backwards = texts(&ok(&bed, "Query", input).await, "s");
            backwards.reverse();
            assert_eq!(backwards.join(" "), expected, "{condition} backwards");
        }
    })
    .await;
}

#[tokio::test]
async fn texts_are_selected_by_their_beginning() {
    on_every_engine(services, async |bed| {
        create_sorted(&bed, "abc", "S").await;
        for sort in ["a", "ab", "ab\0", "abc", "ac", "b", "\u{10ffff}"] {
            put(&bed, "abc", json!({"p": {"S": "a"}, "s": {"S": sort}})).await;
        }
        for (condition, expected) in [
            ("begins_with(s, :x)", vec!["ab", "ab\0", "abc"]),
            ("s > :x", vec!["ab\0", "abc", "ac", "b", "\u{10ffff}"]),
            ("s <= :x", vec!["a", "ab"]),
        ] {
            let values = json!({":x": {"S": "ab"}});
            let input = query(&format!("p = :p AND {condition}"), values);
            assert_eq!(texts(&ok(&bed, "Query", input).await, "s"), expected, "{condition}");
        }
    })
    .await;
}

#[tokio::test]
async fn pages_join_to_the_whole_in_both_directions() {
    on_every_engine(services, async |bed| {
        with_numbers(&bed).await;
        for forward in [true, false] {
            let mut input = query("p = :p AND s > :x", json!({":x": {"N": "-1"}}));
            input["Limit"] = 4.into();
            input["ScanIndexForward"] = forward.into();
            let mut found = Vec::new();
            let mut pages = 0;
            loop {
                let page = ok(&bed, "Query", input.clone()).await;
                found.extend(texts(&page, "s"));
                pages += 1;
                if page["LastEvaluatedKey"].is_null() {
                    break;
                }
                assert_eq!(page["LastEvaluatedKey"].as_object().unwrap().len(), 2);
                input["ExclusiveStartKey"] = page["LastEvaluatedKey"].clone();
            }
            if !forward {
                found.reverse();
            }
            assert_eq!((found.join(" "), pages), ("0 1 2 3 4 5 6 7 8 9".to_owned(), 3));
        }
    })
    .await;
}

#[tokio::test]
async fn a_page_ends_at_one_megabyte() {
    on_memory(services, async |bed| {
        create_sorted(&bed, "abc", "N").await;
        // 1 + 1, 1 + 2, 1 + 1024 * 100 bytes and so on: ten do not fit into one page.
        for number in 10..21 {
            let item = json!({"p": {"S": "a"}, "s": {"N": number.to_string()},
                "x": {"S": long(100 * 1024)}});
            put(&bed, "abc", item).await;
        }
        let mut input = query("p = :p", json!({}));
        input["ReturnConsumedCapacity"] = "TOTAL".into();
        let page = ok(&bed, "Query", input.clone()).await;
        assert_eq!(page["Count"], 10);
        assert_eq!(page["LastEvaluatedKey"], json!({"p": {"S": "a"}, "s": {"N": "19"}}));
        // 1,024,050 bytes and more are 251 blocks of 4 KB, at half a unit each.
        assert_eq!(page["ConsumedCapacity"]["CapacityUnits"], 125.5);
        input["ExclusiveStartKey"] = page["LastEvaluatedKey"].clone();
        let page = ok(&bed, "Query", input.clone()).await;
        assert_eq!((&page["Count"], &page["LastEvaluatedKey"]), (&json!(1), &json!(null)));
        // What the filter drops counts as well.
        input["ExclusiveStartKey"] = json!(null);
        input["FilterExpression"] = "attribute_not_exists(x)".into();
        let page = ok(&bed, "Query", input).await;
        assert_eq!((&page["Count"], &page["ScannedCount"]), (&json!(0), &json!(10)));
        assert_eq!(page["LastEvaluatedKey"]["s"], json!({"N": "19"}));
    })
    .await;
}

#[tokio::test]
async fn filters_projections_and_counts() {
    on_every_engine(services, async |bed| {
        with_numbers(&bed).await;
        let mut input = query("p = :p", json!({":t": {"BOOL": true}}));
        input["FilterExpression"] = "even = :t".into();
        input["ProjectionExpression"] = "s".into();
        let page = ok(&bed, "Query", input.clone()).await;
        assert_eq!((&page["Count"], &page["ScannedCount"]), (&json!(6), &json!(12)));
        assert_eq!(page["Items"][1], json!({"s": {"N": "0"}}));
        input["Limit"] = 3.into();
        let page = ok(&bed, "Query", input.clone()).await;
        assert_eq!((&page["Count"], &page["ScannedCount"]), (&json!(2), &json!(3)));
        input["ProjectionExpression"] = json!(null);
        input["Select"] = "COUNT".into();
        let page = ok(&bed, "Query", input).await;
        assert_eq!(page["Count"], 2);
        assert_eq!(page["Items"], json!(null));
        let nobody = query("p = :q", json!({":q": {"S": "nobody"}}));
        let mut nobody = nobody;
        nobody["ExpressionAttributeValues"].as_object_mut().unwrap().remove(":p");
        let page = ok(&bed, "Query", nobody).await;
        assert_eq!(page, json!({"Items": [], "Count": 0, "ScannedCount": 0}));
    })
    .await;
}

/// Texts as the service gives them.
#[tokio::test]
async fn a_wrong_query_is_refused_with_the_official_text() {
    on_memory(services, async |bed| {
        with_numbers(&bed).await;
        let key = json!({"p": {"S": "a"}, "s": {"N": "1"}});
        let start = "The provided starting key is";
        for (member, value, text) in [
            ("KeyConditionExpression", json!("s = :p"), "Query condition missed key schema element: p".to_owned()),
            ("KeyConditionExpression", json!("p > :p"), "Query key condition not supported".to_owned()),
            ("IndexName", json!("idx"), "The table does not have the specified index: idx".to_owned()),
            ("Select", json!("SPECIFIC_ATTRIBUTES"), "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES".to_owned()),
            ("Select", json!("ALL_PROJECTED_ATTRIBUTES"), "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName".to_owned()),
            ("FilterExpression", json!("attribute_exists(p)"), "Filter Expression can only contain non-primary key attributes: Primary key attribute: p".to_owned()),
            ("Limit", json!(0), "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1".to_owned()),
            ("ExclusiveStartKey", json!({"p": {"S": "a"}}), format!("{start} invalid")),
            ("ExclusiveStartKey", json!({"p": {}}), format!("{start} invalid: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")),
            ("ExclusiveStartKey", json!({"p": {"S": "b"}, "s": {"N": "1"}}), format!("{start} outside query boundaries based on provided conditions")),
        ] {
            let mut input = query("p = :p", json!({}));
            input[member] = value.clone();
            assert_eq!(invalid(&bed, "Query", input).await, text, "{member} {value}");
        }
        let mut input = query("p = :p AND s > :x", json!({":x": {"N": "1"}}));
        input["ExclusiveStartKey"] = key;
        assert_eq!(
            invalid(&bed, "Query", input).await,
            format!("{start} outside query boundaries based on provided conditions")
        );
        let empty = json!({"TableName": "abc"});
        assert_eq!(
            invalid(&bed, "Query", empty).await,
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the \
             request."
        );
        let mut input = query("p = :p", json!({}));
        input["ExpressionAttributeValues"] = json!({":p": {"S": ""}});
        assert_eq!(
            invalid(&bed, "Query", input).await,
            "One or more parameter values are not valid. The AttributeValue for a key attribute \
             cannot contain an empty string value. Key: p"
        );
        let mut input = query("p = :p", json!({}));
        input["Select"] = "COUNT".into();
        input["ProjectionExpression"] = "s".into();
        assert_eq!(
            invalid(&bed, "Query", input).await,
            "Cannot specify the ProjectionExpression when choosing to get only the Count"
        );
    })
    .await;
}

#[tokio::test]
async fn a_table_without_a_sort_key_has_one_item_for_a_key() {
    on_memory(services, async |bed| {
        create_plain(&bed, "abc").await;
        put(&bed, "abc", json!({"p": {"S": "a"}})).await;
        put(&bed, "abc", json!({"p": {"S": "b"}})).await;
        let page = ok(&bed, "Query", query("p = :p", json!({}))).await;
        assert_eq!(page["Items"], json!([{"p": {"S": "a"}}]));
        let input = query("p = :p AND s = :p", json!({}));
        assert_eq!(invalid(&bed, "Query", input).await, "Query key condition not supported");
    })
    .await;
}

#[tokio::test]
async fn the_parameters_from_before_expressions_are_refused_by_name() {
    on_memory(services, async |bed| {
        create_plain(&bed, "abc").await;
        let operator = json!({"p": {"ComparisonOperator": "NULL"}});
        for (name, value) in [
            ("KeyConditions", operator.clone()),
            ("QueryFilter", operator),
            ("AttributesToGet", json!(["p"])),
            ("ConditionalOperator", json!("AND")),
        ] {
            let input = json!({"TableName": "abc", name: value});
            assert_eq!(unsupported(&bed, "Query", input).await, name);
        }
        let mut input = query("p = :p", json!({}));
        input["TableName"] = "none".into();
        assert_eq!(fault(&bed, "Query", input).await.0, "ResourceNotFoundException");
    })
    .await;
}
