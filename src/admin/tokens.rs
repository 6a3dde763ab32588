//! API tokens: made, with the secret shown once, and revoked. For admins.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::choices::Choice;
use super::error::PageError;
use super::export_wish::place_of;
use super::extract::Id;
use super::flash::{Flash, Kind};
use super::form::{Errors, Form, in_table};
use super::page::{Answer, Page, html, html_again, html_with};
use super::roles::{self, RoleChoice};
use super::session::{Posted, Session};
use super::typed::all_in;
use super::users::PATH;
use crate::domain::{ApiToken, Checks, FieldError, Role, TokenId};
use crate::store::{Store, StoreError};
use crate::web::State;

/// The published fields with their labels, down the page.
const FIELDS: [(&str, &str); 3] = [("name", "Name"), ("role", "Role"), ("advertiser_id", "The limit to an advertiser")];

#[derive(Template)]
#[template(path = "token_form.html")]
struct FormPage {
    page: Page,
    roles: Vec<RoleChoice>,
    advertisers: Vec<Choice>,
    typed: Typed,
    errors: Errors,
}

/// Every field as text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Typed {
    name: String,
    role: String,
    advertiser_id: String,
}

/// `GET /admin/tokens/new`
pub async fn new(state: web::Data<State>, session: Session) -> Answer {
    session.admin()?;
    let typed = Typed { name: String::new(), role: Role::Viewer.to_string(), advertiser_id: String::new() };
    Ok(html(&form_page(&state.store, &session, typed, Errors::default()).await?))
}

#[derive(Template)]
#[template(path = "token_made.html")]
struct MadePage {
    page: Page,
    secret: String,
    role: &'static str,
    /// How a script uses it; empty for roles that read nothing.
    example: String,
}

/// `POST /admin/tokens/new`: answers with the secret itself, so that it is kept nowhere.
pub async fn create(state: web::Data<State>, posted: Posted, request: HttpRequest) -> Answer {
    let Posted { session, form } = posted;
    let by = session.admin()?;
    let typed = Typed::read(&form);
    let errors = match typed.token() {
        Err(fields) => Errors::of_fields(fields, place),
        Ok(token) => match state.auth.create_token(&by, token).await {
            Ok((secret, token)) => {
                let place = place_of(&request, &state)?;
                let scheme = if place.https { "https" } else { "http" };
                let secret = secret.expose().to_owned();
                let example = match token.role {
                    Role::Collector => String::new(),
                    _ => format!("curl -H 'Authorization: {secret}' '{scheme}://{}/pixel'", place.host),
                };
                let page = session.page("users", format!("Token “{}”", token.name));
                let made = MadePage { page, secret, role: roles::about(token.role), example };
                return Ok(html_with(StatusCode::CREATED, &made));
            }
            Err(error) => Errors::of_store(error, place)?,
        },
    };
    Ok(html_again(&form_page(&state.store, &session, typed, errors).await?))
}

async fn form_page(store: &Store, session: &Session, typed: Typed, errors: Errors) -> Result<FormPage, StoreError> {
    Ok(FormPage {
        page: session.page("users", "New token"),
        roles: roles::choices(&typed.role),
        advertisers: roles::advertisers(store, session.reader(), &typed.advertiser_id).await?,
        typed,
        errors,
    })
}

impl Typed {
    fn read(form: &Form) -> Self {
        let text = |name| form.text(name).to_owned();
        Typed { name: text("name"), role: text("role"), advertiser_id: text("advertiser_id") }
    }

    fn token(&self) -> Result<ApiToken, Vec<FieldError>> {
        let mut checks = Checks::new();
        let (role, advertiser) = roles::read(&mut checks, &self.role, &self.advertiser_id, Role::Viewer);
        let token = ApiToken::new(self.name.clone(), role, advertiser);
        all_in(&FIELDS, checks, token.check())?;
        Ok(token)
    }
}

/// The control and label of a published field.
fn place(field: &str) -> Option<(String, String)> {
    in_table(&FIELDS, field)
}

#[derive(Template)]
#[template(path = "token_revoke.html")]
struct RevokePage {
    page: Page,
    id: TokenId,
    name: String,
}

/// `POST /admin/tokens/{id}/revoke`: asks first.
pub async fn revoke(state: web::Data<State>, posted: Posted, Id(id): Id<TokenId>) -> Answer {
    let Posted { session, form } = posted;
    let by = session.admin()?;
    let token = state.store.tokens(&by).await?.into_iter().find(|token| token.id == id);
    let token = token.ok_or_else(|| PageError::from(StoreError::not_found("token", id)))?;
    if form.text("confirmed") != "yes" {
        return Ok(html(&RevokePage { page: session.page("users", "Revoke token"), id, name: token.name }));
    }
    state.store.revoke_token(&by, id).await?;
    let text = format!("“{}” is revoked.", token.name);
    Ok(session.go_with(PATH, &Flash::new(Kind::Good, text)))
}
