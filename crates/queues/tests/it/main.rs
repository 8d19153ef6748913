//! Every operation over the wire, on every engine.

mod common;
mod receive_message;
mod send_message;
