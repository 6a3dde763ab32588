//! The page of the user's own account: the role's rights, and the form for a new password.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::roles;
use super::sessions::{self, SessionRow};
use super::sign_in::{know_browser, wait};
use crate::admin::shell::error::PageError;
use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::form::{Control, Errors, control_in};
use crate::admin::shell::page::{Answer, Page, html, html_again};
use crate::admin::shell::session::{Posted, Session};
use crate::auth::SignInError;
use crate::domain::Advertiser;
use crate::web::AppState;
use crate::web::origin::origin;

#[derive(Template)]
#[template(path = "admin/people/account.html")]
struct AccountPage {
    page: Page,
    /// The rights of the role, in a sentence.
    role: &'static str,
    /// The advertiser that limits the user; empty if none does.
    limit: String,
    sessions: Vec<SessionRow>,
    errors: Errors,
}

/// `GET /admin/account`
pub async fn show(state: web::Data<AppState>, session: Session) -> Answer {
    Ok(html(&page(&state, &session, Errors::default()).await?))
}

/// `POST /admin/account`: sets a new password and ends the user's other sessions.
pub async fn change_password(state: web::Data<AppState>, posted: Posted, request: HttpRequest) -> Answer {
    let Posted { session, form } = posted;
    let (current, new) = (form.raw("current_password"), form.raw("password"));
    let mut errors = Errors::default();
    if new != form.raw("password_again") {
        errors.add("password_again", "The new passwords do not match.");
        return Ok(html_again(&page(&state, &session, errors).await?));
    }
    let origin = origin(&request, &state);
    let result = state.auth.change_password(session.caller(), current, new, &origin, session.secret()).await;
    match result {
        Ok(()) => {
            let text = "Password changed. You have been signed out on all other devices.";
            let mut answer = session.go_with("/admin/account", &Flash::new(FlashKind::Good, text));
            know_browser(&state, &request, &mut answer, session.caller()).await?;
            return Ok(answer);
        }
        Err(SignInError::Wrong | SignInError::Disabled) => {
            errors.add("current_password", "This is not your current password.");
        }
        Err(SignInError::Throttled { retry_after }) => {
            let text = format!("Too many wrong passwords. Try again in {}.", wait(retry_after));
            errors.add("current_password", text);
        }
        Err(SignInError::Store(error)) => errors = Errors::of_store(error, control)?,
    }
    Ok(html_again(&page(&state, &session, errors).await?))
}

async fn page(state: &AppState, session: &Session, errors: Errors) -> Result<AccountPage, PageError> {
    let (by, caller) = (session.reader(), session.caller());
    let limit = match by.scope().advertiser() {
        None => String::new(),
        Some(id) => state.store.names::<Advertiser>(by, vec![id.0]).await?.remove(&id.0).unwrap_or_default(),
    };
    let role = roles::about(caller.role);
    let sessions = state.auth.own_sessions(caller, session.secret()).await?;
    let sessions = sessions::rows(sessions, session.now);
    Ok(AccountPage { page: session.page("account", "Your account"), role, limit, sessions, errors })
}

fn control(field: &str) -> Option<Control> {
    control_in(&[("password", "New password"), ("current_password", "Current password")], field)
}
