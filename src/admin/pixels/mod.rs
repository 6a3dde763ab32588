//! Pixels: the list, a pixel's page, its form, and changes to several at once.

mod bulk;
mod entries;
mod fields;
mod form;
mod list;
mod page;
pub mod status;
pub mod summary;

use actix_web::web;

use super::forms::object_form;

pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/pixels", web::get().to(list::show))
        .route("/pixels/selected", web::post().to(bulk::act))
        .configure(object_form::routes::<form::PixelForm>)
        .route("/pixels/{id}/delete", web::post().to(page::delete))
        .route("/pixels/{id}", web::get().to(page::show));
}
