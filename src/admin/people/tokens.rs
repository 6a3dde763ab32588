//! API tokens: the form that creates one and shows its secret once, and the page that revokes one. For admins.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::roles::{self, RoleChoice};
use super::tabs::TOKENS;
use crate::admin::choices::Choice;
use crate::admin::export::options::site_of;
use crate::admin::forms::form_key;
use crate::admin::forms::parse::{FormData, form_data, merge_errors};
use crate::admin::shell::error::PageError;
use crate::admin::shell::extract::Id;
use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::form::{Control, Errors, Form, Labels, control_in};
use crate::admin::shell::object_kind::USER;
use crate::admin::shell::page::{Answer, Page, html, html_again, html_with};
use crate::admin::shell::session::{Posted, Session};
use crate::domain::{ApiToken, Checks, FieldError, Role, TokenId};
use crate::store::{Store, StoreError};
use crate::web::AppState;

const FIELDS: Labels = &[("name", "Name"), ("role", "Role"), ("advertiser_id", "Access")];

#[derive(Template)]
#[template(path = "admin/people/token_form.html")]
struct TokenFormPage {
    page: Page,
    roles: Vec<RoleChoice>,
    advertisers: Vec<Choice>,
    data: TokenFormData,
    errors: Errors,
}

form_data! {
    /// Every field as text.
    TokenFormData {
        name: String,
        role: String,
        advertiser_id: String,
    }
}

/// `GET /admin/tokens/new`
pub async fn new(state: web::Data<AppState>, session: Session) -> Answer {
    session.admin()?;
    let data = TokenFormData { name: String::new(), role: Role::Viewer.to_string(), advertiser_id: String::new() };
    Ok(html(&form_page(&state.store, &session, &Form::default(), data, Errors::default()).await?))
}

#[derive(Template)]
#[template(path = "admin/people/token_created.html")]
struct SecretPage {
    page: Page,
    secret: String,
    role: &'static str,
    /// A command that uses the token; empty for roles that read nothing.
    example: String,
}

/// `POST /admin/tokens/new`: answers with the secret itself, so that the server need not keep it for another page.
pub async fn create(state: web::Data<AppState>, posted: Posted, request: HttpRequest) -> Answer {
    let Posted { session, form } = posted;
    let by = session.admin()?;
    let data = TokenFormData::read(&form);
    let errors = match data.token() {
        Err(fields) => Errors::of_fields(fields, control),
        Ok(token) => match state.auth.create_token_once(&by, form_key::of(&form), token).await {
            Ok((secret, token)) => {
                let site = site_of(&request, &state)?;
                let secret = secret.expose().to_owned();
                let example = match token.role {
                    Role::Collector => String::new(),
                    _ => format!("curl -H 'Authorization: {secret}' '{}/pixel'", site.url()),
                };
                let page = session.page(USER.section, format!("Token “{}”", token.name));
                let page = SecretPage { page, secret, role: roles::about(token.role), example };
                return Ok(html_with(StatusCode::CREATED, &page));
            }
            Err(StoreError::Repeated { .. }) => {
                let text = format!(
                    "{} Its secret was shown once. Revoke it if you lost it.",
                    form_key::sent_before(&data.name)
                );
                return Ok(session.go_with(TOKENS, &Flash::new(FlashKind::Warning, text)));
            }
            Err(error) => Errors::of_store(error, control)?,
        },
    };
    Ok(html_again(&form_page(&state.store, &session, &form, data, errors).await?))
}

async fn form_page(
    store: &Store,
    session: &Session,
    posted: &Form,
    data: TokenFormData,
    errors: Errors,
) -> Result<TokenFormPage, StoreError> {
    let advertisers = roles::advertisers(store, session.reader(), &data.advertiser_id).await?;
    Ok(TokenFormPage {
        page: session.page(USER.section, "New token").keyed(form_key::next(posted)),
        roles: roles::choices(&data.role),
        advertisers: roles::advertiser_options(&advertisers, &data.advertiser_id),
        data,
        errors,
    })
}

impl TokenFormData {
    fn token(&self) -> Result<ApiToken, Vec<FieldError>> {
        let mut checks = Checks::new();
        let role = roles::role(&mut checks, &self.role, Role::Viewer);
        let advertiser = roles::limit(&mut checks, &self.advertiser_id);
        let token = ApiToken::new(self.name.clone(), role, advertiser);
        merge_errors(FIELDS, checks, token.check())?;
        Ok(token)
    }
}

fn control(field: &str) -> Option<Control> {
    control_in(FIELDS, field)
}

#[derive(Template)]
#[template(path = "admin/people/token_revoke.html")]
struct RevokePage {
    page: Page,
    id: TokenId,
    name: String,
}

/// `POST /admin/tokens/{id}/revoke`: asks first.
pub async fn revoke(state: web::Data<AppState>, posted: Posted, Id(id): Id<TokenId>) -> Answer {
    let Posted { session, form } = posted;
    let by = session.admin()?;
    let token = state.store.tokens(&by).await?.into_iter().find(|token| token.id == id);
    let token = token.ok_or_else(|| PageError::from(StoreError::not_found("token", id)))?;
    if form.text("confirmed") != "yes" {
        return Ok(html(&RevokePage { page: session.page(USER.section, "Revoke token"), id, name: token.name }));
    }
    state.store.revoke_token(&by, id).await?;
    let text = format!("“{}” is revoked.", token.name);
    Ok(session.go_with(TOKENS, &Flash::new(FlashKind::Good, text)))
}
