//! An advertiser's page, which is its own overview with its settings and the number of its objects. Its deletion
//! deletes all of them.

use actix_web::web;
use askama::Template;

use crate::admin::bin::kinds::noun;
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
use crate::admin::text::format::{and, grouped, plural};
use crate::domain::{Advertiser, AdvertiserId, AuditObject, Pixel, Reader};
use crate::store::{AdvertiserCounts, Belongings, Store, StoreError};
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
    let scope = PageScope::load(store, &session, &query, offer).await?;
    let belongings = store.advertiser_counts(by, vec![id]).await?.remove(&id).unwrap_or_default();
    let figures = match belongings.pixels {
        0 => None,
        _ => Some(Dashboard::load(store, &session, &scope, &query).await?),
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
    let going = store.belongings(by, id.0).await?;
    let request = DeleteRequest {
        cascade: cascade(&going),
        wants_name: !going.is_empty(),
        stays: "Its recorded events and conversions stay as they are.".to_owned(),
        ..DeleteRequest::new(KIND, id, advertiser.name)
    };
    confirm_delete::answer::<Advertiser>(store, posted, id.0, request).await
}

/// The store's own rule, so that a page offers no more than the store allows.
fn may_delete(session: &Session, belongings: &AdvertiserCounts) -> Result<(), String> {
    session.caller().may_delete_advertiser(belongings.users + belongings.tokens > 0)
}

/// A sentence on each kind of objects that is deleted along, with the names of the first ones.
fn cascade(going: &[Belongings]) -> Vec<String> {
    let sentence = |Belongings { object, count, names }: &Belongings| {
        let then = match object {
            AuditObject::Pixel => ": tags that are still on pages stop working",
            AuditObject::Tracker => ": links in ads stop working",
            AuditObject::User | AuditObject::Token => ", limited to this advertiser",
            _ => "",
        };
        let verb = if *count == 1 { "goes" } else { "go" };
        let mut names: Vec<String> = names.iter().map(|name| format!("“{name}”")).collect();
        let shown = u64::try_from(names.len()).unwrap_or(u64::MAX);
        if *count > shown {
            names.push(format!("{} more", count - shown));
        }
        format!("{} {verb} with it{then}. {}", plural(*count, noun(*object)), and(&names))
    };
    going.iter().map(sentence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deletion_counts_and_names_each_kind_of_objects() {
        let of = |object, count, names: &[&str]| Belongings {
            object,
            count,
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        };
        let going = [
            of(AuditObject::Pixel, 1, &["Purchase"]),
            of(AuditObject::Tracker, 7, &["a", "b", "c", "d", "e"]),
            of(AuditObject::User, 1, &["ann"]),
        ];
        assert_eq!(
            cascade(&going),
            [
                "1 pixel goes with it: tags that are still on pages stop working. “Purchase”",
                "7 trackers go with it: links in ads stop working. “a”, “b”, “c”, “d”, “e” and 2 more",
                "1 user goes with it, limited to this advertiser. “ann”",
            ]
        );
    }
}
