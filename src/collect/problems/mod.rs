//! The problems of a request: warnings about its parameters, and reasons to reject it.

pub mod rejection;
pub mod warnings;
