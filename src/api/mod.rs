//! The management REST API. It is compatible with the published one: a client of that API works here once its host
//! changes. It reads requests, asks the store, and wraps answers.
//!
//! A request's way: `serve` (signs the caller in, reads the body) → `service` (the methods that all kinds of definitions
//! share) → `services` (the particulars of pixels, line items, ...) → `store` → `envelope`.

mod envelope;
mod error;
mod json;
mod limits;
mod meta;
mod openapi;
mod piggyback;
mod reports;
mod request;
mod serve;
mod service;
mod services;
mod sign_in;

use actix_web::{HttpRequest, HttpResponse, web};

use crate::clock::Clock;
use crate::config::Config;
use crate::web::AppState;
use error::ApiError;
use request::call::Call;

pub use openapi::document as openapi;

/// The limits, which all web threads share.
pub struct Shared(web::Data<limits::Limits>);

impl Shared {
    pub fn new(config: &Config, clock: Clock) -> Self {
        let (reads, writes) = (config.api_reads_per_minute, config.api_writes_per_minute);
        Shared(web::Data::new(limits::Limits::new(reads, writes, clock)))
    }
}

/// Adds the API's addresses. An address that no face has is an unknown service.
pub fn routes(routes: &mut web::ServiceConfig, shared: &Shared) {
    routes.app_data(shared.0.clone());
    routes.service(web::resource("/auth").to(sign_in::handle));
    services::routes(routes);
    reports::routes(routes);
    openapi::routes(routes);
    routes.default_service(web::to(no_service));
}

async fn no_service(
    request: HttpRequest,
    state: web::Data<AppState>,
    limits: web::Data<limits::Limits>,
) -> HttpResponse {
    let path = request.path().to_owned();
    let call = Call::new(request, state, limits, path.trim_matches('/'));
    call.finish(Err(ApiError::NoService(path)))
}
