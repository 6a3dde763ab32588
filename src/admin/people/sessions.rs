//! Where a user is signed in: the rows on the own account's page, and a page for admins. Both end sessions.

use actix_web::web;
use askama::Template;

use crate::admin::shell::error::PageError;
use crate::admin::shell::extract::{Id, ObjectId};
use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::object_kind::USER;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::session::{Posted, Session};
use crate::admin::text::agent;
use crate::admin::text::format::{Moment, ago};
use crate::auth::OpenSession;
use crate::domain::{Millis, SessionId, SessionKind, UserId};
use crate::web::AppState;

/// A session in a table.
pub struct SessionRow {
    pub id: SessionId,
    /// "Firefox on Linux".
    pub client: String,
    /// Empty if it is not kept.
    pub address: String,
    /// The purpose, if it is no browser's.
    pub note: &'static str,
    pub begun: Moment,
    /// "2 minutes ago".
    pub used: String,
    pub is_current: bool,
}

pub fn rows(sessions: Vec<OpenSession>, now: Millis) -> Vec<SessionRow> {
    let row = |OpenSession { id, session, is_current }: OpenSession| SessionRow {
        id,
        client: agent::words(session.user_agent.as_deref().unwrap_or("")),
        address: session.ip.unwrap_or_default(),
        note: match session.kind {
            SessionKind::Browser => "",
            SessionKind::Api => "API token",
        },
        begun: Moment::new(session.created_on, now),
        used: ago(session.last_used, now),
        is_current,
    };
    sessions.into_iter().map(row).collect()
}

#[derive(Template)]
#[template(path = "admin/people/sessions.html")]
struct SessionsPage {
    page: Page,
    id: UserId,
    name: String,
    sessions: Vec<SessionRow>,
}

/// `GET /admin/users/{id}/sessions`
pub async fn show(state: web::Data<AppState>, session: Session, Id(id): Id<ObjectId>) -> Answer {
    let by = session.admin()?;
    let user = state.store.user(&by, UserId(id.0)).await?;
    let sessions = state.auth.sessions_of(&by, user.id, session.secret()).await?;
    let sessions = rows(sessions, session.now);
    let page = session.page(USER.section, "Sessions").with_tab(format!("Sessions of {}", user.username));
    Ok(html(&SessionsPage { page, id: user.id, name: user.username, sessions }))
}

/// `POST /admin/users/{id}/sessions/{session}/end`
pub async fn end(state: web::Data<AppState>, posted: Posted, path: web::Path<(String, String)>) -> Answer {
    let by = posted.session.admin()?;
    let (user, id) = path.into_inner();
    let user = UserId(number(&user)?);
    state.auth.end_session_of(&by, user, SessionId(number(&id)?)).await?;
    let flash = Flash::new(FlashKind::Good, "The session has ended.");
    Ok(posted.session.go_with(format!("/admin/users/{user}/sessions"), &flash))
}

/// `POST /admin/users/{id}/sessions/all/end`
pub async fn end_all(state: web::Data<AppState>, posted: Posted, Id(id): Id<ObjectId>) -> Answer {
    let by = posted.session.admin()?;
    let user = state.store.user(&by, UserId(id.0)).await?;
    state.auth.end_sessions_of(&by, user.id).await?;
    let text = format!("“{}” is signed out everywhere.", user.username);
    Ok(posted.session.go_with(format!("/admin/users/{}/sessions", user.id), &Flash::new(FlashKind::Good, text)))
}

/// `POST /admin/account/sessions/{id}/end`
pub async fn end_own(state: web::Data<AppState>, posted: Posted, Id(id): Id<ObjectId>) -> Answer {
    state.auth.end_own_session(posted.session.caller(), SessionId(id.0)).await?;
    Ok(posted.session.go_with("/admin/account", &Flash::new(FlashKind::Good, "The session has ended.")))
}

/// `POST /admin/account/sessions/others/end`
pub async fn end_others(state: web::Data<AppState>, posted: Posted) -> Answer {
    state.auth.end_other_sessions(posted.session.caller(), posted.session.secret()).await?;
    let text = "You are signed in here only.";
    Ok(posted.session.go_with("/admin/account", &Flash::new(FlashKind::Good, text)))
}

fn number(text: &str) -> Result<i64, PageError> {
    text.parse::<SessionId>().map(|id| id.0).map_err(|_| PageError::NoPage)
}
