//! Advertisers: the list, an advertiser's page and its form.

mod form;
mod list;
mod page;

use actix_web::web;

use super::forms::object_form;

pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/advertisers", web::get().to(list::show))
        .configure(object_form::routes::<form::AdvertiserForm>)
        .route("/advertisers/{id}", web::get().to(page::show))
        .route("/advertisers/{id}/delete", web::post().to(page::delete));
}
