//! `/healthz` and `/readyz`, for programs that watch the server: its state in a line or two. They need no sign-in, so
//! they report only why requests are refused.

use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};

use crate::store::Store;
use crate::web::AppState;

/// How long the log's file may be faulty before a restart is asked for, in milliseconds. The writer mends a short fault by
/// itself.
const FAULT_PATIENCE: i64 = 60_000;

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
    store.is_alive() && !is_long_faulty(store)
}

fn is_long_faulty(store: &Store) -> bool {
    store.faulty_since().is_some_and(|since| store.clock().now().since(since) >= FAULT_PATIENCE)
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
    let long = is_long_faulty(store).then_some(
        "the log's file has been faulty for more than a minute; pixeld check says more, and a restart may help\n",
    );
    let lines = troubles.into_iter().filter_map(|(what, trouble)| Some(format!("{what}: {}\n", trouble?.cause)));
    let mending = store.mending().map(|mending| format!("{mending}\n"));
    let text: String = lines.chain(mending).chain(long.map(str::to_owned)).collect();
    if text.is_empty() { "ok\n".to_owned() } else { text }
}
