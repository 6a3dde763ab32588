//! Maintenance of the database: checkpoints, rebuilds, and checks.

pub mod background;
pub mod compare;
pub mod rebuild;
mod rules;
pub mod verify;
