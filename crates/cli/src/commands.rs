//! One command per file.

pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod copy;
pub(crate) mod delete;
pub(crate) mod env;
pub(crate) mod invoke;
pub(crate) mod logs;
pub(crate) mod ls;
pub(crate) mod restore;
pub(crate) mod runtimes;
pub(crate) mod top;
pub(crate) mod up;
