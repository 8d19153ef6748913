use crate::common::{arn, change, code, get, ok, put, secrets};
use clock::Clock;
use serde_json::json;
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn a_parameter_is_found_by_name_version_label_and_arn() {
    on_every_engine(secrets, async |bed| {
        put(&bed, "/shop/name", "a").await;
        change(&bed, "/shop/name", "b").await;
        let label = json!({"Name": "/shop/name", "ParameterVersion": 1, "Labels": ["first"]});
        ok(&bed, "LabelParameterVersion", label).await;
        let expected = json!({
            "Name": "/shop/name", "Type": "String", "Value": "b", "Version": 2,
            "LastModifiedDate": bed.clock.now().as_secs(), "ARN": arn("/shop/name"), "DataType": "text",
        });
        assert_eq!(get(&bed, "/shop/name").await, expected);
        assert_eq!(get(&bed, &arn("/shop/name")).await, expected);
        for name in ["/shop/name:1", "/shop/name:first"] {
            let found = get(&bed, name).await;
            assert_eq!(found["Value"], "a");
            assert_eq!(format!("/shop/name{}", found["Selector"].as_str().unwrap()), name);
        }
        assert_eq!(get(&bed, &format!("{}:1", arn("/shop/name"))).await["Value"], "a");
        put(&bed, "plain", "c").await;
        assert_eq!(get(&bed, &arn("/plain")).await["Value"], "c");
    })
    .await;
}

#[tokio::test]
async fn what_is_not_there_is_told() {
    on_memory(secrets, async |bed| {
        put(&bed, "p", "a").await;
        for (name, expected) in [
            ("q", "ParameterNotFound"),
            ("p:2", "ParameterVersionNotFound"),
            ("p:label", "ParameterVersionNotFound"),
            ("p:", "ValidationException"),
            ("arn:aws:ssm:eu-central-1:111111111111:parameter/p", "AccessDeniedException"),
        ] {
            assert_eq!(code(&bed, "GetParameter", json!({"Name": name})).await, expected, "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_secret_is_shown_only_when_it_is_to_be_opened() {
    on_every_engine(secrets, async |bed| {
        let input = json!({"Name": "s", "Value": "hunter2", "Type": "SecureString",
            "KeyId": "alias/aws/ssm"});
        ok(&bed, "PutParameter", input).await;
        let closed = get(&bed, "s").await;
        assert_eq!(closed["Type"], "SecureString");
        assert!(!closed["Value"].as_str().unwrap().contains("hunter2"), "{closed}");
        let open = ok(&bed, "GetParameter", json!({"Name": "s", "WithDecryption": true})).await;
        assert_eq!(open["Parameter"]["Value"], "hunter2");
    })
    .await;
}

#[tokio::test]
async fn a_policy_for_one_hierarchy_opens_no_other() {
    on_memory(secrets, async |bed| {
        put(&bed, "/shop/name", "a").await;
        put(&bed, "/other/name", "b").await;
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": "ssm:GetParameter*", "Resource": arn("/shop/*")}]});
        let user = bed.user("ada", &policy);
        for name in ["/shop/name", "/shop/name:1", &arn("/shop/name")] {
            let reply = user.json("ssm", "GetParameter", &json!({"Name": name})).await;
            assert_eq!(reply.json()["Parameter"]["Value"], "a", "{name}");
        }
        let reply = user.json("ssm", "GetParameter", &json!({"Name": "/other/name"})).await;
        assert_eq!(reply.fault().0, "AccessDeniedException");
        let both = json!({"Names": ["/shop/name", "/other/name"]});
        let reply = user.json("ssm", "GetParameters", &both).await;
        assert_eq!(reply.fault().0, "AccessDeniedException");
    })
    .await;
}
