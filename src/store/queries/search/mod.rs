//! Finds what the log holds by a value that people have: an order ID, an event ID, a reference, a click ID. Each look-up
//! goes by an index and stops early.

mod click_ids;
mod events;

pub use click_ids::ClickIdHit;
pub(in crate::store) use click_ids::TypedClickId;
pub use events::{EventHits, EventsBy};
