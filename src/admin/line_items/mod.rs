//! Line items: the list, a line item's page and its form.

mod fields;
mod form;
mod list;
pub mod options;
mod page;

use actix_web::web;

use super::forms::object_form;

pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/line-items", web::get().to(list::show))
        .configure(object_form::routes::<form::LineItemForm>)
        .route("/line-items/{id}", web::get().to(page::show))
        .route("/line-items/{id}/delete", web::post().to(page::delete));
}
