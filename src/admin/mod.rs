//! The admin pages: one file per screen, with its template's struct and its handlers. They read and edit through the
//! store under the caller's rights.

mod account;
mod advertiser;
mod advertiser_form;
mod advertisers;
mod alarms;
mod attention;
mod audit;
mod audit_words;
mod by_api;
mod campaign;
mod campaign_form;
mod campaigns;
mod chart_days;
mod choices;
mod conversion;
mod conversion_row;
mod conversions;
mod correct;
mod csrf;
mod delete;
mod error;
mod export;
mod export_wish;
mod export_words;
mod extract;
mod figures;
mod flash;
mod form;
mod line_item;
mod line_item_choices;
mod line_item_form;
mod line_item_typed;
mod line_items;
mod list;
mod listing;
mod live;
mod live_event;
mod live_stream;
mod object_form;
mod object_kind;
mod overview;
mod page;
mod parts;
mod piggybacks;
mod pixel;
mod pixel_form;
mod pixel_typed;
mod pixel_words;
mod pixels;
mod pixels_selected;
mod publisher;
mod publisher_form;
mod publishers;
mod rejected;
mod reports;
mod request;
mod respond;
mod roles;
mod sample;
mod save;
mod seal;
mod segment;
mod segment_form;
mod segment_size;
mod segment_typed;
mod segments;
mod session;
mod settings;
mod setup;
mod sign_in;
mod sign_in_page;
mod span;
mod test_tag;
mod timeline;
mod tokens;
mod tracker;
mod tracker_form;
mod tracker_row;
mod trackers;
mod typed;
mod user_form;
mod users;
mod visitor;
mod visitor_find;
mod warned;
mod wording;
mod zone;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::HOST;
use actix_web::middleware::{Compress, Next, from_fn};
use actix_web::{HttpResponse, ResponseError, web};

use crate::web::{State, headers};
use advertiser_form::AdvertiserForm;
use campaign_form::CampaignForm;
use error::PageError;
use line_item_form::LineItemForm;
use page::{Answer, see_other};
use pixel_form::PixelForm;
use publisher_form::PublisherForm;
use segment_form::SegmentForm;
use tracker_form::TrackerForm;
use user_form::UserForm;

/// Adds the addresses of all pages. Actix takes the first that matches.
pub fn routes(routes: &mut web::ServiceConfig) {
    routes.route("/", web::get().to(home));
    routes.service(
        web::scope("/admin")
            .wrap(from_fn(guard))
            .wrap(headers::for_pages())
            .wrap(Compress::default())
            .route("/setup", web::get().to(setup::show))
            .route("/setup", web::post().to(setup::make))
            .route("/sign-in", web::get().to(sign_in::show))
            .route("/sign-in", web::post().to(sign_in::enter))
            .route("/sign-out", web::post().to(sign_in::leave))
            .route("/sample-data", web::get().to(sample::show))
            .route("", web::get().to(overview::show))
            .route("/pixels", web::get().to(pixels::show))
            .route("/pixels/selected", web::post().to(pixels_selected::act))
            .configure(object_form::routes::<PixelForm>)
            .route("/pixels/{id}/delete", web::post().to(pixel::delete))
            .route("/pixels/{id}", web::get().to(pixel::show))
            .route("/export", web::get().to(export::show))
            .route("/export.txt", web::get().to(export::download))
            .route("/live", web::get().to(live::show))
            .route("/live/events", web::get().to(live_stream::stream))
            .route("/conversions", web::get().to(conversions::show))
            .route("/conversions/{id}", web::get().to(conversion::show))
            .route("/conversions/{id}/correct", web::get().to(correct::show))
            .route("/conversions/{id}/correct", web::post().to(correct::correct))
            .route("/visitors", web::get().to(visitor_find::show))
            .route("/visitors/{id}", web::get().to(visitor::show))
            .configure(objects)
            .configure(reports::routes)
            .configure(accounts)
            .default_service(web::route().to(no_page)),
    );
}

/// The objects that own pixels or earn credit by them.
fn objects(routes: &mut web::ServiceConfig) {
    routes
        .route("/advertisers", web::get().to(advertisers::show))
        .configure(object_form::routes::<AdvertiserForm>)
        .route("/advertisers/{id}", web::get().to(advertiser::show))
        .route("/advertisers/{id}/delete", web::post().to(advertiser::delete))
        .route("/line-items", web::get().to(line_items::show))
        .configure(object_form::routes::<LineItemForm>)
        .route("/line-items/{id}", web::get().to(line_item::show))
        .route("/line-items/{id}/delete", web::post().to(line_item::delete))
        .route("/campaigns", web::get().to(campaigns::show))
        .configure(object_form::routes::<CampaignForm>)
        .route("/campaigns/{id}", web::get().to(campaign::show))
        .route("/campaigns/{id}/delete", web::post().to(campaign::delete))
        .route("/publishers", web::get().to(publishers::show))
        .configure(object_form::routes::<PublisherForm>)
        .route("/publishers/{id}", web::get().to(publisher::show))
        .route("/publishers/{id}/delete", web::post().to(publisher::delete))
        .route("/trackers", web::get().to(trackers::show))
        .configure(object_form::routes::<TrackerForm>)
        .route("/trackers/{id}", web::get().to(tracker::show))
        .route("/trackers/{id}/delete", web::post().to(tracker::delete))
        .route("/segments", web::get().to(segments::show))
        .configure(object_form::routes::<SegmentForm>)
        .route("/segments/{id}", web::get().to(segment::show))
        .route("/segments/{id}/delete", web::post().to(segment::delete));
}

/// Users, tokens, and the pages for admins.
fn accounts(routes: &mut web::ServiceConfig) {
    routes
        .route("/account", web::get().to(account::show))
        .route("/account", web::post().to(account::change_password))
        .route("/audit", web::get().to(audit::show))
        .route("/settings", web::get().to(settings::show))
        .route("/settings", web::post().to(settings::rename))
        .route("/users", web::get().to(users::show))
        .configure(object_form::routes::<UserForm>)
        .route("/users/{id}/password", web::post().to(user_form::set_password))
        .route("/tokens/new", web::get().to(tokens::new))
        .route("/tokens/new", web::post().to(tokens::create))
        .route("/tokens/{id}/revoke", web::post().to(tokens::revoke));
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
    let has_message = request.method() == Method::GET && request.cookie(flash::COOKIE).is_some();
    let mut answer = next.call(request).await?;
    if has_message && answer.status().is_success() {
        answer.response_mut().add_cookie(&flash::removal())?;
    }
    Ok(answer)
}

fn is_from_elsewhere(request: &ServiceRequest) -> bool {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let public = request.app_data::<web::Data<State>>().and_then(|state| state.config.public_url.as_deref());
    let public = public.and_then(|url| url.split_once("://")).map_or("", |(_, host)| host);
    csrf::is_from_elsewhere(request.method(), request.headers(), &[host, public])
}
