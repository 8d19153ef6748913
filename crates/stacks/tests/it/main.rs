//! Tests of stacks, through dispatch.

mod change_sets;
mod check;
mod crash;
mod create_stack;
mod delete_stack;
mod describe;
mod exports;
mod parameters;
mod rollback;
mod support;
mod templates;
mod update_stack;
mod wire;
