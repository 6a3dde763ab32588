//! One file per service: what its objects are called, how they look, and how a field is set.

mod advertiser;
mod audit;
mod campaign;
mod conversion;
mod explanation;
mod line_item;
mod member;
mod membership;
mod piggyback;
mod pixel;
mod publisher;
mod segment;
#[cfg(test)]
mod tests;
mod tracker;
mod user;

use actix_web::web;

use super::service;

/// Adds the addresses of all services.
pub(super) fn routes(routes: &mut web::ServiceConfig) {
    service::routes::<pixel::Pixels>(routes);
    service::routes::<advertiser::Advertisers>(routes);
    service::routes::<publisher::Publishers>(routes);
    service::routes::<line_item::LineItems>(routes);
    service::routes::<campaign::Campaigns>(routes);
    service::routes::<segment::Segments>(routes);
    service::routes::<tracker::ImpTrackers>(routes);
    service::routes::<tracker::ClickTrackers>(routes);
    user::routes(routes);
    member::routes(routes);
    conversion::routes(routes);
    membership::routes(routes);
    audit::routes(routes);
}

/// All services, for the API's description.
pub(super) fn described() -> Vec<service::Described> {
    vec![
        service::described::<pixel::Pixels>(),
        service::described::<advertiser::Advertisers>(),
        service::described::<publisher::Publishers>(),
        service::described::<line_item::LineItems>(),
        service::described::<campaign::Campaigns>(),
        service::described::<segment::Segments>(),
        service::described::<tracker::ImpTrackers>(),
        service::described::<tracker::ClickTrackers>(),
        user::DESCRIBED,
        member::DESCRIBED,
        conversion::DESCRIBED,
        membership::DESCRIBED,
        audit::DESCRIBED,
    ]
}
