//! `POST /auth`: a user name and a password for a token; and where a request carries its token.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;

use super::call::Call;
use super::envelope::Answer;
use super::error::ApiError;
use super::limits::Limits;
use crate::domain::SessionKind;
use crate::web::State;

/// The cookie whose value is the token.
pub(super) const COOKIE: &str = "pixeld_token";

/// The token a request carries: bare or as Bearer in the header, or as the cookie alone.
pub(super) fn token(request: &HttpRequest) -> Option<String> {
    let Some(header) = request.headers().get(header::AUTHORIZATION) else {
        return request.cookie(COOKIE).map(|cookie| cookie.value().to_owned());
    };
    let text = header.to_str().unwrap_or("").trim();
    let bearer = text.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    Some(bearer.map_or(text, |(_, token)| token.trim()).to_owned())
}

/// Answers `/auth`.
pub(super) async fn handle(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
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
    call.read_body(payload).await?;
    let given = call.body.as_ref().and_then(|body| body.get("auth"));
    let text = |key: &str| match given.and_then(|given| given.get(key)) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(other) => Err(ApiError::Syntax(format!("auth.{key} must be a text, and is {other}"))),
        None => Err(ApiError::Syntax(format!(
            r#"auth.{key} is required: send {{"auth": {{"username": "...", "password": "..."}}}}"#
        ))),
    };
    let (username, password) = (text("username")?, text("password")?);
    let client = call.client();
    let (secret, _) = call.state.auth.sign_in(SessionKind::Api, &username, &password, client.ip).await?;
    let token = secret.expose().to_owned();
    // Strict: no other site may make a browser that holds the cookie act here.
    let cookie = Cookie::build(COOKIE, token.clone())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(client.https)
        .finish();
    Ok(Answer::new("token", token.into()).with_cookie(cookie))
}
