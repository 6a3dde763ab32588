//! Campaigns: the list, a campaign's page and its form.

mod form;
mod list;
mod page;

use actix_web::web;

use super::forms::object_form;

pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/campaigns", web::get().to(list::show))
        .configure(object_form::routes::<form::CampaignForm>)
        .route("/campaigns/{id}", web::get().to(page::show))
        .route("/campaigns/{id}/delete", web::post().to(page::delete));
}
