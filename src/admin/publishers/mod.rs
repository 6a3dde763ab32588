//! Placements: the list, a placement's page and its form. The API calls them publishers.

mod form;
mod list;
mod page;

use actix_web::web;

use super::forms::object_form;

pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/publishers", web::get().to(list::show))
        .configure(object_form::routes::<form::PublisherForm>)
        .route("/publishers/{id}", web::get().to(page::show))
        .route("/publishers/{id}/delete", web::post().to(page::delete));
}
