//! Users and tokens, what they may do, and the record of what they did.

pub mod access;
pub mod audit;
pub mod user;
