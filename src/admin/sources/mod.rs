//! Sources: their list in the order of matching with the tester, a source's page, and its form.

mod fields;
mod form;
mod list;
mod page;
mod tester;
mod unmatched;

use actix_web::web;

use super::forms::object_form;

pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/sources", web::get().to(list::show))
        .configure(object_form::routes::<form::SourceForm>)
        .route("/sources/{id}", web::get().to(page::show))
        .route("/sources/{id}/move", web::post().to(list::change_order))
        .route("/sources/{id}/delete", web::post().to(page::delete));
}
