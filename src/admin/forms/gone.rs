//! The page for who saves an object that somebody deleted meanwhile. It says who did it and when. What was typed goes into
//! the form of the restored object, or into that of a new one.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::form_key;
use super::parse::Controls;
use crate::admin::shell::csrf;
use crate::admin::shell::form::Form;
use crate::admin::shell::object_kind::ObjectKind;
use crate::admin::shell::page::{Page, html_with};
use crate::admin::shell::parts::DeletedView;
use crate::admin::shell::session::Session;

/// The field of the restore with what was typed, as a query string.
pub const TYPED: &str = "typed";
/// The value of `do` that fills a new form instead of saving it.
pub const FILL: &str = "fill";
/// What the form of a stored object does not send, since it never changes.
const FIXED: [&str; 2] = ["advertiser_id", "kind"];

#[derive(Template)]
#[template(path = "admin/forms/gone.html")]
struct GonePage {
    page: Page,
    kind: ObjectKind,
    deleted: DeletedView,
    /// Whether the user may create such an object.
    may_create: bool,
    controls: Controls,
    typed: String,
}

/// The page. `opened` is what the form was opened with.
pub fn page(
    session: &Session,
    kind: ObjectKind,
    (id, may_create): (i64, bool),
    deleted: DeletedView,
    posted: &Form,
    opened: &Form,
) -> HttpResponse {
    let is_typed = |name: &str| ![csrf::FIELD, form_key::FIELD, "do", "opened"].contains(&name);
    let typed = posted.pairs().filter(|(name, _)| is_typed(name) && !name.contains("password"));
    let fixed = opened.pairs().filter(|(name, _)| FIXED.contains(name) && !posted.has(name));
    let controls: Controls = typed.chain(fixed).map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    let typed = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&controls).finish();
    let page = session.page(kind.section, format!("There is no {} {id}", kind.noun));
    html_with(StatusCode::CONFLICT, &GonePage { page, kind, deleted, may_create, controls, typed })
}
