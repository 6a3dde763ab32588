//! Visitors: the search and a visitor's page.

pub mod find;
pub mod page;

use actix_web::web;

pub fn routes(routes: &mut web::ServiceConfig) {
    routes.route("/visitors", web::get().to(find::show)).route("/visitors/{id}", web::get().to(page::show));
}
