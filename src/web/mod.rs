//! What the faces share: the state they work on, who the client is, security headers, embedded assets, health.
//! Knows no face.

pub mod assets;
pub mod body;
pub mod chart;
pub mod client;
pub mod connection;
pub mod file_body;
pub mod headers;
pub mod health;
pub mod probe;
pub mod report_file;
pub mod sample;
mod state;
pub mod streams;

pub use state::State;
