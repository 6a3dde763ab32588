//! The management REST API (`spec/api.md`, seed `001`): compatible with the published one, so that clients written
//! for it work when only the host changes. A face: it reads requests, asks the store, and wraps answers.
//!
//! A request's way: `call` (who asks, what was sent) → `service` (the one implementation of every method) →
//! `services` (what is particular to pixels, line items, ...) → `store` → `envelope`.

mod body;
mod call;
mod envelope;
mod error;
mod given;
mod json;
mod limits;
mod list;
mod openapi;
mod params;
mod reports;
mod service;
mod services;
mod sign_in;

use actix_web::{HttpRequest, HttpResponse, web};

use crate::clock::Clock;
use crate::config::Config;
use crate::web::State;
use call::Call;
use error::ApiError;

pub use openapi::document as openapi;

/// What the API counts, shared by all threads that answer.
pub struct Shared(web::Data<limits::Limits>);

impl Shared {
    /// Nothing counted yet.
    pub fn new(config: &Config, clock: Clock) -> Self {
        let (reads, writes) = (config.api_reads_per_minute, config.api_writes_per_minute);
        Shared(web::Data::new(limits::Limits::new(reads, writes, clock)))
    }
}

/// Adds the API's addresses. Whatever no other face answers is answered as an unknown service.
pub fn routes(routes: &mut web::ServiceConfig, shared: &Shared) {
    routes.app_data(shared.0.clone());
    routes.service(web::resource("/auth").to(sign_in::handle));
    services::routes(routes);
    reports::routes(routes);
    openapi::routes(routes);
    routes.default_service(web::to(no_service));
}

async fn no_service(request: HttpRequest, state: web::Data<State>, limits: web::Data<limits::Limits>) -> HttpResponse {
    let path = request.path().to_owned();
    let call = Call::new(request, state, limits, path.trim_matches('/'));
    call.finish(Err(ApiError::NoService(path)))
}
