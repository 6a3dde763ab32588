//! The search over everything: objects, orders, click IDs, visitors, pages of the menu.

mod events;
mod hits;
mod menu;
mod objects;
mod page;

use actix_web::web;

pub fn routes(routes: &mut web::ServiceConfig) {
    routes.route("/search", web::get().to(page::show));
}
