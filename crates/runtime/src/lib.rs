//! What an execution environment is: a sandboxed process that speaks the Lambda Runtime API.

pub mod sandbox;
