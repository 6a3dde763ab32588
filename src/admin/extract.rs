//! What handlers are given of a request: the id in its path, its query string, its form. Who sent it is in `session`.

use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};

use super::error::PageError;
use super::form::Form;
use super::session::Found;
use crate::web::body;

/// The longest form taken, in bytes.
const MAX_FORM: usize = 256 * 1024;

/// The id in the path; what is no id is no page.
pub struct Id<T>(pub T);

impl<T: FromStr> FromRequest for Id<T> {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().get("id").and_then(|id| id.parse().ok());
        ready(id.map(Id).ok_or(PageError::NoPage))
    }
}

/// The query string.
pub struct Asked(pub Form);

impl FromRequest for Asked {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Asked(Form::parse(request.query_string().as_bytes()))))
    }
}

impl FromRequest for Form {
    type Error = PageError;
    type Future = Found<Self>;

    /// Reads the body. For pages without a session; the others take [`super::session::Posted`].
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let payload = web::Payload::from_request(request, payload);
        Box::pin(async {
            let payload = payload.await.map_err(|error| PageError::Fault(error.to_string()))?;
            let body = body::read(payload, MAX_FORM).await;
            Ok(Form::parse(&body.map_err(|error| PageError::BadRequest(format!("the form cannot be read: {error}")))?))
        })
    }
}
