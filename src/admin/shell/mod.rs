//! The base of every page: frame, sessions, errors, extractors. It knows no other room.

pub mod alarms;
pub mod csrf;
pub mod error;
pub mod extract;
pub mod flash;
pub mod form;
pub mod local;
mod mac;
pub mod object_kind;
pub mod odd;
pub mod page;
pub mod parts;
pub mod respond;
pub mod session;
pub mod sign_in_page;
pub mod theme;
