//! The server itself: its settings and the sample data.

pub mod fields;
mod public_address;
pub mod sample_data;
mod sample_removal;
mod save;
mod settings;
mod status;

use actix_web::web;

pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/sample-data", web::get().to(sample_data::show))
        .route("/settings", web::get().to(settings::show))
        .route("/settings/sample-data", web::get().to(sample_removal::show))
        .route("/settings/sample-data", web::post().to(sample_removal::remove))
        .route("/settings", web::post().to(settings::change))
        .route("/settings/public-address", web::get().to(public_address::show))
        .route("/settings/public-address", web::post().to(public_address::change));
}
