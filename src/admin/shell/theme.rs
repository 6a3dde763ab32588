//! What a user chose for this browser: the theme (light, dark, or that of the system) and whether single keys are
//! shortcuts. Cookies keep it, also when signed out.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

use crate::web::cookies::CookieName;

const COOKIE: CookieName = CookieName("pixeld_theme");
const SHORTCUTS: CookieName = CookieName("pixeld_shortcuts");
const THEMES: [&str; 2] = ["light", "dark"];

/// `light` or `dark`; empty for that of the system.
pub fn of(request: &HttpRequest, secure: bool) -> &'static str {
    let chosen = COOKIE.value(request, secure).unwrap_or_default();
    THEMES.into_iter().find(|theme| **theme == *chosen).unwrap_or("")
}

/// The cookie that keeps this theme; for that of the system, the one that removes it.
pub fn cookie(chosen: &str, secure: bool) -> Cookie<'static> {
    let theme = THEMES.into_iter().find(|theme| *theme == chosen).unwrap_or("");
    kept(COOKIE, theme, secure)
}

/// Whether single keys are shortcuts. They are, until the user turns them off.
pub fn has_shortcuts(request: &HttpRequest, secure: bool) -> bool {
    SHORTCUTS.value(request, secure).as_deref() != Some("off")
}

/// The cookie that turns shortcuts off, or the one that removes it.
pub fn shortcuts_cookie(are_on: bool, secure: bool) -> Cookie<'static> {
    kept(SHORTCUTS, if are_on { "" } else { "off" }, secure)
}

/// A cookie for 400 days; without a value, the one that removes it.
fn kept(name: CookieName, value: &str, secure: bool) -> Cookie<'static> {
    let mut cookie = name.build(value.to_owned(), secure).same_site(SameSite::Lax).finish();
    match value {
        "" => cookie.make_removal(),
        _ => cookie.set_max_age(Duration::days(400)),
    }
    cookie
}
