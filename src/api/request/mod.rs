//! What a request asks for: its parameters and body, its caller, and the page of a list.

pub mod body;
pub mod call;
pub mod info;
pub mod input_value;
pub mod list;
pub mod page;
mod params;
