//! From a request to its answer: signs the caller in, asks whether it may, reads the parameters and the body, and wraps
//! what the service answers.

use actix_web::{HttpRequest, HttpResponse, web};

use super::envelope::Answer;
use super::error::ApiError;
use super::limits::Limits;
use super::meta;
use super::request::call::Call;
use super::request::info::{Access, ServiceInfo};
use crate::web::AppState;

/// Adds the addresses of a service: its own, and that of its table of fields.
pub(super) fn service<A>(routes: &mut web::ServiceConfig, info: ServiceInfo, answer: A)
where
    A: AsyncFn(&mut Call) -> Result<Answer, ApiError> + Clone + 'static,
{
    let path = format!("/{}", info.path);
    address(routes, &path, info.path, info.access(), answer);
    let meta = async move |_: &mut Call| Ok(meta::answer(info.fields));
    address(routes, &format!("{path}/meta"), info.path, Access::READ, meta);
}

/// Adds an address of a service. `answer` gets the calls that `access` allows.
pub(super) fn address<A>(routes: &mut web::ServiceConfig, path: &str, service: &'static str, access: Access, answer: A)
where
    A: AsyncFn(&mut Call) -> Result<Answer, ApiError> + Clone + 'static,
{
    let handle =
        move |request: HttpRequest, payload: web::Payload, state: web::Data<AppState>, limits: web::Data<Limits>| {
            serve(Call::new(request, state, limits, service), payload, access, answer.clone())
        };
    routes.service(web::resource(path).to(handle));
}

async fn serve<A>(mut call: Call, payload: web::Payload, access: Access, answer: A) -> HttpResponse
where
    A: AsyncFn(&mut Call) -> Result<Answer, ApiError>,
{
    let outcome = match call.open(payload, &access).await {
        Ok(_) => answer(&mut call).await,
        Err(error) => Err(error),
    };
    call.finish(outcome)
}
