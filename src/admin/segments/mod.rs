//! Segments: the list, a segment's page with its size, and its form.

mod fields;
pub mod form;
pub mod list;
pub mod page;
mod size_chart;
