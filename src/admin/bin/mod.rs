//! The bin: the list of what was deleted, and the way back. It shows each what he or she may restore.

pub mod kinds;
mod list;
mod restore;

use actix_web::web;

pub fn routes(routes: &mut web::ServiceConfig) {
    routes.route("/bin", web::get().to(list::show)).route("/bin/{id}/restore", web::post().to(restore::restore));
}
