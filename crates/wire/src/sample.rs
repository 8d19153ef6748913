//! Inputs made from a model: the smallest that is valid, and for every constraint one that breaks
//! it. The generated tests of all services walk these.

use crate::{
    model::Model,
    shape::{Shape, ShapeRef, ShapeType},
};
use serde_json::{Map, Value, json};

/// Nesting that samples follow; shapes that contain themselves end here.
const MAX_DEPTH: usize = 6;

/// Texts to try where a pattern must match.
const TEXTS: [&str; 29] = [
    "abc",
    "a",
    "1",
    "AKIAABCDEFGHIJKLMNOP",
    "000000000000",
    "index.handler",
    "/",
    "/aws/lambda/f",
    "arn:aws:iam::000000000000:role/sample",
    "arn:aws:iam::aws:policy/ReadOnlyAccess",
    "arn:aws:lambda:eu-central-1:000000000000:function:sample",
    "arn:aws:sqs:eu-central-1:000000000000:sample",
    "arn:aws:cloudformation:eu-central-1:000000000000:stack/sample/1",
    "lambda:InvokeFunction",
    "lambda:GetLayerVersion",
    "00000000-0000-4000-8000-000000000000",
    "lambda.amazonaws.com",
    "v1",
    "o-abcdefghij",
    "/mnt/sample",
    "Name",
    "sample:1",
    "arn:aws:elasticfilesystem:eu-central-1:000000000000:access-point/fsap-0123456789abcdef0",
    "arn:aws:lambda:eu-central-1:000000000000:runtime/sample",
    "arn:aws:lambda:eu-central-1:000000000000:capacity-provider:sample",
    "arn:aws:lambda:eu-central-1:000000000000:layer:sample:1",
    "arn:aws:lambda:eu-central-1:000000000000:code-signing-config:csc-0123456789abcdef0",
    "subnet-1",
    "sg-1",
];

/// An input that breaks one constraint.
#[derive(Debug)]
pub struct Broken {
    /// Which member, and how.
    pub what: String,
    /// The input.
    pub input: Value,
}

impl Model {
    /// The smallest valid input of an operation, and its required members.
    ///
    /// # Panics
    /// No sample text matches a pattern of the model: add one to the list.
    #[must_use]
    pub fn sample(&self, operation: &str) -> Value {
        match self.operations.get(operation).and_then(|operation| operation.input.as_ref()) {
            Some(reference) => self.sample_of(reference, 0),
            None => json!({}),
        }
    }

    /// For every constraint of an operation's input an input that breaks only it.
    #[must_use]
    pub fn broken(&self, operation: &str) -> Vec<Broken> {
        let mut broken = Vec::new();
        if let Some(operation) = self.operations.get(operation)
            && let Some(reference) = &operation.input
        {
            self.break_value(reference, "", 0, &mut |what, input| {
                broken.push(Broken { what, input });
            });
        }
        broken
    }

    fn sample_of(&self, reference: &ShapeRef, depth: usize) -> Value {
        let Some(shape) = self.shape(reference) else { return Value::Null };
        match shape.kind {
            ShapeType::Structure => {
                let members = shape.required.iter().filter_map(|name| {
                    Some((name.clone(), self.sample_of(shape.members.get(name)?, depth + 1)))
                });
                Value::Object(members.collect())
            }
            ShapeType::List => match (&shape.member, shape.min) {
                (Some(member), Some(min)) if min >= 1.0 && depth < MAX_DEPTH => {
                    json!([self.sample_of(member, depth + 1)])
                }
                _ => json!([]),
            },
            ShapeType::Map => match (&shape.key, &shape.value, shape.min) {
                (Some(key), Some(value), Some(min)) if min >= 1.0 && depth < MAX_DEPTH => {
                    let key = self.sample_of(key, depth + 1);
                    let key = key.as_str().unwrap_or("abc").to_owned();
                    json!({ key: self.sample_of(value, depth + 1) })
                }
                _ => json!({}),
            },
            ShapeType::Boolean => json!(false),
            ShapeType::Timestamp => json!(1_700_000_000),
            ShapeType::Blob => json!("YWJj"),
            ShapeType::String | ShapeType::Character => sample_text(shape).into(),
            _ => json!(shape.min.unwrap_or(1.0).max(1.0) as i64),
        }
    }

    /// Calls `found` with every way to break the value or something inside of it.
    fn break_value(
        &self,
        reference: &ShapeRef,
        path: &str,
        depth: usize,
        found: &mut dyn FnMut(String, Value),
    ) {
        let Some(shape) = self.shape(reference) else { return };
        for (how, value) in broken_here(shape) {
            found(format!("{path}: {how}"), value);
        }
        if depth >= MAX_DEPTH {
            return;
        }
        match shape.kind {
            ShapeType::Structure => {
                let Value::Object(sample) = self.sample_of(reference, depth) else { return };
                for name in &shape.required {
                    let mut members = sample.clone();
                    members.remove(name);
                    found(format!("{path}.{name}: missing"), Value::Object(members));
                }
                for (name, member) in &shape.members {
                    self.break_value(member, &format!("{path}.{name}"), depth + 1, &mut |w, v| {
                        let mut members = sample.clone();
                        members.insert(name.clone(), v);
                        found(w, Value::Object(members));
                    });
                }
            }
            ShapeType::List => {
                if let Some(member) = &shape.member {
                    self.break_value(member, &format!("{path}[]"), depth + 1, &mut |w, v| {
                        found(w, json!([v]));
                    });
                }
            }
            ShapeType::Map => {
                if let (Some(key), Some(value)) = (&shape.key, &shape.value) {
                    let key = self.sample_of(key, depth + 1);
                    let key = key.as_str().unwrap_or("abc").to_owned();
                    self.break_value(value, &format!("{path}{{}}"), depth + 1, &mut |w, v| {
                        found(w, Value::Object(Map::from_iter([(key.clone(), v)])));
                    });
                }
            }
            _ => {}
        }
    }
}

/// The ways to break a shape's own constraints.
fn broken_here(shape: &Shape) -> Vec<(&'static str, Value)> {
    let mut broken = Vec::new();
    match shape.kind {
        ShapeType::String => {
            if !shape.values.is_empty() {
                broken.push(("not in its enum", json!("no-such-value")));
            } else {
                if let Some(max) = shape.max.filter(|max| *max < 100_000.0) {
                    broken.push(("too long", json!("a".repeat(max as usize + 1))));
                }
                if shape.min.is_some_and(|min| min >= 1.0) {
                    broken.push(("too short", json!("")));
                }
                if let Some(regex) = shape.regex() {
                    let mut bad = ["\u{1}", "\u{1}\u{1}\u{1}", "?!"].into_iter();
                    let bad = bad.rfind(|text| !regex.is_match(text));
                    broken.extend(bad.map(|text| ("against its pattern", json!(text))));
                }
            }
        }
        ShapeType::Integer | ShapeType::Long => {
            if let Some(max) = shape.max {
                broken.push(("too large", json!(max as i64 + 1)));
            }
            if let Some(min) = shape.min {
                broken.push(("too small", json!(min as i64 - 1)));
            }
        }
        ShapeType::List if shape.min.is_some_and(|min| min >= 1.0) => {
            broken.push(("too short", json!([])));
        }
        _ => {}
    }
    broken
}

fn sample_text(shape: &Shape) -> String {
    if let Some(first) = shape.values.first() {
        return first.clone();
    }
    let fits = |text: &&str| {
        let length = text.len() as f64;
        shape.min.is_none_or(|min| length >= min)
            && shape.max.is_none_or(|max| length <= max)
            && shape.regex().is_none_or(|regex| regex.is_match(text))
    };
    match TEXTS.iter().find(|text| fits(text)) {
        Some(text) => (*text).to_owned(),
        None => panic!("no sample text fits {:?}: add one to TEXTS", shape.pattern),
    }
}
