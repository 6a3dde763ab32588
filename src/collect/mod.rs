//! The public tracking endpoints (`spec/collection.md`): parse, name the visitor, append to the log, answer. They never
//! show a visitor an error page, never lose a fire over a bad parameter, and decide nothing about conversions.
//!
//! Overload policy. The answer goes out only after the row is committed and synced. A request that finds the writer's
//! queue full, or cannot be committed, is answered `503` with `Retry-After` and the body its tag expects, so that the
//! page does not break and nobody is told 200 for what was not kept. A click is answered `503` too, but with a `Refresh`
//! header, so that the visitor arrives at the shop. Rejected requests take the same way; of their rows only a bounded
//! number an hour is kept. Nothing here blocks a thread, holds a lock across an await, or asks the database.

mod answer;
mod body;
mod choice;
mod consent;
mod find;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod invoca;
mod macros;
mod onward;
mod params;
mod pixel;
mod postback;
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
use actix_web::web;

use crate::web::headers;

/// The endpoints of this face.
pub fn routes(routes: &mut web::ServiceConfig) {
    let options = || web::route().method(Method::OPTIONS);
    routes.service(
        web::resource("/px")
            .route(web::get().to(pixel::get))
            .route(web::head().to(pixel::get))
            .route(web::post().to(pixel::post))
            .route(options().to(pixel::options)),
    );
    routes.service(
        web::resource("/seg")
            .route(web::get().to(segment::get))
            .route(web::head().to(segment::get))
            .route(web::post().to(segment::post))
            .route(options().to(segment::options)),
    );
    routes.service(
        web::resource("/imptr")
            .route(web::get().to(tracker::impression))
            .route(web::head().to(tracker::impression))
            .route(options().to(tracker::options)),
    );
    routes.service(
        web::resource(["/clktr", "/clktrb"])
            .route(web::get().to(tracker::click))
            .route(web::head().to(tracker::click))
            .route(options().to(tracker::options)),
    );
    routes.service(
        web::resource("/sspx")
            .route(web::get().to(postback::get))
            .route(web::head().to(postback::get))
            .route(options().to(postback::options)),
    );
    routes.service(
        web::resource("/pixels/conversion/{file}")
            .route(web::get().to(invoca::conversion))
            .route(web::head().to(invoca::conversion))
            .route(options().to(invoca::options)),
    );
    routes.service(
        web::resource("/tracked_actions/web_sale/{advertiser}")
            .route(web::get().to(invoca::web_sale))
            .route(web::head().to(invoca::web_sale))
            .route(options().to(invoca::options)),
    );
    routes.service(web::resource("/conversions").route(web::post().to(server::conversions)));
    routes.service(web::resource("/adjustments").route(web::post().to(server::adjustments)));
    for (path, opts_out) in [("/optout", true), ("/optin", false)] {
        let page = || if opts_out { web::route().to(choice::out) } else { web::route().to(choice::back_in) };
        routes.service(
            web::resource(path)
                .wrap(headers::for_pages())
                .route(page().method(Method::GET))
                .route(page().method(Method::HEAD)),
        );
    }
}
