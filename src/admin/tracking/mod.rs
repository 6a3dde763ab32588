//! *Set up tracking*: one way from nothing to the first credited sale. Its steps are the shop, where it advertises, the two
//! snippets, and the wait for the first sale. Each step saves what it creates, so a user can stop and come back.

mod advertise;
mod channels;
mod first_sale;
mod flow;
mod mistakes;
mod region;
mod shop;
mod snippets;
mod test_sale;

use actix_web::web;

pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/tracking/new", web::get().to(shop::new))
        .route("/tracking/new", web::post().to(shop::create))
        .route("/tracking/{id}/shop", web::get().to(shop::edit))
        .route("/tracking/{id}/shop", web::post().to(shop::change))
        .route("/tracking/{id}/ads", web::get().to(advertise::show))
        .route("/tracking/{id}/ads", web::post().to(advertise::save))
        .route("/tracking/{id}/snippets", web::get().to(snippets::show))
        .route("/tracking/{id}/first-sale", web::get().to(first_sale::show))
        .route("/tracking/{id}/test-sale", web::post().to(test_sale::play))
        .route("/tracking/{id}/hide", web::post().to(first_sale::hide));
}
