//! Each public address.

mod invoca;
mod landing;
mod opt_out;
mod postback;
mod px;
mod segments;
pub mod server;
mod site;
mod trackers;
