//! Describing change sets.

use crate::{create_change_set::input, create_stack::CHAIN, support::World};
use serde_json::{Value, json};

#[tokio::test]
async fn a_stack_is_created_and_updated_by_change_sets() {
    let world = World::new();
    let answer = world.ok("CreateChangeSet", input("first", CHAIN, "CREATE")).await;
    assert_eq!(world.status("shop").await, "REVIEW_IN_PROGRESS");
    let by_id = world.ok("DescribeChangeSet", json!({"ChangeSetName": answer["Id"]})).await;
    assert_eq!(
        (&by_id["Status"], &by_id["ExecutionStatus"]),
        (&json!("CREATE_COMPLETE"), &json!("AVAILABLE"))
    );
    let actions: Vec<&Value> = by_id["Changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| &change["ResourceChange"]["Action"])
        .collect();
    assert_eq!(actions, [&json!("Add"); 3]);
    assert!(world.things.existing().is_empty());
    let name = json!({"StackName": "shop", "ChangeSetName": "first"});
    world.ok("ExecuteChangeSet", name.clone()).await;
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "CREATE_COMPLETE");
    let done = world.ok("DescribeChangeSet", name).await;
    assert_eq!(done["ExecutionStatus"], "EXECUTE_COMPLETE");
    assert_eq!(world.stack("shop").await["ChangeSetId"], answer["Id"]);

    let changed = CHAIN.replace("Size: 1", "Size: 2, Fixed: x");
    world.ok("CreateChangeSet", input("second", &changed, "UPDATE")).await;
    let name = json!({"StackName": "shop", "ChangeSetName": "second"});
    let second = world.ok("DescribeChangeSet", name.clone()).await;
    let changes = second["Changes"].as_array().unwrap();
    let of = |id: &str| {
        let found = changes.iter().find(|c| c["ResourceChange"]["LogicalResourceId"] == id);
        found.unwrap()["ResourceChange"].clone()
    };
    assert_eq!((&of("A")["Action"], &of("A")["Replacement"]), (&json!("Modify"), &json!("True")));
    assert_eq!(of("B")["Replacement"], "False");
    let detail = &of("B")["Details"][0];
    assert_eq!(
        (&detail["Target"]["Name"], &detail["Evaluation"]),
        (&json!("Link"), &json!("Dynamic"))
    );
    let list = world.ok("ListChangeSets", json!({"StackName": "shop"})).await;
    assert_eq!(list["Summaries"].as_array().unwrap().len(), 2);
    world.ok("ExecuteChangeSet", name.clone()).await;
    let (code, _) = world.fault("ExecuteChangeSet", name).await;
    assert_eq!(code, "InvalidChangeSetStatusException");
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "UPDATE_COMPLETE");
}

const SECRET: &str = "
Parameters: {Word: {Type: String, NoEcho: true}}
Resources:
  A: {Type: 'Test::Thing::Thing', Properties: {Size: 1, Link: !Sub 'say ${Word}'}}
  B: {Type: 'Test::Thing::Thing', Properties: {Link: !GetAtt A.Arn}}
";

#[tokio::test]
async fn values_are_told_to_those_who_ask_and_secrets_to_nobody() {
    let world = World::new();
    let word = |word: &str| json!([{"ParameterKey": "Word", "ParameterValue": word}]);
    let mut first = input("first", SECRET, "CREATE");
    first["Parameters"] = word("hush");
    world.ok("CreateChangeSet", first).await;
    let described = |name: &str| {
        let input = json!({"StackName": "shop", "ChangeSetName": name,
            "IncludePropertyValues": true});
        world.ok("DescribeChangeSet", input)
    };
    let of = |answer: &Value, index: usize| answer["Changes"][index]["ResourceChange"].clone();
    let context = |change: &Value, side: &str| -> Value {
        serde_json::from_str(change[side].as_str().unwrap()).unwrap()
    };
    let answer = described("first").await;
    let expected = json!({"Properties": {"Size": 1, "Link": "say ****"}});
    assert_eq!(context(&of(&answer, 0), "AfterContext"), expected);
    assert!(of(&answer, 0).get("BeforeContext").is_none());
    let unknown = "{{changeSet:KNOWN_AFTER_APPLY}}";
    assert_eq!(context(&of(&answer, 1), "AfterContext")["Properties"]["Link"], unknown);
    let name = json!({"StackName": "shop", "ChangeSetName": "first"});
    world.ok("ExecuteChangeSet", name).await;
    world.run_jobs().await;

    let mut second = input("second", &SECRET.replace("Size: 1", "Size: 2"), "UPDATE");
    second["Parameters"] = word("silence");
    world.ok("CreateChangeSet", second).await;
    let answer = described("second").await;
    assert!(!answer.to_string().contains("hush") && !answer.to_string().contains("silence"));
    let change = of(&answer, 0);
    assert_eq!(context(&change, "BeforeContext")["Properties"]["Size"], 1);
    assert_eq!(context(&change, "AfterContext")["Properties"]["Size"], 2);
    let details = change["Details"].as_array().unwrap();
    let size = details.iter().find(|detail| detail["Target"]["Name"] == "Size").unwrap();
    let target = &size["Target"];
    assert_eq!(
        [&target["Path"], &target["BeforeValue"], &target["AfterValue"]],
        ["/Properties/Size", "1", "2"]
    );
    assert_eq!(target["AttributeChangeType"], "Modify");
    let plain = json!({"StackName": "shop", "ChangeSetName": "second"});
    let plain = world.ok("DescribeChangeSet", plain).await;
    assert!(of(&plain, 0).get("AfterContext").is_none());
}
