//! CloudFormation and SAM templates as a resource graph.
//!
//! **What it is.** Pure functions from text to data: [`Document`] (text to a tree with places),
//! [`transform`](transform::apply) (SAM to CloudFormation), [`Template`] (the sections, checked),
//! [`Bound`] (a template with its parameter values: conditions, graph, evaluation), [`summary`] and
//! [`packaging`].
//!
//! **What it is not.** It knows no resource type beyond what SAM generates, and does no I/O: the
//! caller reads files, stores templates, and answers references to what exists through [`Scope`].
//!
//! **Invariants.** Every error names a place in the text where there is one. What is not implemented
//! is refused by name ([`Kind::Refused`]); nothing is dropped that CloudFormation or SAM would not
//! drop. Everything is bounded by [`limits`].

pub mod limits;
pub mod node;
pub mod packaging;
pub mod summary;
pub mod transform;

mod bound;
mod document;
mod dynamic;
mod error;
mod graph;
mod intrinsics;
mod json;
mod pseudo;
mod references;
mod sam;
mod scalar;
mod scope;
mod sections;
mod substitution;
mod yaml;

pub use bound::Bound;
pub use document::Document;
pub use dynamic::UNKNOWN as UNKNOWN_REFERENCE;
pub use error::{Error, Kind, Position, Result, Warning};
pub use graph::Graph;
pub use node::{Data, Map, Node};
pub use pseudo::Pseudo;
pub use scope::{Evaluated, Resolved, Scope};
pub use sections::{DeletionPolicy, Output, Parameter, ParameterType, Resource, Rule, Template};
