//! Where a request to sign in comes from, and the cookie of a known browser.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::USER_AGENT;

use super::client::{self, Client};
use super::cookies::CookieName;
use super::state::AppState;
use crate::auth::Origin;
use crate::config::IpStorage;

/// The cookie by which a browser is known that signed in before.
const BROWSER: CookieName = CookieName("pixeld_browser");

/// How long the cookie lives after each sign-in.
const LIFETIME: Duration = Duration::days(180);

/// Reads a request.
pub fn origin(request: &HttpRequest, state: &AppState) -> Origin {
    let trusted = &state.config.trusted_proxies;
    let client = Client::of(request.peer_addr(), request.headers(), trusted);
    // A person recognises a part of the address, and more is never needed.
    let storage = match state.live().ip_storage {
        IpStorage::None => IpStorage::None,
        IpStorage::Full | IpStorage::Truncated => IpStorage::Truncated,
    };
    let user_agent = request.headers().get(USER_AGENT).and_then(|text| text.to_str().ok());
    Origin {
        address: client.ip,
        forwards: client::forwards_untrusted(request.peer_addr(), request.headers(), trusted),
        browser: BROWSER.value(request, client.https),
        user_agent: user_agent.map(str::to_owned),
        shown_address: client.stored_ip(storage),
    }
}

/// The cookie of a known browser with this value.
pub fn browser_cookie(value: String, https: bool) -> Cookie<'static> {
    BROWSER.build(value, https).same_site(SameSite::Strict).max_age(LIFETIME).finish()
}
