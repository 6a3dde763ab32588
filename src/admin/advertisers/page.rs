//! An advertiser's page, which is its own overview with its settings and the number of its objects, and its deletion, which
//! deletes all of them.

use actix_web::web;
use askama::Template;

use crate::admin::forms::confirm_delete;
use crate::admin::forms::confirm_delete::DeleteRequest;
use crate::admin::overview::dashboard::Dashboard;
use crate::admin::rows::change::LastChange;
use crate::admin::scope::{Offer, PageScope};
use crate::admin::shell::error::PageError;
use crate::admin::shell::extract::Id;
use crate::admin::shell::object_kind;
use crate::admin::shell::object_kind::{ADVERTISER as KIND, ObjectKind};
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::session::{Asked, Posted, Session};
use crate::admin::text::format::{grouped, plural};
use crate::domain::{Advertiser, AdvertiserId, Pixel, Reader};
use crate::store::{AdvertiserCounts, Store, StoreError};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/advertisers/page.html")]
struct AdvertiserPage {
    page: Page,
    scope: PageScope,
    /// None as long as it has no pixel.
    figures: Option<Dashboard>,
    advertiser: Advertiser,
    belongings: [BelongingsRow; 6],
    default_pixel: String,
    changed: LastChange,
    may_delete: bool,
}

/// One kind of its objects.
struct BelongingsRow {
    kind: ObjectKind,
    about: &'static str,
    count: String,
}

/// `GET /admin/advertisers/{id}`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked, Id(id): Id<AdvertiserId>) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let advertiser: Advertiser = store.get(by, id.0).await?;
    let offer = Offer::new(format!("{}/{id}", KIND.path)).of(id).with_categories().with_comparison();
    let mut scope = PageScope::load(store, &session, &query, offer).await?;
    let belongings = store.advertiser_counts(by, vec![id]).await?.remove(&id).unwrap_or_default();
    let figures = match belongings.pixels {
        0 => None,
        _ => Some(Dashboard::load(store, by, &mut scope, &query, session.now).await?),
    };
    let page = AdvertiserPage {
        page: session.page(KIND.section, advertiser.name.clone()).with_tab(format!("{}, advertiser", advertiser.name)),
        may_delete: may_delete(&session, &belongings).is_ok(),
        belongings: rows(belongings),
        default_pixel: default_pixel(store, by, &advertiser).await?,
        changed: LastChange::load::<Advertiser>(store, &session, id.0, advertiser.last_modified, "advertiser").await?,
        advertiser,
        figures,
        scope,
    };
    Ok(page.scope.remember(html(&page)))
}

async fn default_pixel(store: &Store, by: &Reader, advertiser: &Advertiser) -> Result<String, StoreError> {
    let Some(pixel) = advertiser.default_pixel_id else { return Ok(String::new()) };
    Ok(store.names::<Pixel>(by, vec![pixel.0]).await?.remove(&pixel.0).unwrap_or(pixel.to_string()))
}

fn rows(belongings: AdvertiserCounts) -> [BelongingsRow; 6] {
    let AdvertiserCounts { pixels, line_items, campaigns, trackers, sources, segments, .. } = belongings;
    let row = |kind, about, count| BelongingsRow { kind, about, count: grouped(count) };
    [
        row(object_kind::PIXEL, "What you count", pixels),
        row(object_kind::LINE_ITEM, "Ads credited together", line_items),
        row(object_kind::CAMPAIGN, "Parts of a line item", campaigns),
        row(object_kind::TRACKER, "Tags and links of ads", trackers),
        row(object_kind::SOURCE, "Rules for visitors from ads", sources),
        row(object_kind::SEGMENT, "Groups of visitors", segments),
    ]
}

/// `POST /admin/advertisers/{id}/delete`: asks first, with the numbers of objects that are deleted along.
pub async fn delete(state: web::Data<AppState>, posted: Posted, Id(id): Id<AdvertiserId>) -> Answer {
    posted.session.editor()?;
    let (store, by) = (&state.store, posted.session.reader());
    let advertiser: Advertiser = store.get(by, id.0).await?;
    let belongings = store.advertiser_counts(by, vec![id]).await?.remove(&id).unwrap_or_default();
    may_delete(&posted.session, &belongings).map_err(PageError::Denied)?;
    let request = DeleteRequest {
        cascade: cascade(belongings),
        stays: "Its recorded events and conversions stay as they are.".to_owned(),
        ..DeleteRequest::new(KIND, id, advertiser.name)
    };
    confirm_delete::answer::<Advertiser>(store, posted, id.0, request).await
}

/// The store's own rule, so that a page offers no more than the store allows.
fn may_delete(session: &Session, belongings: &AdvertiserCounts) -> Result<(), String> {
    session.caller().may_delete_advertiser(belongings.users + belongings.tokens > 0)
}

/// A sentence on each kind of objects that is deleted along.
fn cascade(belongings: AdvertiserCounts) -> Vec<String> {
    let mut cascade = Vec::new();
    let mut all_of = |count: u64, noun: &str, then: &str| {
        if count > 0 {
            let verb = if count == 1 { "goes" } else { "go" };
            cascade.push(format!("{} {verb} with it{then}", plural(count, noun)));
        }
    };
    all_of(belongings.pixels, "pixel", ": tags that are still on pages stop working");
    all_of(belongings.line_items, "line item", "");
    all_of(belongings.campaigns, "campaign", "");
    all_of(belongings.trackers, "tracker", ": links in ads stop working");
    all_of(belongings.sources, "source", "");
    all_of(belongings.segments, "segment", "");
    all_of(belongings.users, "user", ", limited to this advertiser");
    all_of(belongings.tokens, "API token", ", limited to this advertiser");
    all_of(belongings.saved_reports, "saved report", "");
    cascade
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deletion_counts_each_kind_of_objects() {
        let belongings = AdvertiserCounts { pixels: 1, trackers: 2, users: 1, ..AdvertiserCounts::default() };
        assert_eq!(
            cascade(belongings),
            [
                "1 pixel goes with it: tags that are still on pages stop working",
                "2 trackers go with it: links in ads stop working",
                "1 user goes with it, limited to this advertiser",
            ]
        );
    }
}
