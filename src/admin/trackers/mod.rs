//! Impression and click trackers: the list, a tracker's page with its tags, and its form.

mod form;
mod list;
mod page;

use actix_web::web;

use super::forms::object_form;

pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/trackers", web::get().to(list::show))
        .configure(object_form::routes::<form::TrackerForm>)
        .route("/trackers/{id}", web::get().to(page::show))
        .route("/trackers/{id}/delete", web::post().to(page::delete));
}
