//! The server itself: its settings and the sample data.

pub mod sample_data;
pub mod settings;
