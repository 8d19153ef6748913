//! Real sandboxes on this host. A host that lacks a primitive fails these tests with the remedy.

mod death;
mod egress;
mod escape;
mod forked;
mod life;
mod limits;
mod network;
mod parked;
mod ready;
mod reduced;
mod support;
