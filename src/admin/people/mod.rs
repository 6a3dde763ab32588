//! People and scripts that sign in: set-up, sign-in, accounts, users and tokens.

mod account;
mod form;
mod list;
mod roles;
mod sessions;
mod setup;
mod sign_in;
mod tabs;
mod theme;
mod token_list;
mod tokens;

use actix_web::web;

use super::forms::object_form;

pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/setup", web::get().to(setup::show))
        .route("/setup", web::post().to(setup::make))
        .route("/sign-in", web::get().to(sign_in::show))
        .route("/sign-in", web::post().to(sign_in::enter))
        .route("/sign-out", web::post().to(sign_in::leave))
        .route("/theme", web::post().to(theme::choose))
        .route("/shortcuts", web::post().to(theme::choose_shortcuts))
        .route("/account", web::get().to(account::show))
        .route("/account", web::post().to(account::change_password))
        .route("/account/sessions/others/end", web::post().to(sessions::end_others))
        .route("/account/sessions/{id}/end", web::post().to(sessions::end_own))
        .route("/users", web::get().to(list::show))
        .configure(object_form::routes::<form::UserForm>)
        .route("/users/{id}/password", web::post().to(form::set_password))
        .route("/users/{id}/sessions", web::get().to(sessions::show))
        .route("/users/{id}/sessions/all/end", web::post().to(sessions::end_all))
        .route("/users/{id}/sessions/{session}/end", web::post().to(sessions::end))
        .route("/tokens", web::get().to(token_list::show))
        .route("/tokens/new", web::get().to(tokens::new))
        .route("/tokens/new", web::post().to(tokens::create))
        .route("/tokens/{id}/revoke", web::post().to(tokens::revoke));
}
