//! What an execution environment is: a sandbox, an instance in it, and the pool of instances.

pub mod sandbox;
