use crate::common::{create_plain, fault, invalid, ok, services, unsupported};
use serde_json::{Value, json};
use testkit::{on_every_engine, on_memory};

fn units(read: u64, write: u64) -> Value {
    json!({"ReadCapacityUnits": read, "WriteCapacityUnits": write})
}

#[tokio::test]
async fn billing_and_throughput_change() {
    on_every_engine(services, async |bed| {
        create_plain(&bed, "abc").await;
        let input = json!({"TableName": "abc", "BillingMode": "PROVISIONED",
            "ProvisionedThroughput": units(5, 6)});
        let answer = ok(&bed, "UpdateTable", input).await;
        assert_eq!(answer["TableDescription"]["TableStatus"], "UPDATING");
        let input = json!({"TableName": "abc", "ProvisionedThroughput": units(7, 3)});
        ok(&bed, "UpdateTable", input).await;
        let table = ok(&bed, "DescribeTable", json!({"TableName": "abc"})).await["Table"].clone();
        assert_eq!(
            table["ProvisionedThroughput"],
            json!({
                "ReadCapacityUnits": 7,
                "WriteCapacityUnits": 3,
                "NumberOfDecreasesToday": 1,
                "LastIncreaseDateTime": 1_800_000_000,
                "LastDecreaseDateTime": 1_800_000_000,
            })
        );
        assert_eq!(table["BillingModeSummary"], json!(null));
        let input = json!({"TableName": "abc", "BillingMode": "PAY_PER_REQUEST"});
        let answer = ok(&bed, "UpdateTable", input).await;
        let table = &answer["TableDescription"];
        assert_eq!(table["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST");
        assert_eq!(table["ProvisionedThroughput"]["ReadCapacityUnits"], 0);
    })
    .await;
}

/// Texts as the service gives them.
#[tokio::test]
async fn a_wrong_change_is_refused_with_the_official_text() {
    on_memory(services, async |bed| {
        create_plain(&bed, "abc").await;
        create_plain(&bed, "pro").await;
        let input = json!({"TableName": "pro", "BillingMode": "PROVISIONED",
            "ProvisionedThroughput": units(5, 6)});
        ok(&bed, "UpdateTable", input).await;
        let invalid_ = "One or more parameter values were invalid: ";
        for (input, text) in [
            (json!({"TableName": "abc"}), "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is required".to_owned()),
            (json!({"TableName": "abc", "ProvisionedThroughput": units(1, 1)}), format!("{invalid_}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")),
            (json!({"TableName": "abc", "BillingMode": "PROVISIONED"}), format!("{invalid_}ProvisionedThroughput must be specified when BillingMode is PROVISIONED")),
            (json!({"TableName": "abc", "BillingMode": "PAY_PER_REQUEST", "DeletionProtectionEnabled": true}), format!("{invalid_}DeletionProtection modification must be the only operation in the request")),
            (json!({"TableName": "abc", "StreamSpecification": {"StreamEnabled": false}}), "Table has no stream to disable: TableName: abc".to_owned()),
            (json!({"TableName": "abc", "SSESpecification": {"Enabled": false}}), format!("{invalid_}Table is already encrypted by default")),
            (json!({"TableName": "pro", "ProvisionedThroughput": units(5, 6)}), "The provisioned throughput for the table will not change. The requested value equals the current value. Current ReadCapacityUnits provisioned for the table: 5. Requested ReadCapacityUnits: 5. Current WriteCapacityUnits provisioned for the table: 6. Requested WriteCapacityUnits: 6. Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.".to_owned()),
        ] {
            assert_eq!(invalid(&bed, "UpdateTable", input.clone()).await, text, "{input}");
        }
        let input = json!({"TableName": "none", "BillingMode": "PAY_PER_REQUEST"});
        assert_eq!(fault(&bed, "UpdateTable", input).await.0, "ResourceNotFoundException");
    })
    .await;
}

#[tokio::test]
async fn indexes_streams_and_keys_are_refused_by_name() {
    on_memory(services, async |bed| {
        create_plain(&bed, "abc").await;
        for (name, value) in [
            ("GlobalSecondaryIndexUpdates", json!([{"Delete": {"IndexName": "idx"}}])),
            ("StreamSpecification", json!({"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"})),
            ("SSESpecification", json!({"Enabled": true})),
            ("TableClass", json!("STANDARD_INFREQUENT_ACCESS")),
            ("ReplicaUpdates", json!([{"Create": {"RegionName": "eu-west-1"}}])),
        ] {
            let input = json!({"TableName": "abc", name: value});
            assert_eq!(unsupported(&bed, "UpdateTable", input).await, name);
        }
    })
    .await;
}
