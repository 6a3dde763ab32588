//! Users, sessions, tokens and keys.

pub mod member;
pub mod secrets;
pub mod sessions;
mod users;
