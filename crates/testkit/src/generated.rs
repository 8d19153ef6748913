//! Three tests that walk a service's own list of operations: every constraint broken once, every
//! permission withheld once, every unknown member sent once.

use crate::{Bed, Build};
use serde_json::{Value, json};
use service::{Calls, Definition};
use wire::Model;

/// What a service's model does not say about its operations.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints<'a> {
    /// Operations that need no permission: `GetCallerIdentity`.
    pub open: &'a [&'a str],
    /// Values of required top-level members whose form the model leaves open: a queue's URL.
    pub members: &'a [(&'a str, &'a str)],
}

impl Hints<'_> {
    fn sample(&self, model: &Model, operation: &str) -> Value {
        let mut sample = model.sample(operation);
        for (name, value) in self.members {
            if let Some(member) = sample.get_mut(name) {
                *member = json!(value);
            }
        }
        sample
    }
}

/// Runs the three tests on every service of `build`.
///
/// # Panics
/// A test fails.
pub async fn check_operations(build: Build, hints: Hints<'_>) {
    crate::on_memory(build, async |bed| {
        for definition in build(&bed.platform) {
            let model = Model::parse(definition.model).expect("a model");
            let all: Vec<&str> = definition.operations.iter().map(|o| o.name()).collect();
            assert_eq!(all.len(), model.operation_names().len(), "of {}", definition.name);
            constraints(&bed, &definition, &model).await;
            permissions(&bed, &definition, &model, hints).await;
            members(&definition, &model);
        }
    })
    .await;
}

/// Every constraint of the model is enforced, with the service's own answer.
async fn constraints(bed: &Bed, definition: &Definition, model: &Model) {
    let root = service::Caller::root(crate::ACCOUNT.parse().expect("an account"));
    for operation in model.operation_names() {
        for broken in model.broken(operation) {
            let answer = bed.dispatcher.call(&root, definition.name, operation, broken.input).await;
            let what = format!("{operation}{}", broken.what);
            let fault = answer.expect_err(&format!("{what} was accepted"));
            assert!(fault.http_status() < 500, "{what}: {fault}");
        }
    }
}

/// Nothing runs for a user whom no policy allows anything.
async fn permissions(bed: &Bed, definition: &Definition, model: &Model, hints: Hints<'_>) {
    let nothing = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Action": "none:None", "Resource": "*"}]});
    let key = bed.identities.user("Nobody", &nothing.to_string());
    let mut tx = bed.platform.store.begin();
    let now = bed.platform.clock.now();
    let identities: &dyn service::Identities = bed.identities.as_ref();
    let caller = identities.find(&mut tx, &key, None, now).await.expect("a user").caller;
    for operation in model.operation_names() {
        if hints.open.contains(&operation) {
            continue;
        }
        let input = hints.sample(model, operation);
        let answer = bed.dispatcher.call(&caller, definition.name, operation, input.clone()).await;
        let fault = answer.expect_err(&format!("{operation} {input} ran without permission"));
        assert_eq!(fault.code(), "AccessDeniedException", "{operation} {input}: {fault}");
    }
}

/// A member that an operation does not implement is not read past in silence, at any depth.
fn members(definition: &Definition, model: &Model) {
    for operation in &definition.operations {
        let sample = model.sample(operation.name());
        let mut inputs = Vec::new();
        with_unknown(&sample, &mut |input| inputs.push(input));
        for input in inputs {
            let decoded = operation.decode(input.clone());
            assert!(decoded.is_err(), "{} reads past a member of {input}", operation.name());
        }
    }
}

/// Calls `found` with the value once per structure in it, with a member that nobody knows.
fn with_unknown(value: &Value, found: &mut dyn FnMut(Value)) {
    match value {
        Value::Object(members) => {
            let mut with = members.clone();
            with.insert("NobodyKnowsThis".to_owned(), json!(1));
            found(Value::Object(with));
            for (name, member) in members {
                with_unknown(member, &mut |inner| {
                    let mut with = members.clone();
                    with.insert(name.clone(), inner);
                    found(Value::Object(with));
                });
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                with_unknown(element, &mut |inner| {
                    let mut with = elements.clone();
                    with[index] = inner;
                    found(Value::Array(with));
                });
            }
        }
        _ => {}
    }
}
