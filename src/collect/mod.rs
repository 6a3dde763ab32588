//! The public tracking endpoints (`spec/collection.md`): parse, name the visitor, append to the log, answer. They never
//! show a visitor an error page, never lose a fire over a bad parameter, and decide nothing about conversions.
//!
//! Overload policy. The answer goes out only after the row is committed and synced. A request that finds the writer's
//! queue full, or cannot be committed, is answered `503` with `Retry-After` and the body its tag expects, so that the
//! page does not break and nobody is told 200 for what was not kept. A click is answered `503` too, but with a `Refresh`
//! header, so that the visitor arrives at the shop. Rejected requests take the same way; of their rows only a bounded
//! number an hour is kept. Nothing here blocks a thread or holds a lock across an await, and no tag asks the database.
//!
//! What a browser fetches in advance is logged with a flag, and is answered so that it comes again once somebody is
//! there: a page's address (a click, a choice) with an empty `503`, which browsers throw away, and a script tag with a
//! program that loads it anew when the page is shown.

mod answer;
mod body;
mod choice;
mod consent;
mod find;
#[cfg(any(test, feature = "testing"))]
pub mod fuzz;
pub mod import;
mod invoca;
mod macros;
mod multipart;
mod onward;
mod params;
mod pixel;
mod postback;
mod private;
mod query;
mod rejection;
mod script;
mod segment;
mod segment_ops;
mod server;
mod signs;
mod tcf;
mod tracker;
mod visit;
mod visitor;
mod warnings;

use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, web};

use self::answer::{Body, preflight};
use self::rejection::Rejection;
use self::visit::Visit;
use crate::web::{State, headers};

/// The endpoints of this face.
pub fn routes(routes: &mut web::ServiceConfig) {
    signs::prepare();
    routes.service(asked("/px", TAG, pixel::get).route(web::post().to(pixel::post)));
    routes.service(asked("/seg", TAG, segment::get).route(web::post().to(segment::post)));
    routes.service(asked("/imptr", GET, tracker::impression));
    routes.service(asked("/clktr", GET, tracker::click));
    routes.service(asked("/clktrb", GET, tracker::click));
    routes.service(asked("/sspx", GET, postback::get));
    routes.service(asked("/pixels/conversion/{file}", GET, invoca::conversion));
    routes.service(asked("/tracked_actions/web_sale/{advertiser}", GET, invoca::web_sale));
    routes.service(endpoint("/conversions", POST).route(web::post().to(server::conversions)));
    routes.service(endpoint("/adjustments", POST).route(web::post().to(server::adjustments)));
    routes.service(asked("/optout", GET, choice::out).wrap(headers::for_pages()));
    routes.service(asked("/optin", GET, choice::back_in).wrap(headers::for_pages()));
}

/// The methods of an address, and whether any page's scripts may read what it answers.
#[derive(Clone, Copy)]
struct Methods {
    names: &'static str,
    cors: bool,
}

const GET: Methods = Methods { names: "GET, HEAD, OPTIONS", cors: false };
const TAG: Methods = Methods { names: "GET, HEAD, POST, OPTIONS", cors: true };
const POST: Methods = Methods { names: "POST, OPTIONS", cors: false };

/// One that tells which methods it has, and rejects the others.
fn endpoint(path: &str, methods: Methods) -> Resource {
    let told =
        move |request: HttpRequest| async move { preflight(methods.cors.then(|| request.headers()), methods.names) };
    let refused = move |request: HttpRequest, state: web::Data<State>| wrong_method(request, state, methods);
    web::resource(path).route(web::method(Method::OPTIONS).to(told)).default_service(web::to(refused))
}

/// One that answers `HEAD` as `GET`.
fn asked<F, Args>(path: &str, methods: Methods, handler: F) -> Resource
where
    F: Handler<Args> + Copy,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    endpoint(path, methods).route(web::get().to(handler)).route(web::head().to(handler))
}

async fn wrong_method(request: HttpRequest, state: web::Data<State>, methods: Methods) -> HttpResponse {
    let mut response = Visit::of(&request, &state).reject(Rejection::WrongMethod, Body::Nothing).await.send(None);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods.names));
    response
}
