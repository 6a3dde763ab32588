//! The server itself: its settings and the sample data.

pub mod sample_data;
mod settings;
mod status;

use actix_web::web;

pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/sample-data", web::get().to(sample_data::show))
        .route("/settings", web::get().to(settings::show))
        .route("/settings", web::post().to(settings::rename));
}
