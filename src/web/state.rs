//! The services that every handler works with. Nothing is global: handlers get this passed in.

use crate::auth::Auth;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::Millis;
use crate::report::Reports;
use crate::store::Store;

use super::body_room::BodyRoom;
use super::event_limit::EventLimit;
use super::sample::SampleData;
use super::streams::Streams;

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
    /// The memory for request bodies.
    pub bodies: BodyRoom,
    /// The limit of requests from one address, if there is one.
    pub event_limit: Option<EventLimit>,
    /// Fixed in tests.
    pub clock: Clock,
    /// When the server started.
    pub started: Millis,
    /// The settings, resolved.
    pub config: Config,
}
