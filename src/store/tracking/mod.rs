//! *Set up tracking*: what it has created for a shop, how far it has come, where the site tag loads, and the campaigns that
//! arrivals bring.

mod campaigns;
pub mod progress;
pub mod setups;
pub(in crate::store) mod site_tag;
