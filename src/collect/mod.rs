//! The public tracking endpoints: parse, name the visitor, append to the log, answer. They never show a visitor an
//! error page, never lose a fire over a bad parameter, and decide nothing about conversions.
//!
//! Overload policy. The answer goes out only after the row is committed and synced. If the writer's queue is full, or
//! the commit fails, the answer is `503` with `Retry-After` and the body that the tag expects: the page does not break,
//! and no sender gets a 200 for a row that is lost. A click still leads on by `302`, without a token, so the visitor
//! arrives at the shop. The store counts what is lost so. Rejected requests take the same way; only a bounded number of
//! their rows an hour is kept.
//! Nothing here blocks a thread or holds a lock across an await, and no tag asks the database.
//!
//! The log flags a request that a browser fetches in advance. Its answer makes the browser ask again when the visitor
//! comes. A page's address (a click, a choice) gets an empty `503`, which browsers throw away. A script tag gets a
//! program that loads it once more when the page is shown.

mod answer;
mod endpoints;
#[cfg(any(test, feature = "testing"))]
pub mod fuzz;
pub mod import;
mod kept;
mod params;
mod problems;
mod query;
mod server;
mod visitor;

use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::middleware::Compress;
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, web};

use self::answer::Body;
use crate::web::{AppState, headers};
use answer::headers::preflight;
use endpoints::visit::Visit;
use problems::rejection::Rejection;

/// The endpoints of this face.
pub fn routes(routes: &mut web::ServiceConfig) {
    visitor::bots::prepare();
    routes.service(readable("/px", TAG, endpoints::pixel::get).route(web::post().to(endpoints::pixel::post)));
    routes.service(readable("/seg", TAG, endpoints::segment::get).route(web::post().to(endpoints::segment::post)));
    routes.service(readable("/site.js", GET, endpoints::site::get).wrap(Compress::default()));
    routes.service(endpoint("/landing", BEACON).route(web::post().to(endpoints::landing::post)));
    routes.service(readable("/imptr", GET, endpoints::tracker::impression));
    routes.service(readable("/clktr", GET, endpoints::tracker::click));
    routes.service(readable("/clktrb", GET, endpoints::tracker::click));
    routes.service(readable("/sspx", GET, endpoints::postback::get));
    routes.service(readable("/pixels/conversion/{file}", GET, endpoints::invoca::conversion));
    routes.service(readable("/tracked_actions/web_sale/{advertiser}", GET, endpoints::invoca::web_sale));
    routes.service(endpoint("/conversions", POST).route(web::post().to(server::conversions)));
    routes.service(endpoint("/adjustments", POST).route(web::post().to(server::adjustments)));
    routes.service(readable("/optout", GET, endpoints::opt_out::out).wrap(headers::for_pages()));
    routes.service(readable("/optin", GET, endpoints::opt_out::back_in).wrap(headers::for_pages()));
}

/// The methods of an address, and whether any page's scripts may read its answers.
#[derive(Clone, Copy)]
struct Methods {
    names: &'static str,
    cors: bool,
}

const GET: Methods = Methods { names: "GET, HEAD, OPTIONS", cors: false };
const TAG: Methods = Methods { names: "GET, HEAD, POST, OPTIONS", cors: true };
const BEACON: Methods = Methods { names: "POST, OPTIONS", cors: true };
const POST: Methods = Methods { names: "POST, OPTIONS", cors: false };

/// An endpoint that answers `OPTIONS` with its methods, and rejects all other methods.
fn endpoint(path: &str, methods: Methods) -> Resource {
    let options =
        move |request: HttpRequest| async move { preflight(methods.cors.then(|| request.headers()), methods.names) };
    let refused = move |request: HttpRequest, state: web::Data<AppState>| wrong_method(request, state, methods);
    web::resource(path).route(web::method(Method::OPTIONS).to(options)).default_service(web::to(refused))
}

/// An endpoint that answers `GET`, and `HEAD` in the same way.
fn readable<F, Args>(path: &str, methods: Methods, handler: F) -> Resource
where
    F: Handler<Args> + Copy,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    endpoint(path, methods).route(web::get().to(handler)).route(web::head().to(handler))
}

async fn wrong_method(request: HttpRequest, state: web::Data<AppState>, methods: Methods) -> HttpResponse {
    let mut response = Visit::of(&request, &state).reject(Rejection::WrongMethod, Body::Nothing).await.send(None);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods.names));
    response
}
