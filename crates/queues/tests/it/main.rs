//! Every operation over the wire, on every engine.

mod common;
mod operations;
mod receive_message;
mod send_message;
