//! `POST /auth`: exchanges a user name and a password for a token.

use actix_web::cookie::SameSite;
use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;

use super::envelope::Answer;
use super::error::ApiError;
use super::limits::Limits;
use super::request::call::{Call, TOKEN_COOKIE};
use crate::domain::SessionKind;
use crate::web::AppState;

/// The longest body, in bytes: a name and a password are short.
const MAX_BODY: usize = 4 * 1024;

/// Answers `/auth`.
pub(super) async fn handle(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<AppState>,
    limits: web::Data<Limits>,
) -> HttpResponse {
    let mut call = Call::new(request, state, limits, "auth");
    let outcome = sign_in(&mut call, payload).await;
    call.finish(outcome)
}

async fn sign_in(call: &mut Call, payload: web::Payload) -> Result<Answer, ApiError> {
    if *call.method() != Method::POST {
        return Err(call.wrong_method("POST"));
    }
    // It sets a cookie: another site must not sign a browser in under its own name.
    call.refuse_elsewhere()?;
    call.read_body_within(payload, MAX_BODY).await?;
    let auth = call.body.as_ref().and_then(|body| body.get("auth"));
    let text = |key: &str| match auth.and_then(|auth| auth.get(key)) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(other) => Err(ApiError::Syntax(format!("auth.{key} must be a text, and is {other}"))),
        None => Err(ApiError::Syntax(format!(
            r#"auth.{key} is required: send {{"auth": {{"username": "...", "password": "..."}}}}"#
        ))),
    };
    let (username, password) = (text("username")?, text("password")?);
    let (secret, _) = call.state.auth.sign_in(SessionKind::Api, &username, &password, &call.origin()).await?;
    let token = secret.expose().to_owned();
    // Strict, so that no other site can use the cookie of a browser to act here.
    let cookie = TOKEN_COOKIE.build(token.clone(), call.client().https).same_site(SameSite::Strict).finish();
    Ok(Answer::new("token", token.into()).with_cookie(cookie))
}
