//! Corrections: the list of adjustments with what became of each.

mod list;

use actix_web::web;

pub fn routes(routes: &mut web::ServiceConfig) {
    routes.route("/adjustments", web::get().to(list::show));
}
