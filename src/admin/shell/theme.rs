//! The theme that a user chose: light, dark, or that of the system. A cookie keeps it in this browser, also when signed
//! out.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

use crate::web::cookies::CookieName;

const COOKIE: CookieName = CookieName("pixeld_theme");
const THEMES: [&str; 2] = ["light", "dark"];

/// `light` or `dark`; empty for that of the system.
pub fn of(request: &HttpRequest, secure: bool) -> &'static str {
    let chosen = COOKIE.value(request, secure).unwrap_or_default();
    THEMES.into_iter().find(|theme| **theme == *chosen).unwrap_or("")
}

/// The cookie that keeps this theme; for that of the system, the one that removes it.
pub fn cookie(chosen: &str, secure: bool) -> Cookie<'static> {
    let theme = THEMES.into_iter().find(|theme| *theme == chosen).unwrap_or("");
    let mut cookie = COOKIE.build(theme.to_owned(), secure).same_site(SameSite::Lax).finish();
    match theme {
        "" => cookie.make_removal(),
        _ => cookie.set_max_age(Duration::days(400)),
    }
    cookie
}
