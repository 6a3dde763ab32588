//! *Set up tracking*: what it has created for a shop, how far it has come, and where the site tag loads.

pub mod progress;
pub mod setups;
pub(in crate::store) mod site_tag;
