//! The audit log: who changed what, and when.

mod changes;
mod list;

use actix_web::web;

pub fn routes(routes: &mut web::ServiceConfig) {
    routes.route("/audit", web::get().to(list::show));
}
