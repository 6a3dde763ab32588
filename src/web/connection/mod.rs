//! Connections: how long they may wait, how many there may be, and what one carries.

pub mod descriptors;
pub mod patient;
pub mod registry;
pub mod serving;
