//! Help: the glossary, and the documents that come with the program as pages.

mod documents;
mod markdown;
mod pages;

use actix_web::web;

pub fn routes(routes: &mut web::ServiceConfig) {
    routes.route("/help", web::get().to(pages::index)).route("/help/{document}", web::get().to(pages::document));
}
