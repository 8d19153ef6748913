use crate::common::{LAYER, World, base64, everywhere, function, zip};
use serde_json::{Value, json};

/// The input that publishes a layer with one file.
pub(crate) fn layer(name: &str, file: &str, text: &str) -> Value {
    json!({"LayerName": name, "CompatibleRuntimes": ["python3.12"],
        "Content": {"ZipFile": base64(&zip(file, text))}})
}

#[tokio::test]
async fn a_layer_gets_one_version_after_another() {
    everywhere(async |world| {
        let mut input = layer("tools", "python/a.py", "one");
        input["Description"] = "first".into();
        input["LicenseInfo"] = "MIT".into();
        let first = world.ok("PublishLayerVersion", input.clone()).await;
        assert_eq!(first["LayerArn"], LAYER);
        assert_eq!(first["LayerVersionArn"], format!("{LAYER}:1"));
        assert_eq!((&first["Version"], &first["Description"]), (&json!(1), &json!("first")));
        assert_eq!(first["CompatibleRuntimes"], json!(["python3.12"]));
        assert!(first["Content"]["CodeSha256"].is_string());
        assert_eq!(world.ok("PublishLayerVersion", input.clone()).await["Version"], 2);
        let of = |number: u32| json!({"LayerName": "tools", "VersionNumber": number});
        assert_eq!(world.ok("GetLayerVersion", of(1)).await, first);
        world.ok("DeleteLayerVersion", of(2)).await;
        assert_eq!(world.ok("PublishLayerVersion", input).await["Version"], 3);
        assert_eq!(world.fault("GetLayerVersion", of(2)).await.0, "ResourceNotFoundException");
    })
    .await;
}

#[tokio::test]
async fn a_function_and_its_layers_must_fit_together_when_unpacked() {
    let world = World::in_memory();
    // A third of the limit, and a little more.
    let third = Value::from(base64(&zip("zeros", &"\0".repeat(84 << 20))));
    let mut arns = Vec::new();
    for name in ["one", "two", "three"] {
        let input = json!({"LayerName": name, "Content": {"ZipFile": third}});
        arns.push(world.ok("PublishLayerVersion", input).await["LayerVersionArn"].clone());
    }
    let mut input = function();
    input["Layers"] = json!(arns);
    let refused = |message: &str| ("InvalidParameterValueException".to_owned(), message.to_owned());
    let layers = "Layers consume more than the available size of 262144000 bytes";
    assert_eq!(world.fault("CreateFunction", input.clone()).await, refused(layers));
    input["Layers"] = json!(arns[..2]);
    world.ok("CreateFunction", input).await;
    let settings = |layers: &[Value]| json!({"FunctionName": "f", "Layers": layers});
    let update = "UpdateFunctionConfiguration";
    assert_eq!(world.fault(update, settings(&arns)).await, refused(layers));
    let code = json!({"FunctionName": "f", "ZipFile": third});
    let together = "Function code combined with layers exceeds the maximum allowed size of \
                    262144000 bytes. The actual size is 264241152 bytes.";
    assert_eq!(world.fault("UpdateFunctionCode", code.clone()).await, refused(together));
    world.ok(update, settings(&arns[..1])).await;
    world.ok("UpdateFunctionCode", code).await;
    assert_eq!(world.fault(update, settings(&arns[..2])).await, refused(together));
}

#[tokio::test]
async fn a_function_finds_its_layers_over_each_other() {
    let world = World::in_memory();
    let mut arns = Vec::new();
    for (name, file, text) in
        [("one", "a", "one"), ("two", "a", "two"), ("three", "sub/b", "three")]
    {
        let made = world.ok("PublishLayerVersion", layer(name, file, text)).await;
        arns.push(made["LayerVersionArn"].clone());
    }
    let mut input = function();
    input["Layers"] = json!(arns);
    let made = world.ok("CreateFunction", input).await;
    assert_eq!(made["Layers"][0]["Arn"], arns[0]);
    let read = async |name: &str| {
        let payload = json!({"layer": name});
        world.invoke("RequestResponse", &payload).await.json().as_str().unwrap().to_owned()
    };
    assert_eq!([read("a").await, read("sub/b").await], ["two", "three"]);
    let input = json!({"FunctionName": "f", "Layers": [arns[1], arns[0]]});
    world.ok("UpdateFunctionConfiguration", input).await;
    assert_eq!(read("a").await, "one", "the last one covers the others");
    let gone = json!({"LayerName": "one", "VersionNumber": 1});
    world.ok("DeleteLayerVersion", gone).await;
    let input = json!({"FunctionName": "f", "Timeout": 9});
    world.ok("UpdateFunctionConfiguration", input).await;
    assert_eq!(read("a").await, "one", "a function keeps what was deleted");
}

/// Texts as AWS gave them to LocalStack's validated tests (`test_layer_function_exceptions`).
#[tokio::test]
async fn layers_must_exist_and_differ_and_be_few() {
    let world = World::in_memory();
    world.create().await;
    for _ in 0..2 {
        world.ok("PublishLayerVersion", layer("tools", "a", "x")).await;
    }
    let (one, two) = (format!("{LAYER}:1"), format!("{LAYER}:2"));
    let cases = [
        (json!([format!("{LAYER}:9")]), format!("Layer version {LAYER}:9 does not exist.")),
        (
            json!([one, two]),
            format!(
                "Two different versions of the same layer are not allowed to be referenced in the \
                 same function. {one} and {two} are versions of the same layer."
            ),
        ),
        (
            json!([one.replace("eu-central-1", "eu-west-1")]),
            "Layers are not in the same region as the function. Layers are expected to be in \
             region eu-central-1."
                .to_owned(),
        ),
        (json!(vec![one.as_str(); 6]), "Cannot reference more than 5 layers.".to_owned()),
    ];
    for (layers, expected) in cases {
        let input = json!({"FunctionName": "f", "Layers": layers});
        let (code, text) = world.fault("UpdateFunctionConfiguration", input).await;
        assert_eq!((code.as_str(), text), ("InvalidParameterValueException", expected));
    }
}
