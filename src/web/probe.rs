//! `/healthz` and `/readyz`, for programs that watch the server: its state in a line or two. They need no sign-in, so
//! they report only why requests are refused.

use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};

use super::AppState;
use crate::store::Store;

/// Both addresses.
pub fn routes(routes: &mut web::ServiceConfig) {
    for (path, healthy) in [("/healthz", is_healthy as fn(&Store) -> bool), ("/readyz", is_ready)] {
        let answer = move |state: web::Data<AppState>| {
            let answer = answer(&state.store, healthy(&state.store));
            async move { answer }
        };
        routes.service(web::resource(path).route(web::get().to(answer)).route(web::head().to(answer)));
    }
}

/// False only where a restart would help. A full disk waits for room, and the pages say so meanwhile.
fn is_healthy(store: &Store) -> bool {
    store.is_alive()
}

/// Whether the server accepts tracking requests.
fn is_ready(store: &Store) -> bool {
    store.is_alive() && store.trouble().is_none()
}

fn answer(store: &Store, healthy: bool) -> HttpResponse {
    let status = if healthy { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    HttpResponse::build(status)
        .insert_header((CACHE_CONTROL, "no-store"))
        .content_type("text/plain; charset=utf-8")
        .body(text(store))
}

fn text(store: &Store) -> String {
    if !store.is_alive() {
        return "the writer has stopped\n".to_owned();
    }
    let troubles = [
        ("nothing can be written", store.trouble()),
        ("checkpoints fail", store.checkpoint_trouble()),
        ("the judge cannot go on", store.judging().now()),
    ];
    let lines = troubles.into_iter().filter_map(|(what, trouble)| Some(format!("{what}: {}\n", trouble?.cause)));
    let text: String = lines.collect();
    if text.is_empty() { "ok\n".to_owned() } else { text }
}
