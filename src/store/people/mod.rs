//! Users, sessions, tokens, keys, and the settings that admins change.

pub mod member;
pub mod secrets;
pub mod sessions;
pub mod settings;
mod users;
