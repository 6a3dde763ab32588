//! The services that every handler works with. Nothing is global: handlers get this passed in.

use std::sync::Arc;

use arc_swap::Guard;
use tokio::sync::Mutex;

use crate::auth::Auth;
use crate::clock::Clock;
use crate::config::{Config, InForce, LiveSettings};
use crate::domain::Millis;
use crate::report::Reports;
use crate::store::Store;

use super::body_room::BodyRoom;
use super::event_limit::EventLimit;
use super::sample::SampleData;
use super::streams::Streams;
use super::uploads::Uploads;

/// Shared by all handlers.
pub struct AppState {
    /// The log, the definitions, and everything derived.
    pub store: Store,
    /// Users, sessions and tokens.
    pub auth: Auth,
    /// Reports and their files.
    pub reports: Reports,
    /// The sample data for a fresh database.
    pub sample: SampleData,
    /// Endless answers, such as the live page's events.
    pub streams: Streams,
    /// The files that users import.
    pub uploads: Uploads,
    /// The memory for request bodies.
    pub bodies: BodyRoom,
    /// The counts for the limit of requests from one address.
    pub event_limit: EventLimit,
    /// Fixed in tests.
    pub clock: Clock,
    /// When the server started.
    pub started: Millis,
    /// The settings of the start.
    pub config: Config,
    /// The settings that the page changes.
    pub in_force: InForce,
    /// Held from a change of settings in the database until it is in force, so that the last one written is in force.
    pub saving: Mutex<()>,
}

impl AppState {
    /// The settings of this moment that the page changes.
    pub fn live(&self) -> Guard<Arc<LiveSettings>> {
        self.in_force.now()
    }
}
