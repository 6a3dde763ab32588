//! The admin pages: one file per screen, with its template's struct and its handlers. They read and edit through the
//! store under the caller's rights.

mod advertisers;
mod audit;
mod campaigns;
mod choices;
mod conversions;
mod export;
mod forms;
mod line_items;
mod lists;
mod live;
mod overview;
mod people;
mod pixels;
mod publishers;
mod reports;
mod rows;
mod segments;
mod server;
mod shell;
mod text;
mod trackers;
mod visitors;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::HOST;
use actix_web::middleware::{Compress, Next, from_fn};
use actix_web::{HttpResponse, ResponseError, web};

use crate::web::{AppState, headers};
use advertisers::form::AdvertiserForm;
use campaigns::form::CampaignForm;
use line_items::form::LineItemForm;
use people::form::UserForm;
use pixels::form::PixelForm;
use publishers::form::PublisherForm;
use segments::form::SegmentForm;
use shell::error::PageError;
use shell::page::{Answer, see_other};
use trackers::form::TrackerForm;

/// Adds the addresses of all pages. Actix takes the first that matches.
pub fn routes(routes: &mut web::ServiceConfig) {
    routes.route("/", web::get().to(home));
    routes.service(
        web::scope("/admin")
            .wrap(from_fn(guard))
            .wrap(headers::for_pages())
            .wrap(Compress::default())
            .route("/setup", web::get().to(people::setup::show))
            .route("/setup", web::post().to(people::setup::make))
            .route("/sign-in", web::get().to(people::sign_in::show))
            .route("/sign-in", web::post().to(people::sign_in::enter))
            .route("/sign-out", web::post().to(people::sign_in::leave))
            .route("/sample-data", web::get().to(server::sample_data::show))
            .route("", web::get().to(overview::show))
            .route("/pixels", web::get().to(pixels::list::show))
            .route("/pixels/selected", web::post().to(pixels::bulk::act))
            .configure(forms::object_form::routes::<PixelForm>)
            .route("/pixels/{id}/delete", web::post().to(pixels::page::delete))
            .route("/pixels/{id}", web::get().to(pixels::page::show))
            .route("/export", web::get().to(export::show))
            .route("/export.txt", web::get().to(export::download))
            .route("/live", web::get().to(live::show))
            .route("/live/events", web::get().to(live::stream::stream))
            .route("/conversions", web::get().to(conversions::list::show))
            .route("/conversions/{id}", web::get().to(conversions::page::show))
            .route("/conversions/{id}/correct", web::get().to(conversions::correct::show))
            .route("/conversions/{id}/correct", web::post().to(conversions::correct::correct))
            .route("/visitors", web::get().to(visitors::find::show))
            .route("/visitors/{id}", web::get().to(visitors::page::show))
            .configure(objects)
            .configure(reports::routes)
            .configure(accounts)
            .default_service(web::route().to(no_page)),
    );
}

/// The objects that own pixels or earn credit by them.
fn objects(routes: &mut web::ServiceConfig) {
    routes
        .route("/advertisers", web::get().to(advertisers::list::show))
        .configure(forms::object_form::routes::<AdvertiserForm>)
        .route("/advertisers/{id}", web::get().to(advertisers::page::show))
        .route("/advertisers/{id}/delete", web::post().to(advertisers::page::delete))
        .route("/line-items", web::get().to(line_items::list::show))
        .configure(forms::object_form::routes::<LineItemForm>)
        .route("/line-items/{id}", web::get().to(line_items::page::show))
        .route("/line-items/{id}/delete", web::post().to(line_items::page::delete))
        .route("/campaigns", web::get().to(campaigns::list::show))
        .configure(forms::object_form::routes::<CampaignForm>)
        .route("/campaigns/{id}", web::get().to(campaigns::page::show))
        .route("/campaigns/{id}/delete", web::post().to(campaigns::page::delete))
        .route("/publishers", web::get().to(publishers::list::show))
        .configure(forms::object_form::routes::<PublisherForm>)
        .route("/publishers/{id}", web::get().to(publishers::page::show))
        .route("/publishers/{id}/delete", web::post().to(publishers::page::delete))
        .route("/trackers", web::get().to(trackers::list::show))
        .configure(forms::object_form::routes::<TrackerForm>)
        .route("/trackers/{id}", web::get().to(trackers::page::show))
        .route("/trackers/{id}/delete", web::post().to(trackers::page::delete))
        .route("/segments", web::get().to(segments::list::show))
        .configure(forms::object_form::routes::<SegmentForm>)
        .route("/segments/{id}", web::get().to(segments::page::show))
        .route("/segments/{id}/delete", web::post().to(segments::page::delete));
}

/// Users, tokens, and the pages for admins.
fn accounts(routes: &mut web::ServiceConfig) {
    routes
        .route("/account", web::get().to(people::account::show))
        .route("/account", web::post().to(people::account::change_password))
        .route("/audit", web::get().to(audit::list::show))
        .route("/settings", web::get().to(server::settings::show))
        .route("/settings", web::post().to(server::settings::rename))
        .route("/users", web::get().to(people::list::show))
        .configure(forms::object_form::routes::<UserForm>)
        .route("/users/{id}/password", web::post().to(people::form::set_password))
        .route("/tokens/new", web::get().to(people::tokens::new))
        .route("/tokens/new", web::post().to(people::tokens::create))
        .route("/tokens/{id}/revoke", web::post().to(people::tokens::revoke));
}

async fn home() -> HttpResponse {
    see_other("/admin")
}

async fn no_page() -> Answer {
    Err(PageError::NoPage)
}

/// Refuses posts of other sites, and removes a message once a page has shown it.
async fn guard(request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if is_from_elsewhere(&request) {
        let answer = PageError::FromElsewhere.error_response();
        return Ok(request.into_response(answer));
    }
    let has_message = request.method() == Method::GET && request.cookie(shell::flash::COOKIE).is_some();
    let mut answer = next.call(request).await?;
    if has_message && answer.status().is_success() {
        answer.response_mut().add_cookie(&shell::flash::removal())?;
    }
    Ok(answer)
}

fn is_from_elsewhere(request: &ServiceRequest) -> bool {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let public = request.app_data::<web::Data<AppState>>().and_then(|state| state.config.public_url.as_deref());
    let public = public.and_then(|url| url.split_once("://")).map_or("", |(_, host)| host);
    shell::csrf::is_from_elsewhere(request.method(), request.headers(), &[host, public])
}
