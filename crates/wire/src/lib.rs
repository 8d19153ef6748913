//! The AWS protocols: bytes to and from the members of an operation.
//!
//! Everything here is driven by the checked-in service models (`cargo xtask models`): which
//! protocol, where a member is bound, which constraint it must keep. No service is known by name.
//!
//! A request becomes a tree of JSON values whose names are the model's member names, whatever the
//! protocol was: times are seconds, bytes are base64 text. Members that the model does not know are
//! dropped, as AWS does; members that it knows are validated; whether an operation implements them
//! is for its input type to say.

mod address;
mod constraint;
mod event_stream;
mod fault;
mod form;
mod json;
mod model;
mod query;
mod registry;
mod rest_json;
mod rest_route;
mod rest_xml;
mod sample;
mod shape;
mod tree;
mod xml;
mod xml_read;
mod xml_route;

pub use fault::encode_fault;
pub use model::{Model, ModelError};
pub use registry::{Decoded, Endpoint, Protocol, Registry, Surface};
pub use sample::Broken;
