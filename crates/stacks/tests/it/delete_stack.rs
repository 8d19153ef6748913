//! delete_stack
