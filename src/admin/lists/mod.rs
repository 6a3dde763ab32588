//! Parts that all lists share: paging, filters and sorting.

pub mod csv;
pub mod filters;
pub mod paging;
