use crate::common::{base64, everywhere, zip};
use serde_json::json;

#[tokio::test]
async fn new_code_runs_from_the_next_invocation_on() {
    everywhere(async |world| {
        let before = world.create().await;
        let order = json!({"code": "index.py"});
        assert_eq!(world.invoke("RequestResponse", &order).await.json(), "one");
        let package = base64(&zip("index.py", "two"));
        let mut input = json!({"FunctionName": "f", "ZipFile": package, "DryRun": true});
        world.ok("UpdateFunctionCode", input.clone()).await;
        assert_eq!(world.invoke("RequestResponse", &order).await.json(), "one");
        input["DryRun"] = false.into();
        let after = world.ok("UpdateFunctionCode", input.clone()).await;
        assert_ne!(before["CodeSha256"], after["CodeSha256"]);
        assert_eq!(world.invoke("RequestResponse", &order).await.json(), "two");
        input["RevisionId"] = before["RevisionId"].clone();
        let (code, _) = world.fault("UpdateFunctionCode", input).await;
        assert_eq!(code, "PreconditionFailedException");
    })
    .await;
}
