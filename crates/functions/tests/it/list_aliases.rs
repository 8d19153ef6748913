use crate::{common::everywhere, create_alias::two_versions};
use serde_json::{Value, json};

#[tokio::test]
async fn aliases_are_listed_in_pages_and_by_version() {
    everywhere(async |world| {
        two_versions(&world).await;
        for (name, version) in [("b", "1"), ("a", "2"), ("c", "2")] {
            let input = json!({"FunctionName": "f", "Name": name, "FunctionVersion": version});
            world.ok("CreateAlias", input).await;
        }
        let names = |page: &Value| -> Vec<String> {
            let aliases = page["Aliases"].as_array().unwrap().iter();
            aliases.map(|alias| alias["Name"].as_str().unwrap().to_owned()).collect()
        };
        let first = world.ok("ListAliases", json!({"FunctionName": "f", "MaxItems": 2})).await;
        assert_eq!(names(&first), ["a", "b"]);
        let input = json!({"FunctionName": "f", "Marker": first["NextMarker"]});
        assert_eq!(names(&world.ok("ListAliases", input).await), ["c"]);
        let input = json!({"FunctionName": "f", "FunctionVersion": "2"});
        assert_eq!(names(&world.ok("ListAliases", input).await), ["a", "c"]);
    })
    .await;
}
