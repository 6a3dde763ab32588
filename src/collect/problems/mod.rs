//! What can be wrong: warnings about parameters, and reasons to reject a request.

pub mod rejection;
pub mod warnings;
