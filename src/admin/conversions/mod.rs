//! Events: the list, the page that explains one, and corrections.

mod correct;
mod download;
mod facts;
mod filters;
mod list;
pub mod no_cookie;
mod page;
pub mod raw_request;
mod segment_changes;
mod selects;
mod tabs;
mod timeline;
mod verdict;

use actix_web::web;

pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/conversions", web::get().to(list::show))
        .route("/conversions.csv", web::get().to(download::csv))
        .route("/conversions.json", web::get().to(download::json))
        .route("/conversions/{id}", web::get().to(page::show))
        .route("/conversions/{id}/correct", web::get().to(correct::show))
        .route("/conversions/{id}/correct", web::post().to(correct::correct));
}
