//! AWS IAM and STS: identities.

/// The official service model, pruned to the operations of this crate by `cargo xtask models`.
pub const MODEL: &str = include_str!("../model.json");

/// The same of STS.
pub const MODEL_STS: &str = include_str!("../model-sts.json");
