//! Maintenance of the database: checkpoints, rebuilds, and checks.

mod arrival_rules;
pub mod background;
pub mod compare;
pub mod rebuild;
mod rules;
pub mod verify;
