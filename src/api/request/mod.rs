//! A request as services see it: its caller, parameters and body, and the query and page of a list.

pub mod body;
pub mod call;
pub mod info;
pub mod input_value;
pub mod list;
pub mod page;
mod params;
mod repeated;
pub mod version;
