use crate::common::{create_plain, fault, ok, services};
use serde_json::json;
use testkit::on_memory;

#[tokio::test]
async fn a_table_has_no_continuous_backups() {
    on_memory(services, async |bed| {
        create_plain(&bed, "abc").await;
        let answer = ok(&bed, "DescribeContinuousBackups", json!({"TableName": "abc"})).await;
        let description = &answer["ContinuousBackupsDescription"];
        assert_eq!(description["ContinuousBackupsStatus"], "DISABLED");
        assert_eq!(
            description["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
            "DISABLED"
        );
        assert_eq!(
            fault(&bed, "DescribeContinuousBackups", json!({"TableName": "none"})).await,
            ("TableNotFoundException".to_owned(), "Table not found: none".to_owned())
        );
    })
    .await;
}
