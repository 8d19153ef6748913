//! What these tests share: a platform with the real identities, and people who act in it over the
//! Query protocol.

use clock::Ids;
use iam::{Iam, MasterKey};
use quick_xml::{Reader, events::Event};
use serde_json::{Map, Value, json};
use sigv4::Credentials;
use std::sync::Arc;
use testkit::{ACCOUNT, Bed, Client};
use types::Secret;

pub(crate) const BASIC: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
pub(crate) const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// A platform with the real identities.
pub(crate) struct World {
    pub(crate) bed: Bed,
    pub(crate) iam: Arc<Iam>,
    pub(crate) root: Actor,
}

/// Somebody with credentials.
#[derive(Clone)]
pub(crate) struct Actor(pub(crate) Client);

/// Runs a test on every engine.
pub(crate) async fn run(test: impl AsyncFn(World)) {
    testkit::with_every_engine(async |engine| {
        let mut made = None;
        let bed = Bed::with_identities(engine, |platform| {
            let iam = Iam::new(platform, MasterKey::new([7; 32]), Ids::from_seed(3));
            made = Some(iam.clone());
            (iam::definitions(&iam), iam)
        });
        let iam = made.unwrap();
        let key = iam.ensure_root_key(&bed.platform.store).await.unwrap();
        let root = Actor(bed.client(Credentials::new(key.access_key_id, key.secret)));
        test(World { bed, iam, root }).await;
    })
    .await;
}

impl World {
    pub(crate) async fn ok(&self, operation: &str, input: Value) -> Value {
        self.root.ok(operation, input).await
    }

    pub(crate) async fn fault(&self, operation: &str, input: Value) -> (u16, String, String) {
        self.root.fault(operation, input).await
    }

    /// A user without policies.
    pub(crate) async fn user(&self, name: &str) -> Actor {
        self.ok("CreateUser", json!({"UserName": name})).await;
        let answer = self.ok("CreateAccessKey", json!({"UserName": name})).await;
        self.actor(&answer["AccessKey"])
    }

    /// A user with one inline policy of these statements.
    pub(crate) async fn user_with(&self, name: &str, statements: Value) -> Actor {
        let user = self.user(name).await;
        self.put_user_policy(name, statements).await;
        user
    }

    pub(crate) async fn put_user_policy(&self, name: &str, statements: Value) {
        let document = document(statements);
        let input = json!({"UserName": name, "PolicyName": "p", "PolicyDocument": document});
        self.ok("PutUserPolicy", input).await;
    }

    /// A role that trusts a principal; the answer is its ARN.
    pub(crate) async fn role(&self, name: &str, principal: Value) -> String {
        let input = json!({"RoleName": name, "AssumeRolePolicyDocument": trust(principal)});
        let answer = self.ok("CreateRole", input).await;
        answer["Role"]["Arn"].as_str().unwrap().to_owned()
    }

    /// A managed policy of these statements; the answer is its ARN.
    pub(crate) async fn policy(&self, name: &str, statements: Value) -> String {
        let input = json!({"PolicyName": name, "PolicyDocument": document(statements)});
        let answer = self.ok("CreatePolicy", input).await;
        answer["Policy"]["Arn"].as_str().unwrap().to_owned()
    }

    /// Who signs with the keys in a reply.
    pub(crate) fn actor(&self, keys: &Value) -> Actor {
        let text = |name: &str| keys[name].as_str().map(str::to_owned);
        let secret = Secret::new(text("SecretAccessKey").unwrap());
        let mut credentials = Credentials::new(text("AccessKeyId").unwrap(), secret);
        credentials.session_token = text("SessionToken").map(Secret::new);
        Actor(self.bed.client(credentials))
    }

    /// A session of a role, assumed by `actor`.
    pub(crate) async fn assume(&self, actor: &Actor, role: &str) -> Actor {
        let input = json!({"RoleArn": role, "RoleSessionName": "test"});
        self.actor(&actor.ok("AssumeRole", input).await["Credentials"])
    }
}

impl Actor {
    /// The answer of an operation that must succeed.
    pub(crate) async fn ok(&self, operation: &str, input: Value) -> Value {
        let (status, body) = self.send(operation, &input).await;
        assert_eq!(status, 200, "{operation} {input}: {body}");
        let mut answer = parse(&body);
        answer[format!("{operation}Result")].take()
    }

    /// Status, code and message of an operation that must fail.
    pub(crate) async fn fault(&self, operation: &str, input: Value) -> (u16, String, String) {
        let (status, body) = self.send(operation, &input).await;
        assert!(status >= 400, "{operation} {input} succeeded: {body}");
        let error = &parse(&body)["Error"];
        let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
        (status, text("Code"), text("Message"))
    }

    /// The code of a fault.
    pub(crate) async fn code(&self, operation: &str, input: Value) -> String {
        self.fault(operation, input).await.1
    }

    /// Status and document.
    pub(crate) async fn send(&self, operation: &str, input: &Value) -> (u16, String) {
        let sts = ["AssumeRole", "GetCallerIdentity", "GetSessionToken"].contains(&operation);
        let (service, version) = if sts { ("sts", "2011-06-15") } else { ("iam", "2010-05-08") };
        let mut parameters =
            vec![("Action".to_owned(), operation.to_owned()), ("Version".into(), version.into())];
        flatten("", input, &mut parameters);
        let parameters: Vec<(&str, &str)> =
            parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let reply = self.0.query(service, &parameters).await;
        (reply.status, reply.text())
    }
}

/// A policy document of these statements.
pub(crate) fn document(statements: Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

pub(crate) fn allow(action: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": "*"})
}

pub(crate) fn deny(action: &str) -> Value {
    json!({"Effect": "Deny", "Action": action, "Resource": "*"})
}

/// A trust policy for one principal.
pub(crate) fn trust(principal: Value) -> String {
    document(json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}))
}

/// The principal of a user.
pub(crate) fn user_arn(name: &str) -> Value {
    json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:user/{name}")})
}

/// The account, whose own policies then decide.
pub(crate) fn account() -> Value {
    json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")})
}

/// The service principal of functions.
pub(crate) fn lambda() -> Value {
    json!({"Service": "lambda.amazonaws.com"})
}

/// One member of every element of a list, in the order of the list.
pub(crate) fn column(list: &Value, member: &str) -> Vec<String> {
    let elements = list.as_array().into_iter().flatten();
    elements.map(|element| element[member].as_str().unwrap().to_owned()).collect()
}

/// A document as IAM returns it, decoded.
pub(crate) fn decoded(text: &Value) -> Value {
    let text = text.as_str().unwrap();
    assert!(!text.contains('{'), "{text} is not URL-encoded");
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            let digits = std::str::from_utf8(&tail[..2]).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    serde_json::from_slice(&bytes).unwrap()
}

/// Members as Query parameters.
fn flatten(prefix: &str, value: &Value, out: &mut Vec<(String, String)>) {
    let join =
        |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| flatten(&join(name), value, out));
        }
        Value::Array(elements) => {
            for (index, value) in elements.iter().enumerate() {
                flatten(&join(&format!("member.{}", index + 1)), value, out);
            }
        }
        Value::String(text) => out.push((prefix.to_owned(), text.clone())),
        other => out.push((prefix.to_owned(), other.to_string())),
    }
}

/// An XML document as JSON, without its root: elements of `member`s are arrays, leaves are text.
pub(crate) fn parse(xml: &str) -> Value {
    let mut reader = Reader::from_str(xml);
    let mut stack = vec![(String::new(), Map::new(), Vec::new(), String::new())];
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => {
                let name = tag.name().as_ref().to_owned();
                stack.push((name, Map::new(), Vec::new(), String::new()));
            }
            Event::Text(text) => stack.last_mut().unwrap().3 += &*text,
            Event::GeneralRef(entity) => {
                let character = match &*entity {
                    "quot" => '"',
                    "apos" => '\'',
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    other => panic!("entity {other}"),
                };
                stack.last_mut().unwrap().3.push(character);
            }
            Event::End(_) => {
                let (name, members, list, text) = stack.pop().unwrap();
                let value = match (members.is_empty(), list.is_empty()) {
                    (false, _) => Value::Object(members),
                    (true, false) => Value::Array(list),
                    (true, true) if text.is_empty() => Value::Null,
                    (true, true) => Value::String(text),
                };
                if stack.len() == 1 {
                    return value;
                }
                let parent = stack.last_mut().unwrap();
                match name.as_str() {
                    "member" => parent.2.push(value),
                    _ => drop(parent.1.insert(name, value)),
                }
            }
            Event::Eof => panic!("no document: {xml}"),
            _ => {}
        }
    }
}
