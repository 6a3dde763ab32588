//! Users and tokens, their rights, and the record of their changes.

pub mod access;
pub mod audit;
pub mod password;
pub mod user;
