//! One file per service: how its objects look, and how a field is set.

mod advertiser;
mod audit;
mod campaign;
mod conversions;
mod costs;
mod health;
mod line_item;
mod member;
mod membership;
mod pixel;
mod publisher;
mod segment;
mod session;
mod source;
#[cfg(test)]
mod tests;
mod tracker;
mod user;

use actix_web::web;

use self::conversions::{adjustment, conversion};
use super::request::info::{Access, ServiceInfo};
use super::serve;
use super::service::{self, Service};

/// Adds the addresses of all services.
pub(super) fn routes(routes: &mut web::ServiceConfig) {
    service::routes::<pixel::Pixels>(routes);
    let pixel = pixel::Pixels::INFO;
    serve::address(routes, "/pixel/{id}/health", pixel.path, Access::READ, health::answer);
    service::routes::<advertiser::Advertisers>(routes);
    service::routes::<publisher::Publishers>(routes);
    service::routes::<line_item::LineItems>(routes);
    service::routes::<campaign::Campaigns>(routes);
    service::routes::<segment::Segments>(routes);
    service::routes::<tracker::ImpTrackers>(routes);
    service::routes::<tracker::ClickTrackers>(routes);
    service::routes::<source::Sources>(routes);
    serve::service(routes, costs::INFO, costs::answer);
    serve::service(routes, user::INFO, user::answer);
    serve::service(routes, member::INFO, member::answer);
    serve::service(routes, conversion::INFO, conversion::answer);
    let explained = conversion::INFO;
    serve::address(
        routes,
        "/conversion/{id}/explain",
        explained.path,
        explained.access(),
        conversion::answer_explanation,
    );
    serve::service(routes, adjustment::INFO, adjustment::answer);
    serve::service(routes, membership::INFO, membership::answer);
    serve::service(routes, audit::INFO, audit::answer);
    serve::service(routes, session::INFO, session::answer);
}

/// All services, in the order of the OpenAPI document.
pub(super) fn all() -> [ServiceInfo; 17] {
    [
        pixel::Pixels::INFO,
        advertiser::Advertisers::INFO,
        publisher::Publishers::INFO,
        line_item::LineItems::INFO,
        campaign::Campaigns::INFO,
        segment::Segments::INFO,
        tracker::ImpTrackers::INFO,
        tracker::ClickTrackers::INFO,
        source::Sources::INFO,
        costs::INFO,
        user::INFO,
        member::INFO,
        conversion::INFO,
        adjustment::INFO,
        membership::INFO,
        audit::INFO,
        session::INFO,
    ]
}
