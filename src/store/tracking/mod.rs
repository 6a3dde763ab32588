//! *Set up tracking*: what it has created for a shop, how far it has come, and where the site tag loads.

pub mod progress;
pub mod setups;
mod site_tag;
