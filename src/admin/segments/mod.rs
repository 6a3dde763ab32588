//! Segments: the list, a segment's page with its size, and its form.

mod fields;
mod form;
mod list;
mod page;
mod size_chart;

use actix_web::web;

use super::forms::object_form;

pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/segments", web::get().to(list::show))
        .configure(object_form::routes::<form::SegmentForm>)
        .route("/segments/{id}", web::get().to(page::show))
        .route("/segments/{id}/delete", web::post().to(page::delete));
}
