//! Costs: what ads cost by day and line item, typed or imported from files of ad platforms.

mod download;
mod form;
mod import;
mod list;
mod rows;
mod runs;
mod shown;

use actix_web::web;

/// The key of the link in the menu.
const SECTION: &str = "costs";
/// The address of the list.
const PATH: &str = "/admin/costs";

pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/costs", web::get().to(list::show))
        .route("/costs.csv", web::get().to(download::csv))
        .route("/costs/new", web::get().to(form::show))
        .route("/costs/new", web::post().to(form::create))
        .route("/costs/imports", web::get().to(runs::show))
        .route("/costs/imports/{id}/undo", web::post().to(runs::undo))
        .configure(import::routes);
}
