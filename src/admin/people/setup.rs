//! The set-up page of a server without users. It names the organisation and creates the first admin, for the person
//! with the set-up code that the server printed at start-up.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::sign_in::{remember, theme_of, wait};
use crate::admin::server::sample_data;
use crate::admin::shell::error::PageError;
use crate::admin::shell::extract::Query;
use crate::admin::shell::form::{Control, Errors, Form, control_in};
use crate::admin::shell::page::{Answer, html, html_again, see_other};
use crate::auth::{SetupError, SignInError};
use crate::domain::SessionKind;
use crate::web::AppState;
use crate::web::origin::origin;

#[derive(Template)]
#[template(path = "admin/people/setup.html")]
struct SetupPage {
    title: &'static str,
    theme: &'static str,
    code: String,
    member: String,
    user: String,
    /// Whether to load sample data.
    sample: bool,
    errors: Errors,
}

const TITLE: &str = "Welcome";

/// `GET /admin/setup`
pub async fn show(state: web::Data<AppState>, request: HttpRequest, Query(query): Query) -> Answer {
    if !state.auth.needs_setup().await? {
        return Ok(see_other("/admin/sign-in"));
    }
    let empty = String::new;
    Ok(html(&SetupPage {
        title: TITLE,
        theme: theme_of(&request, &state),
        // The link in the terminal carries the code.
        code: query.text("code").chars().take(40).collect(),
        member: empty(),
        user: empty(),
        sample: false,
        errors: Errors::default(),
    }))
}

/// `POST /admin/setup`
pub async fn make(state: web::Data<AppState>, request: HttpRequest, form: Form) -> Answer {
    if !state.auth.needs_setup().await? {
        return Ok(see_other("/admin/sign-in"));
    }
    let (code, member, user, password) =
        (form.text("code"), form.text("member_name"), form.text("username"), form.raw("password"));
    let (origin, sample) = (origin(&request, &state), form.has("sample"));
    let errors = match state.auth.first_admin(code, member, user, password, &origin).await {
        Ok(_) => return welcome(&state, &request, (user, password), sample).await,
        Err(error) => refused(error)?,
    };
    Ok(html_again(&SetupPage {
        title: TITLE,
        theme: theme_of(&request, &state),
        code: code.to_owned(),
        member: member.to_owned(),
        user: user.to_owned(),
        sample,
        errors,
    }))
}

/// Signs the first admin in.
async fn welcome(state: &AppState, request: &HttpRequest, (user, password): (&str, &str), sample: bool) -> Answer {
    let sign_in = state.auth.sign_in(SessionKind::Browser, user, password, &origin(request, state)).await;
    if sample {
        state.sample.start();
    }
    let mut answer = see_other(if sample { sample_data::PATH } else { "/admin" });
    match sign_in {
        Ok((secret, caller)) => remember(state, request, &mut answer, &secret, &caller).await?,
        // The admin exists now; the sign-in page explains the rest.
        Err(SignInError::Wrong | SignInError::Disabled | SignInError::Throttled { .. }) => {}
        Err(SignInError::Store(error)) => return Err(PageError::Outside(error)),
    }
    Ok(answer)
}

/// Why there is no first admin yet.
fn refused(error: SetupError) -> Result<Errors, PageError> {
    let mut errors = Errors::default();
    match error {
        SetupError::WrongCode => {
            errors.add("code", "This is not the code in the terminal. Copy it again, with its hyphens.");
        }
        SetupError::Throttled { retry_after } => {
            errors.add("code", format!("Too many wrong codes. Try again in {}.", wait(retry_after)));
        }
        SetupError::Store(error) => errors = Errors::of_store(error, control).map_err(PageError::Outside)?,
    }
    Ok(errors)
}

fn control(field: &str) -> Option<Control> {
    let table = [("member_name", "Organisation"), ("username", "Username"), ("password", "Password")];
    control_in(&table, field)
}
