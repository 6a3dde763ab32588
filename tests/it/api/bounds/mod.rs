//! What a request to the API may hold, how much a caller may ask for, and how long lists in objects may be.

mod limits;
mod object_lists;
mod reading;
