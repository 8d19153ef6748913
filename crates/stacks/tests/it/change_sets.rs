//! change_sets
