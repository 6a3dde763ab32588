//! What every handler works on. Nothing is global: whoever needs something is handed this.

use crate::auth::Auth;
use crate::clock::Clock;
use crate::config::Config;
use crate::report::Reports;
use crate::store::Store;

use super::sample::SampleData;
use super::streams::Streams;

/// Shared by all handlers.
pub struct State {
    /// The database.
    pub store: Store,
    /// Who may come in.
    pub auth: Auth,
    /// Reports that were run.
    pub reports: Reports,
    /// What a fresh database may be filled with.
    pub sample: SampleData,
    /// Answers without an end.
    pub streams: Streams,
    /// The time.
    pub clock: Clock,
    /// The settings.
    pub config: Config,
}
