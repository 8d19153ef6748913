//! update_stack
