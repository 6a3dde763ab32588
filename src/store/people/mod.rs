//! Users, sessions, tokens and keys.

pub mod member;
pub mod secrets;
mod users;
