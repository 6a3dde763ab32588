//! Everything the faces share: application state, client address, request bodies, security headers, embedded assets,
//! charts, health, and what needs attention. Knows no face.

pub mod assets;
pub mod attention;
pub mod body;
pub mod body_room;
pub mod chart;
pub mod client;
pub mod connection;
pub mod cookies;
pub mod elsewhere;
pub mod escape;
pub mod event_limit;
pub mod headers;
pub mod health;
pub mod origin;
pub mod query;
pub mod reading;
pub mod report_file;
pub mod sample;
mod state;
pub mod streams;
pub mod uploads;

pub use state::AppState;
