//! Each public address.

mod invoca;
mod opt_out;
mod postback;
mod px;
mod segments;
pub mod server;
mod trackers;
