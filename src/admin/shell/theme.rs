//! The theme that a user chose: light, dark, or that of the system. A cookie keeps it in this browser, also when signed
//! out.

use actix_web::cookie::SameSite;
use actix_web::cookie::time::Duration;
use actix_web::{HttpRequest, HttpResponse};

use super::local::local;
use super::page::see_other;
use super::session::Posted;
use crate::web::cookies::CookieName;

const COOKIE: CookieName = CookieName("pixeld_theme");
const THEMES: [&str; 2] = ["light", "dark"];

/// `light` or `dark`; empty for that of the system.
pub fn of(request: &HttpRequest, secure: bool) -> &'static str {
    let chosen = COOKIE.value(request, secure).unwrap_or_default();
    THEMES.into_iter().find(|theme| **theme == *chosen).unwrap_or("")
}

/// `POST /admin/theme`
pub async fn choose(Posted { session, form }: Posted) -> HttpResponse {
    let theme = THEMES.into_iter().find(|theme| *theme == form.text("theme")).unwrap_or("");
    let mut cookie = COOKIE.build(theme.to_owned(), session.is_secure()).same_site(SameSite::Lax).finish();
    match theme {
        "" => cookie.make_removal(),
        _ => cookie.set_max_age(Duration::days(400)),
    }
    let mut answer = see_other(local(form.text("back")));
    // A cookie that cannot be set costs the choice, never the answer.
    let _ = answer.add_cookie(&cookie);
    answer
}
