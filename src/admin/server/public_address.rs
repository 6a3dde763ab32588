//! The public address alone, as a short form that other pages embed and lead to. It leads back to them.

use actix_web::http::header::HOST;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::fields::{ADDRESS, SettingField, changes, control, fields, opened_now};
use super::save;
use crate::admin::shell::error::PageError;
use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::form::{Errors, Form};
use crate::admin::shell::local::local;
use crate::admin::shell::page::{Answer, Page, html, html_again};
use crate::admin::shell::session::{Asked, Posted, Session, client};
use crate::admin::text::address::warnings;
use crate::web::AppState;

/// The page that asked for the address.
const RETURN_TO: &str = "return_to";

#[derive(Template)]
#[template(path = "admin/server/public_address.html")]
struct AddressPage {
    page: Page,
    field: SettingField,
    return_to: String,
    note: AddressNote,
    errors: Errors,
}

/// What tags name now, and what is wrong with it.
pub struct AddressNote {
    /// The address of this request, if no public address is set; else empty.
    pub here: String,
    pub warnings: Vec<&'static str>,
}

impl AddressNote {
    pub fn of(request: &HttpRequest, state: &AppState) -> Self {
        let set = state.live().public_url.clone();
        let here = if set.is_some() { String::new() } else { here(request, state) };
        AddressNote { warnings: warnings(set.as_deref().unwrap_or(&here)), here }
    }
}

/// This server's address as the request names it.
fn here(request: &HttpRequest, state: &AppState) -> String {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    format!("{}://{host}", if client(request, state).https { "https" } else { "http" })
}

/// `GET /admin/settings/public-address`
pub async fn show(state: web::Data<AppState>, request: HttpRequest, Asked { session, query }: Asked) -> Answer {
    session.admin()?;
    let return_to = query.text(RETURN_TO).to_owned();
    Ok(html(&page(&state, &request, &session, &Form::default(), return_to, Errors::default())?))
}

/// `POST /admin/settings/public-address`: saves the address and leads back to the page that asked.
pub async fn change(state: web::Data<AppState>, request: HttpRequest, posted: Posted) -> Answer {
    let Posted { session, form } = posted;
    let by = session.admin()?;
    let (changes, errors) = changes(&state.config, &state.live(), &form);
    let return_to = form.text(RETURN_TO).to_owned();
    if !errors.is_empty() {
        return Ok(html_again(&page(&state, &request, &session, &form, return_to, errors)?));
    }
    if let Err(error) = save::save(state.clone(), by, None, changes).await {
        let errors = Errors::of_store(error, control)?;
        return Ok(html_again(&page(&state, &request, &session, &opened_now(&form), return_to, errors)?));
    }
    let flash = match &state.live().public_url {
        Some(address) => {
            let warnings = warnings(address);
            let kind = if warnings.is_empty() { FlashKind::Good } else { FlashKind::Warning };
            Flash::new(kind, [&[format!("Tags name {address} now.").as_str()], &*warnings].concat().join(" "))
        }
        None => Flash::new(FlashKind::Good, "Tags name the address in your browser again."),
    };
    let back = if return_to.is_empty() { save::PATH } else { local(&return_to) };
    Ok(session.go_with(back, &flash))
}

fn page(
    state: &AppState,
    request: &HttpRequest,
    session: &Session,
    form: &Form,
    return_to: String,
    errors: Errors,
) -> Result<AddressPage, PageError> {
    let field = fields(&state.config, &state.live(), form, &errors, &[ADDRESS]).pop();
    let field = field.ok_or_else(|| PageError::Fault("the table of settings has no public address".to_owned()))?;
    Ok(AddressPage {
        page: session.page("settings", "Public address"),
        field,
        note: AddressNote::of(request, state),
        return_to,
        errors,
    })
}
