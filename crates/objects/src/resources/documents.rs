//! What a template says of a bucket, as the documents of S3's own operations.

use serde_json::{Map, Value, json};

/// A property that one operation of its own carries.
pub(crate) struct Carried {
    /// The property.
    pub(crate) property: &'static str,
    /// The operation that sets it.
    pub(crate) put: &'static str,
    /// The member that carries it.
    pub(crate) member: &'static str,
    /// Its value, from the property's.
    pub(crate) document: fn(&Value) -> Value,
    /// How it goes back to what a bucket has when the template does not say.
    pub(crate) unset: Unset,
}

/// How a property goes that left the template.
pub(crate) enum Unset {
    /// By an operation of its own.
    Delete(&'static str),
    /// By setting this.
    Put(fn() -> Value),
}

/// In the order in which they are set: who hears of uploads comes last.
pub(crate) const CARRIED: &[Carried] = &[
    Carried {
        property: "VersioningConfiguration",
        put: "PutBucketVersioning",
        member: "VersioningConfiguration",
        document: Value::clone,
        // A bucket that had versions keeps them.
        unset: Unset::Put(|| json!({"Status": "Suspended"})),
    },
    Carried {
        property: "ObjectLockConfiguration",
        put: "PutObjectLockConfiguration",
        member: "ObjectLockConfiguration",
        document: lock,
        // A bucket that has locks keeps them.
        unset: Unset::Put(|| json!({"ObjectLockEnabled": "Enabled"})),
    },
    Carried {
        property: "BucketEncryption",
        put: "PutBucketEncryption",
        member: "ServerSideEncryptionConfiguration",
        document: encryption,
        unset: Unset::Delete("DeleteBucketEncryption"),
    },
    Carried {
        property: "OwnershipControls",
        put: "PutBucketOwnershipControls",
        member: "OwnershipControls",
        document: Value::clone,
        unset: Unset::Put(|| json!({"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})),
    },
    Carried {
        property: "PublicAccessBlockConfiguration",
        put: "PutPublicAccessBlock",
        member: "PublicAccessBlockConfiguration",
        document: flags,
        unset: Unset::Put(|| {
            json!({"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true,
                "RestrictPublicBuckets": true})
        }),
    },
    Carried {
        property: "CorsConfiguration",
        put: "PutBucketCors",
        member: "CORSConfiguration",
        document: cors,
        unset: Unset::Delete("DeleteBucketCors"),
    },
    Carried {
        property: "LifecycleConfiguration",
        put: "PutBucketLifecycleConfiguration",
        member: "LifecycleConfiguration",
        document: super::lifecycle::document,
        unset: Unset::Delete("DeleteBucketLifecycle"),
    },
    Carried {
        property: "NotificationConfiguration",
        put: "PutBucketNotificationConfiguration",
        member: "NotificationConfiguration",
        document: notifications,
        unset: Unset::Put(|| json!({})),
    },
];

/// One value or the items of a list.
pub(crate) fn items(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}

/// A truth value, which templates may write as text.
pub(crate) fn flag(value: &Value) -> Value {
    match value.as_str() {
        Some("true") => Value::Bool(true),
        Some("false") => Value::Bool(false),
        _ => value.clone(),
    }
}

/// A number, which templates may write as text.
pub(crate) fn number(value: &Value) -> Value {
    let text = value.as_str().and_then(|text| text.parse::<u64>().ok());
    text.map_or_else(|| value.clone(), Value::from)
}

fn flags(value: &Value) -> Value {
    let members = value.as_object().cloned().unwrap_or_default();
    members.iter().map(|(name, value)| (name.clone(), flag(value))).collect()
}

/// A template's name, the API's, and what becomes of the value.
type Renaming<'a> = (&'a str, &'a str, fn(&Value) -> Value);

/// The members that are there, under the names that the operation has for them.
pub(crate) fn renamed(value: &Value, names: &[Renaming<'_>]) -> Value {
    let member = |(from, to, read): &Renaming<'_>| {
        value.get(*from).map(|value| ((*to).to_owned(), read(value)))
    };
    Value::Object(names.iter().filter_map(member).collect::<Map<_, _>>())
}

fn lock(value: &Value) -> Value {
    let mut document = renamed(value, &[("ObjectLockEnabled", "ObjectLockEnabled", Value::clone)]);
    if let Some(default) = value.pointer("/Rule/DefaultRetention") {
        let names: &[Renaming<'_>] =
            &[("Mode", "Mode", Value::clone), ("Days", "Days", number), ("Years", "Years", number)];
        document["Rule"] = json!({"DefaultRetention": renamed(default, names)});
    }
    document
}

fn list(value: &Value) -> Value {
    items(value).into()
}

fn cors(value: &Value) -> Value {
    let names: &[Renaming<'_>] = &[
        ("AllowedHeaders", "AllowedHeaders", list),
        ("AllowedMethods", "AllowedMethods", list),
        ("AllowedOrigins", "AllowedOrigins", list),
        ("ExposedHeaders", "ExposeHeaders", list),
        ("Id", "ID", Value::clone),
        ("MaxAge", "MaxAgeSeconds", number),
    ];
    let rules = items(&value["CorsRules"]).iter().map(|rule| renamed(rule, names));
    json!({"CORSRules": rules.collect::<Vec<_>>()})
}

fn encryption(value: &Value) -> Value {
    let rule = |rule: &Value| {
        renamed(
            rule,
            &[
                (
                    "ServerSideEncryptionByDefault",
                    "ApplyServerSideEncryptionByDefault",
                    Value::clone,
                ),
                ("BucketKeyEnabled", "BucketKeyEnabled", flag),
            ],
        )
    };
    let rules = items(&value["ServerSideEncryptionConfiguration"]).iter().map(rule);
    json!({"Rules": rules.collect::<Vec<_>>()})
}

fn filter(value: &Value) -> Value {
    json!({"Key": {"FilterRules": value["S3Key"]["Rules"]}})
}

fn notifications(value: &Value) -> Value {
    let of = |list: &str, target: &str, member: &str| -> Value {
        let one = |(index, given): (usize, &Value)| {
            let names: &[Renaming<'_>] = &[
                (target, member, Value::clone),
                ("Event", "Events", |event| json!([event])),
                ("Filter", "Filter", filter),
            ];
            let mut rule = renamed(given, names);
            // The same rules again are the same configuration.
            rule["Id"] = format!("{list}-{index}").into();
            rule
        };
        items(&value[list]).iter().enumerate().map(one).collect()
    };
    json!({
        "QueueConfigurations": of("QueueConfigurations", "Queue", "QueueArn"),
        "LambdaFunctionConfigurations":
            of("LambdaConfigurations", "Function", "LambdaFunctionArn"),
    })
}
