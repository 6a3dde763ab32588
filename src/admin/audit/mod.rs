//! The audit log: who changed what, and when.

mod changes;
pub mod list;
