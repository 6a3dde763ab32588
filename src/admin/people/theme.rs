//! The choice of a theme in the account menu, and of keyboard shortcuts on the page of the account.

use actix_web::HttpResponse;

use crate::admin::shell::local::local;
use crate::admin::shell::page::see_other;
use crate::admin::shell::session::Posted;
use crate::admin::shell::theme;

/// `POST /admin/theme`
pub async fn choose(Posted { session, form }: Posted) -> HttpResponse {
    let mut answer = see_other(local(form.text("back")));
    // A cookie that cannot be set costs the choice, never the answer.
    let _ = answer.add_cookie(&theme::cookie(form.text("theme"), session.is_secure()));
    answer
}

/// `POST /admin/shortcuts`
pub async fn choose_shortcuts(Posted { session, form }: Posted) -> HttpResponse {
    let mut answer = see_other("/admin/account");
    let _ = answer.add_cookie(&theme::shortcuts_cookie(form.text("shortcuts") == "on", session.is_secure()));
    answer
}
