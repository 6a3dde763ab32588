//! Lists share this: paging, filters and sorting.

pub mod filters;
pub mod paging;
