use crate::common::{change, code, get, ok, put, secrets};
use serde_json::json;
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn a_parameter_is_made_once_and_changed_when_that_is_wanted() {
    on_every_engine(secrets, async |bed| {
        let input = json!({"Name": "/shop/name", "Value": "a", "Type": "String"});
        let answer = ok(&bed, "PutParameter", input.clone()).await;
        assert_eq!(answer, json!({"Version": 1, "Tier": "Standard"}));
        let fault = bed.fault("ssm", "PutParameter", input).await;
        assert_eq!(fault.0, "ParameterAlreadyExists");
        assert_eq!(
            fault.1,
            "The parameter already exists. To overwrite this value, set the overwrite option in \
             the request to true."
        );
        assert_eq!(change(&bed, "/shop/name", "b").await, 2);
        let found = get(&bed, "/shop/name").await;
        assert_eq!((&found["Value"], &found["Version"]), (&json!("b"), &json!(2)));
    })
    .await;
}

#[tokio::test]
async fn what_a_change_does_not_say_stays() {
    on_memory(secrets, async |bed| {
        let input = json!({"Name": "p", "Value": "aa", "Type": "StringList", "Description": "d",
            "AllowedPattern": "[a-z]+"});
        ok(&bed, "PutParameter", input).await;
        let mismatch = json!({"Name": "p", "Value": "a,1", "Overwrite": true});
        let fault = bed.fault("ssm", "PutParameter", mismatch).await;
        assert_eq!(fault.0, "ParameterPatternMismatchException");
        assert!(fault.1.ends_with("allowedPattern: [a-z]+"), "{}", fault.1);
        change(&bed, "p", "a,b").await;
        let list = ok(&bed, "DescribeParameters", json!({})).await;
        let found = &list["Parameters"][0];
        assert_eq!((&found["Type"], &found["Description"]), (&json!("StringList"), &json!("d")));
        let bare = json!({"Name": "p", "Value": "1", "Overwrite": true, "AllowedPattern": "",
            "Description": ""});
        ok(&bed, "PutParameter", bare).await;
        let list = ok(&bed, "DescribeParameters", json!({})).await;
        assert!(list["Parameters"][0].get("AllowedPattern").is_none(), "{list}");
    })
    .await;
}

#[tokio::test]
async fn only_the_latest_hundred_versions_are_kept_and_no_labelled_one_goes() {
    on_memory(secrets, async |bed| {
        put(&bed, "p", "1").await;
        for version in 2..=101 {
            change(&bed, "p", &version.to_string()).await;
        }
        assert_eq!(
            code(&bed, "GetParameter", json!({"Name": "p:1"})).await,
            "ParameterVersionNotFound"
        );
        assert_eq!(get(&bed, "p:2").await["Value"], "2");
        let label = json!({"Name": "p", "ParameterVersion": 2, "Labels": ["keep"]});
        ok(&bed, "LabelParameterVersion", label).await;
        let input = json!({"Name": "p", "Value": "x", "Overwrite": true});
        assert_eq!(
            code(&bed, "PutParameter", input.clone()).await,
            "ParameterMaxVersionLimitExceeded"
        );
        let label = json!({"Name": "p", "ParameterVersion": 3, "Labels": ["keep"]});
        ok(&bed, "LabelParameterVersion", label).await;
        assert_eq!(ok(&bed, "PutParameter", input).await["Version"], 102);
    })
    .await;
}

#[tokio::test]
async fn names_follow_the_rules() {
    on_memory(secrets, async |bed| {
        let deep = "/a".repeat(16);
        let long = format!("/{}", "a".repeat(1000));
        for (name, expected) in [
            ("/aws/x", "AccessDeniedException"),
            ("awsx", "ValidationException"),
            ("/ssm/x", "ValidationException"),
            ("a/b", "ValidationException"),
            ("/a//b", "ValidationException"),
            ("a b", "ValidationException"),
            (&deep, "HierarchyLevelLimitExceededException"),
            (&long, "ValidationException"),
        ] {
            let input = json!({"Name": name, "Value": "v", "Type": "String"});
            assert_eq!(code(&bed, "PutParameter", input).await, expected, "{name}");
        }
        put(&bed, &"/a".repeat(15), "v").await;
    })
    .await;
}

#[tokio::test]
async fn values_have_the_size_of_their_tier() {
    on_memory(secrets, async |bed| {
        let large = "x".repeat(4097);
        let input = |name: &str, tier: &str, value: &str| {
            json!({"Name": name, "Value": value, "Type": "String", "Tier": tier, "Overwrite": true})
        };
        let standard = input("p", "Standard", &large);
        assert_eq!(code(&bed, "PutParameter", standard).await, "ValidationException");
        let tier = ok(&bed, "PutParameter", input("p", "Intelligent-Tiering", "x")).await;
        assert_eq!(tier["Tier"], "Standard");
        let tier = ok(&bed, "PutParameter", input("p", "Intelligent-Tiering", &large)).await;
        assert_eq!(tier["Tier"], "Advanced");
        let down = input("p", "Standard", "x");
        assert_eq!(code(&bed, "PutParameter", down).await, "ValidationException");
        let larger = input("p", "Advanced", &"x".repeat(8193));
        assert_eq!(code(&bed, "PutParameter", larger).await, "ValidationException");
        let empty = input("q", "Standard", "");
        assert_eq!(code(&bed, "PutParameter", empty).await, "ValidationException");
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_had_is_refused_by_name() {
    on_memory(secrets, async |bed| {
        for (name, value, expected) in [
            ("KeyId", "alias/mine", "UnsupportedOperation"),
            ("Policies", "[{\"Type\":\"Expiration\"}]", "UnsupportedOperation"),
            ("DataType", "aws:ec2:image", "UnsupportedOperation"),
            ("DataType", "Text", "ValidationException"),
            ("AllowedPattern", "(", "InvalidAllowedPatternException"),
        ] {
            let mut input = json!({"Name": "p", "Value": "v", "Type": "SecureString"});
            input[name] = json!(value);
            assert_eq!(code(&bed, "PutParameter", input).await, expected, "{name} {value}");
        }
        let untyped = json!({"Name": "p", "Value": "v"});
        assert_eq!(code(&bed, "PutParameter", untyped).await, "ValidationException");
        let both = json!({"Name": "p", "Value": "v", "Type": "String", "Overwrite": true,
            "Tags": [{"Key": "a", "Value": "b"}]});
        assert_eq!(code(&bed, "PutParameter", both).await, "ValidationException");
    })
    .await;
}
