//! Work beside serving: checkpoints, rebuilds, and checks of what is stored.

pub mod background;
pub mod compare;
pub mod rebuild;
pub mod verify;
