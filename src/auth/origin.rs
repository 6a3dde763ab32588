//! Where a sign-in comes from, as far as signing in needs to know.

use std::net::IpAddr;

/// The client of a sign-in. The default is a client of which nothing is known.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    pub address: Option<IpAddr>,
    /// It sends `X-Forwarded-For`, and is not trusted to.
    pub forwards: bool,
    /// The cookie of a known browser.
    pub browser: Option<String>,
    /// The `User-Agent`, for the list of sessions.
    pub user_agent: Option<String>,
    /// The truncated address, for the list of sessions.
    pub shown_address: Option<String>,
}
