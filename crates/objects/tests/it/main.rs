//! Every operation over the wire, on every engine.
