//! The public addresses, one file each, and the course of a request that they share.

pub mod invoca;
pub mod landing;
pub mod opt_out;
pub mod pixel;
pub mod postback;
pub mod segment;
pub mod site;
pub mod tracker;
pub mod visit;
