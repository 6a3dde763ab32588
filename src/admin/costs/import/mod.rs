//! The import of a file of costs, in three steps. Each is a form: the columns, the campaigns, and the check before it
//! happens. The file waits among the uploads of the session.

mod campaigns;
mod check;
mod choices;
mod columns;
mod questions;
mod reading;
mod upload;

use actix_web::web;

pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/costs/import", web::get().to(upload::show))
        .route("/costs/import", web::post().to(upload::take))
        .route("/costs/import/{key}", web::get().to(columns::show))
        .route("/costs/import/{key}", web::post().to(columns::choose))
        .route("/costs/import/{key}/campaigns", web::get().to(campaigns::show))
        .route("/costs/import/{key}/campaigns", web::post().to(campaigns::choose))
        .route("/costs/import/{key}/check", web::get().to(check::show))
        .route("/costs/import/{key}/check", web::post().to(check::run))
        .route("/costs/import/{key}/discard", web::post().to(upload::discard));
}
