//! An advertiser's page: what it has, its settings; and its deletion, which takes all of that along.

use actix_web::web;
use askama::Template;

use super::advertisers::PATH;
use super::delete::{self, Wanted};
use super::error::PageError;
use super::extract::Id;
use super::page::{Answer, Page, html};
use super::session::{Posted, Session};
use super::wording::{Moment, grouped, plural};
use crate::domain::{Advertiser, AdvertiserId, Pixel};
use crate::store::AdvertiserCounts;
use crate::web::State;

#[derive(Template)]
#[template(path = "advertiser.html")]
struct AdvertiserPage {
    page: Page,
    advertiser: Advertiser,
    /// Name, address of the list, how many, address to make one.
    has: [Kind; 5],
    default_pixel: String,
    changed: Moment,
    may_delete: bool,
}

/// A kind of objects that belong to it.
struct Kind {
    name: &'static str,
    about: &'static str,
    path: &'static str,
    count: String,
}

/// `GET /admin/advertisers/{id}`
pub async fn show(state: web::Data<State>, session: Session, Id(id): Id<AdvertiserId>) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let advertiser: Advertiser = store.get(by, id.0).await?;
    let has = store.advertiser_counts(by, vec![id]).await?.remove(&id).unwrap_or_default();
    let default_pixel = match advertiser.default_pixel_id {
        None => String::new(),
        Some(pixel) => store.names::<Pixel>(by, vec![pixel.0]).await?.remove(&pixel.0).unwrap_or(pixel.to_string()),
    };
    Ok(html(&AdvertiserPage {
        page: session.page("advertisers", advertiser.name.clone()),
        may_delete: may_delete(&session, has).is_ok(),
        has: kinds(has),
        default_pixel,
        changed: Moment::new(advertiser.last_modified, session.now),
        advertiser,
    }))
}

fn kinds(has: AdvertiserCounts) -> [Kind; 5] {
    let kind = |name, about, path, count| Kind { name, about, path, count: grouped(count) };
    [
        kind("Pixels", "What counts as a conversion.", "/admin/pixels", has.pixels),
        kind("Line items", "Which pixels count, and what a conversion is worth.", "/admin/line-items", has.line_items),
        kind("Campaigns", "Parts of a line item, to tell ads apart.", "/admin/campaigns", has.campaigns),
        kind("Trackers", "Tags that report ad views and clicks.", "/admin/trackers", has.trackers),
        kind("Segments", "Groups of visitors, of its own.", "/admin/segments", has.segments),
    ]
}

/// `POST /admin/advertisers/{id}/delete`: asks first, with the counts of what goes along.
pub async fn delete(state: web::Data<State>, posted: Posted, Id(id): Id<AdvertiserId>) -> Answer {
    posted.session.editor()?;
    let (store, by) = (&state.store, posted.session.reader());
    let advertiser: Advertiser = store.get(by, id.0).await?;
    let has = store.advertiser_counts(by, vec![id]).await?.remove(&id).unwrap_or_default();
    may_delete(&posted.session, has).map_err(PageError::Denied)?;
    let wanted = Wanted {
        section: "advertisers",
        list_name: "Advertisers",
        list: PATH,
        address: format!("{PATH}/{id}"),
        what: "advertiser",
        name: advertiser.name,
        goes: goes(has),
        stays: "Its logged fires and their conversions stay as they are.".to_owned(),
        blockers: Vec::new(),
        first: "",
    };
    delete::answer::<Advertiser>(store, posted, id.0, wanted).await
}

/// The store's own rule, so that a page offers and asks for no more than the store does.
fn may_delete(session: &Session, has: AdvertiserCounts) -> Result<(), String> {
    session.caller().may_delete_advertiser(has.users + has.tokens > 0)
}

/// What goes along, in words.
fn goes(has: AdvertiserCounts) -> Vec<String> {
    let mut goes = Vec::new();
    let mut all_of = |count: u64, noun: &str, then: &str| {
        if count > 0 {
            let verb = if count == 1 { "goes" } else { "go" };
            goes.push(format!("{} {verb} with it{then}", plural(count, noun)));
        }
    };
    all_of(has.pixels, "pixel", ": tags that are still on pages will answer 404");
    all_of(has.line_items, "line item", "");
    all_of(has.campaigns, "campaign", "");
    all_of(has.trackers, "tracker", ": clicks on its links will lead nowhere");
    all_of(has.segments, "segment", "");
    all_of(has.users, "user", ", since limited to this advertiser");
    all_of(has.tokens, "API token", ", since limited to this advertiser");
    all_of(has.saved_reports, "saved report", "");
    goes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_along_is_counted_kind_by_kind() {
        let has = AdvertiserCounts { pixels: 1, trackers: 2, users: 1, ..AdvertiserCounts::default() };
        assert_eq!(
            goes(has),
            [
                "1 pixel goes with it: tags that are still on pages will answer 404",
                "2 trackers go with it: clicks on its links will lead nowhere",
                "1 user goes with it, since limited to this advertiser",
            ]
        );
    }
}
