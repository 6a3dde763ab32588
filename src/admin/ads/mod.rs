//! An ad: its click tracker and its view tracker, created by one form and shown on one page.

mod form;
mod page;

use actix_web::web;

pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/ads/new", web::get().to(form::new))
        .route("/ads/new", web::post().to(form::create))
        .route("/ads/{id}", web::get().to(page::show));
}
