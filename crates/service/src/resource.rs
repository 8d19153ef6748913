use crate::{Caller, Calls, Fault};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};
use std::sync::Arc;
use types::{AccountId, Region};

/// What a change of a property does to its resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is updated in place.
    InPlace,
    /// A new resource takes its place.
    Replace,
}

/// A property that a resource type implements. Any other is refused by name.
#[derive(Debug, Clone, Copy)]
pub struct Property {
    /// The official name.
    pub name: &'static str,
    /// What a change does.
    pub change: Change,
}

/// A property that cannot be had, found before anything is created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyError {
    /// The path inside the properties, `RedrivePolicy.maxReceiveCount`.
    pub path: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// A created resource.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Resource {
    /// What `Ref` gives.
    pub physical_id: String,
    /// What `Fn::GetAtt` gives.
    pub attributes: Map<String, Value>,
}

/// What a template asks for, with every reference resolved.
pub struct Desired<'a> {
    /// The properties.
    pub properties: &'a Map<String, Value>,
    /// A name that is unique to this resource and stays the same however often the step runs:
    /// `stack-Logical-1A2B3C4D5E6F`.
    pub generated_name: &'a str,
}

/// How the tags begin that only stacks set.
const MARK: &str = "aws:cloudformation:";

impl Desired<'_> {
    /// The generated name within a limit of `limit` characters; its random end stays.
    #[must_use]
    pub fn name_within(&self, limit: usize) -> String {
        const END: usize = 13;
        let name = self.generated_name;
        match name.len().checked_sub(END) {
            Some(start) if name.len() > limit && name.is_ascii() && limit > END => {
                format!("{}{}", &name[..limit - END], &name[start..])
            }
            _ => name.to_owned(),
        }
    }
}

/// What a step of a resource is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Turn {
    /// The deployment goes forward: it creates and updates.
    #[default]
    Forward,
    /// It takes back an update; for this time, from 0.
    Back(u32),
    /// It deletes, and ends what can not be taken back any more.
    Cleanup,
}

/// One step of a deployment.
#[derive(Debug, Clone, Default)]
pub struct Step {
    /// The resource's type in the template: `Custom::Seed`.
    pub resource_type: String,
    /// The deployment of the stack: unique, and the same in every run of its steps.
    pub deployment: String,
    /// What the step is for.
    pub turn: Turn,
    /// True if it may have run before, and done its work or a part of it.
    pub again: bool,
    /// True if the deployment fails already: a step that would go on for long should end.
    pub stopping: bool,
}

impl Step {
    /// What tells a step from every other one of its resource; the same however often it runs.
    #[must_use]
    pub fn id(&self) -> String {
        self.id_of(self.turn)
    }

    /// The same for another turn of the deployment.
    #[must_use]
    pub fn id_of(&self, turn: Turn) -> String {
        format!("{} {turn:?}", self.deployment)
    }
}

/// With what a provider works.
pub struct ResourceContext {
    /// As whom.
    pub caller: Caller,
    /// How it reaches the service's operations.
    pub calls: Arc<dyn Calls>,
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// The id of the stack, for tags.
    pub stack_id: String,
    /// The name of the stack, for tags.
    pub stack_name: String,
    /// The resource's id in the template.
    pub logical_id: String,
    /// The tags of the stack, which its resources inherit.
    pub stack_tags: types::Tags,
    /// Which step of which deployment it is.
    pub step: Step,
}

impl ResourceContext {
    /// Calls an operation as the stack's caller.
    ///
    /// # Errors
    /// The operation's.
    pub async fn call(&self, service: &str, operation: &str, input: Value) -> Result<Value, Fault> {
        self.calls.call(&self.caller, service, operation, input).await
    }

    /// The tags by which a stack knows its resources again, as CloudFormation sets them.
    #[must_use]
    pub fn marks(&self) -> types::Tags {
        let mark = |name: &str, value: &String| (format!("{MARK}{name}"), value.clone());
        [
            mark("stack-id", &self.stack_id),
            mark("stack-name", &self.stack_name),
            mark("logical-id", &self.logical_id),
        ]
        .into()
    }

    /// Whether what exists under a name was made for this resource, by a run that ended early.
    /// `tag` gives the value of a tag of it.
    pub fn made<'t>(&self, tag: impl Fn(&str) -> Option<&'t str>) -> bool {
        self.marks().iter().all(|(name, value)| tag(name) == Some(value))
    }

    /// The tags of a resource: its own list of `Key` and `Value` over those of the stack.
    #[must_use]
    pub fn tags(&self, own: Option<&Value>) -> types::Tags {
        let mut tags = self.stack_tags.clone();
        let own = own.and_then(Value::as_array);
        for tag in own.into_iter().flatten() {
            if let (Some(key), Some(value)) = (tag["Key"].as_str(), tag["Value"].as_str()) {
                tags.insert(key.to_owned(), value.to_owned());
            }
        }
        tags
    }
}

/// A CloudFormation resource type, created through its service's operations.
///
/// Every step may run again after a crash and must then find what it did before. One that takes
/// longer than a call answers [`Fault::unfinished`] and is asked for again.
pub trait ResourceProvider: Send + Sync + 'static {
    /// The type, `AWS::SQS::Queue`.
    fn resource_type(&self) -> &'static str;

    /// The properties that it implements.
    fn properties(&self) -> &'static [Property];

    /// The attributes that `Fn::GetAtt` can ask for.
    fn attributes(&self) -> &'static [&'static str];

    /// What a change of the property of a name does; `None` if the type has no such property.
    fn change(&self, name: &str) -> Option<Change> {
        self.properties().iter().find(|property| property.name == name).map(|found| found.change)
    }

    /// Whether `Fn::GetAtt` can ask for the attribute of a name.
    fn has_attribute(&self, name: &str) -> bool {
        self.attributes().contains(&name)
    }

    /// Whether an update of its stack updates it although its properties stay the same, because
    /// what they name may have changed.
    fn is_always_updated(&self) -> bool {
        false
    }

    /// Looks for what the list of properties cannot say (a refused value, a missing member).
    /// Unresolved references are absent from `properties`.
    ///
    /// # Errors
    /// The first thing that is wrong.
    fn check(&self, _properties: &Map<String, Value>) -> Result<(), PropertyError> {
        Ok(())
    }

    /// Creates it, or finds that an earlier run did. A creation that fails when its first calls
    /// have made something tells the physical id with [`Fault::leaving`]; that is then deleted with
    /// these properties, as if it had been created.
    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>>;

    /// Changes it in place; if another physical id comes of it, a new resource took the place of the
    /// old one, which is then deleted. An update that fails may have happened in part; another one, from
    /// `desired` back to `before`, then sets everything that either names.
    fn update<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        before: &'a Map<String, Value>,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>>;

    /// Ends what an update left open, in case that it was to be taken back: it will not be any more.
    fn settle<'a>(
        &'a self,
        _cx: &'a ResourceContext,
        _physical_id: &'a str,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async { Ok(()) })
    }

    /// Deletes it; a resource that is gone is deleted.
    fn delete<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        properties: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<(), Fault>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_name_keeps_its_random_end() {
        let properties = Map::new();
        let generated_name = "a-long-stack-name-Resource-0123456789AB";
        let desired = Desired { properties: &properties, generated_name };
        assert_eq!(desired.name_within(20), "a-long--0123456789AB");
        assert_eq!(desired.name_within(64), generated_name);
    }
}
