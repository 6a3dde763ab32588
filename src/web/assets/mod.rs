//! Serves the stylesheets, scripts and icon of the pages, which are embedded in the program. Their address changes with
//! them, so browsers may keep them for ever. Knows nothing of the pages.

pub mod cached;

use std::sync::LazyLock;

use actix_web::middleware::Compress;
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

/// For the current version's address: the file behind it never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// For any other version: browsers ask each time, and get 304 while the file is the same.
const ASK_AGAIN: &str = "public, no-cache";
/// For a script on other people's pages, whose address never changes.
const FOR_AN_HOUR: &str = "public, max-age=3600";

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

/// One version for all files, so that a script may import another by a relative address.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut digest = Sha256::new();
    for name in Files::iter() {
        digest.update(name.as_bytes());
        if let Some(file) = Files::get(&name) {
            digest.update(file.metadata.sha256_hash());
        }
    }
    hex::encode(&digest.finalize()[..6])
});

/// The address of a file of `static/`: `/static/1f3a…/pixeld.css`.
pub fn address(name: &str) -> String {
    format!("/static/{}/{name}", *VERSION)
}

/// Serves `/static/{version}/{file}`, and the script of the JavaScript call to every page.
pub fn routes(routes: &mut web::ServiceConfig) {
    routes.service(
        web::resource("/pixeld.js")
            .wrap(Compress::default())
            .route(web::get().to(serve_call))
            .route(web::head().to(serve_call)),
    );
    routes.service(
        web::resource("/static/{version}/{file:.+}")
            .wrap(Compress::default())
            .route(web::get().to(serve))
            .route(web::head().to(serve)),
    );
}

async fn serve_call(request: HttpRequest) -> HttpResponse {
    answer(&request, "call.js", FOR_AN_HOUR)
}

async fn serve(request: HttpRequest, path: web::Path<(String, String)>) -> HttpResponse {
    let (version, name) = path.into_inner();
    answer(&request, &name, if version == *VERSION { FOR_EVER } else { ASK_AGAIN })
}

fn answer(request: &HttpRequest, name: &str, caching: &'static str) -> HttpResponse {
    let Some(file) = Files::get(name) else { return HttpResponse::NotFound().finish() };
    cached::answer(request, caching, content_type(name), file.data)
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        Some((_, "html")) => "text/html; charset=utf-8",
        _ => "application/octet-stream",
    }
}
