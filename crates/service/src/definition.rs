use crate::{
    AnyOperation, CheckDigests, CrossOrigin, ExternalTarget, Fault, Front, Job, ResourceProvider,
    Source, Target, Violation,
};
use std::sync::Arc;

/// Everything that the rest of the house needs to know of one service.
pub struct Definition {
    /// The name in signatures, IAM actions and ARNs: `sqs`.
    pub name: &'static str,
    /// The checked-in service model, which `wire` reads for protocol, bindings and constraints.
    pub model: &'static str,
    /// How it answers inputs that break their model's constraints.
    pub violations: fn(&[Violation]) -> Fault,
    /// How it compares documents with the digests in their headers, if it does.
    pub digests: Option<CheckDigests>,
    /// The member that the path of a Query request gives (the queue's URL), if one does.
    pub path_member: Option<&'static str>,
    /// True if requests may be signed for any region (`iam`).
    pub global: bool,
    /// The operations; no second list exists.
    pub operations: Vec<Arc<dyn AnyOperation>>,
    /// Plain HTTP that it answers.
    pub fronts: Vec<Arc<dyn Front>>,
    /// What pages of other origins may do with its resources; nothing, if it does not say.
    pub cross_origin: Option<Arc<dyn CrossOrigin>>,
    /// How deliveries enter it inside a transaction.
    pub targets: Vec<Arc<dyn Target>>,
    /// How deliveries enter it outside of one.
    pub external: Vec<Arc<dyn ExternalTarget>>,
    /// What event source mappings can read from it.
    pub sources: Vec<Arc<dyn Source>>,
    /// The CloudFormation resource types that it provides.
    pub resources: Vec<Arc<dyn ResourceProvider>>,
    /// Its background work.
    pub jobs: Vec<Arc<dyn Job>>,
}

impl Definition {
    /// A definition with operations and no ports.
    #[must_use]
    pub fn new(
        name: &'static str,
        model: &'static str,
        operations: Vec<Arc<dyn AnyOperation>>,
    ) -> Self {
        Self {
            name,
            model,
            violations: Violation::exception,
            digests: None,
            path_member: None,
            global: false,
            operations,
            fronts: Vec::new(),
            cross_origin: None,
            targets: Vec::new(),
            external: Vec::new(),
            sources: Vec::new(),
            resources: Vec::new(),
            jobs: Vec::new(),
        }
    }
}
