//! The admin pages, a room for each concept: its templates' structs and its handlers. They read and edit through the
//! store under the caller's rights.

mod adjustments;
mod ads;
mod advertisers;
mod audit;
mod bin;
mod campaigns;
mod choices;
mod conversions;
mod costs;
mod export;
mod figures;
mod forms;
mod help;
mod line_items;
mod lists;
mod live;
mod overview;
mod people;
mod pixels;
mod publishers;
mod reports;
mod rows;
mod scope;
mod search;
mod segments;
mod server;
mod shell;
mod sources;
mod text;
mod trackers;
mod tracking;
mod visitors;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HOST, RETRY_AFTER};
use actix_web::middleware::{Compress, Next, from_fn};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};

use crate::store::StoreError;
use crate::web::elsewhere;
use crate::web::{AppState, headers};
use shell::error::PageError;
use shell::page::{Answer, see_other};
use shell::parts::DeletedView;
use shell::session::{Session, client};

/// Adds the addresses of every room. Actix takes the first that matches: a room lists `/new` before `/{id}`.
pub fn routes(routes: &mut web::ServiceConfig) {
    routes.route("/", web::get().to(home));
    routes.service(
        web::scope("/admin")
            .wrap(from_fn(guard))
            .wrap(headers::for_pages())
            .wrap(Compress::default())
            .configure(overview::routes)
            .configure(pixels::routes)
            .configure(line_items::routes)
            .configure(segments::routes)
            .configure(campaigns::routes)
            .configure(publishers::routes)
            .configure(ads::routes)
            .configure(trackers::routes)
            .configure(tracking::routes)
            .configure(sources::routes)
            .configure(costs::routes)
            .configure(advertisers::routes)
            .configure(export::routes)
            .configure(live::routes)
            .configure(conversions::routes)
            .configure(adjustments::routes)
            .configure(visitors::routes)
            .configure(search::routes)
            .configure(reports::routes)
            .configure(people::routes)
            .configure(audit::routes)
            .configure(bin::routes)
            .configure(server::routes)
            .configure(help::routes)
            .default_service(web::route().to(no_page)),
    );
}

async fn home() -> HttpResponse {
    see_other("/admin")
}

async fn no_page() -> Answer {
    Err(PageError::NoPage)
}

/// Refuses posts of other sites. Removes a message once a page has shown it.
async fn guard(request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let secure = shell::session::state(request.request()).is_ok_and(|state| client(request.request(), &state).https);
    if is_from_elsewhere(&request) {
        let answer = shell::respond::alone(&PageError::FromElsewhere, shell::theme::of(request.request(), secure));
        return Ok(request.into_response(answer));
    }
    let message = shell::flash::COOKIE.value(request.request(), secure);
    let has_message = request.method() == Method::GET && message.is_some();
    let mut answer = dressed(next.call(request).await?, secure).await;
    if has_message && answer.status().is_success() {
        answer.response_mut().add_cookie(&shell::flash::removal(secure))?;
    }
    Ok(answer)
}

/// Puts the page of an error into the frame, for a signed-in user, and gives others the theme of their browser.
async fn dressed(answer: ServiceResponse<BoxBody>, secure: bool) -> ServiceResponse<BoxBody> {
    let Some(error) = answer.response().error().and_then(|error| error.as_error::<PageError>()) else { return answer };
    let path = answer.request().path();
    let framed = match Session::extract(answer.request()).await {
        Ok(session) => {
            let deleted = deleted(answer.request(), error, &session).await;
            shell::respond::in_frame(error, &session, path, deleted)
        }
        Err(_) => None,
    };
    let mut page = framed.unwrap_or_else(|| shell::respond::alone(error, shell::theme::of(answer.request(), secure)));
    let (request, old) = answer.into_parts();
    if let Some(value) = old.headers().get(RETRY_AFTER) {
        page.headers_mut().insert(RETRY_AFTER, value.clone());
    }
    ServiceResponse::new(request, page)
}

/// Who deleted the object that the request asked for.
async fn deleted(request: &HttpRequest, error: &PageError, session: &Session) -> Option<DeletedView> {
    let PageError::Store(StoreError::NotFound { what, id }) = error else { return None };
    let state = shell::session::state(request).ok()?;
    let deletion = state.store.deletion(session.caller(), what, id.parse().ok()?).await.ok()??;
    Some(DeletedView::of(deletion, session.now))
}

fn is_from_elsewhere(request: &ServiceRequest) -> bool {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let public = request.app_data::<web::Data<AppState>>().and_then(|state| state.live().public_url.clone());
    elsewhere::is_from_elsewhere(
        request.method(),
        request.headers(),
        &[host, elsewhere::host_of_url(public.as_deref())],
    )
}
