//! The parts of a request that handlers take: the id in its path, its query string, its form. `session` has the user.

use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};

use super::error::PageError;
use super::form::Form;
use crate::web::body::{self, BodyError};
use crate::web::query::{MAX_PARAMETERS, MAX_QUERY};

/// The longest form that pages take, in bytes.
const MAX_FORM: usize = 256 * 1024;

/// The most fields of a form: more than a line item with several hundred pixels has.
const MAX_FIELDS: usize = 5_000;

/// The longest form of somebody who is not signed in, in bytes.
const MAX_ENTRY: usize = 4 * 1024;

/// The query string of the sign-in page's form that keeps another form.
pub const KEEPS_FORM: &str = "kept";

/// The future of an extractor that waits for something.
pub type ExtractFuture<T> = Pin<Box<dyn Future<Output = Result<T, PageError>>>>;

/// The id in the path. A path with another text there leads to no page.
pub struct Id<T>(pub T);

impl<T: FromStr> FromRequest for Id<T> {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().get("id").and_then(|id| id.parse().ok());
        ready(id.map(Id).ok_or(PageError::NoPage))
    }
}

/// The id of an object whose kind the route knows: a whole number from 1 up, as for every kind.
#[derive(Clone, Copy)]
pub struct ObjectId(pub i64);

impl FromStr for ObjectId {
    type Err = PageError;

    fn from_str(text: &str) -> Result<Self, PageError> {
        let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let id = digits.and_then(|digits| digits.parse().ok()).filter(|id| *id > 0);
        id.map(ObjectId).ok_or(PageError::NoPage)
    }
}

/// The query string of a page without a session; the others take `session::Asked`.
pub struct Query(pub Form);

impl FromRequest for Query {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(query_of(request).map(Query))
    }
}

/// A request's parameters.
///
/// # Errors
/// They are too long, or too many.
pub fn query_of(request: &HttpRequest) -> Result<Form, PageError> {
    let query = request.query_string();
    match query.len() {
        ..=MAX_QUERY => Form::parse_at_most(query.as_bytes(), MAX_PARAMETERS),
        length => Err(PageError::QueryTooLong { length }),
    }
}

/// The longest form of a page. The sign-in page with `kept` in its address sends another form along.
fn longest(request: &HttpRequest) -> usize {
    match (request.path(), request.query_string()) {
        ("/admin/sign-in", query) if query != KEEPS_FORM => MAX_ENTRY,
        ("/admin/setup", _) => MAX_ENTRY,
        _ => MAX_FORM,
    }
}

impl FromRequest for Form {
    type Error = PageError;
    type Future = ExtractFuture<Self>;

    /// Reads the body. Only pages without a session take it; the others take `session::Posted`.
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), web::Payload::from_request(request, payload));
        Box::pin(async move {
            let payload = payload.await.map_err(|error| PageError::Fault(error.to_string()))?;
            let form = body::read(&request, payload, longest(&request)).await.map_err(|error| match error {
                BodyError::NoRoom => PageError::Busy(error.to_string()),
                error => PageError::BadRequest(format!("the form cannot be read: {error}")),
            })?;
            Form::parse_at_most(&form, MAX_FIELDS)
        })
    }
}
