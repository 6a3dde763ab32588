//! A visitor's page: the segments that it is in now, the latest ads that it saw and clicked, and the latest conversions
//! that it was credited with. Fires that earned no credit are not looked up by visitor.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::by_api;
use super::conversion_row::{ConversionRow, rows};
use super::extract::Id;
use super::form::capital;
use super::page::{Answer, Page, html};
use super::session::Session;
use super::wording::Moment;
use crate::attribution::{Touch, words};
use crate::domain::{
    Advertiser, Campaign, ExposureKind, LineItem, LineItemId, Millis, Publisher, PublisherId, Reader, SegmentId,
    VisitorId,
};
use crate::store::{InSegment, Store, StoreError};
use crate::web::State;

/// The most exposures, and the most conversions, that are shown.
const MOST: u32 = 20;

#[derive(Template)]
#[template(path = "visitor.html")]
struct VisitorPage {
    page: Page,
    visitor: VisitorId,
    /// The same number in decimal digits.
    user_id: i64,
    /// To whose objects the user is limited; empty if to nobody's.
    only: String,
    segments: Vec<SegmentRow>,
    exposures: Vec<ExposureRow>,
    conversions: Vec<ConversionRow>,
    /// Whether there are older ones of each.
    older: (bool, bool),
    /// The command that gets its segments by the API.
    by_api: String,
}

struct SegmentRow {
    id: SegmentId,
    name: String,
    code: String,
    value: String,
    since: Moment,
    until: Moment,
    /// "179 days 23 hours".
    left: String,
}

struct ExposureRow {
    at: Moment,
    /// The badge's kind and word.
    what: (&'static str, &'static str),
    /// Why it earns no credit whatever follows: test, bot, prefetch.
    marks: Vec<&'static str>,
    /// None if it was deleted.
    line_item: Option<(LineItemId, String)>,
    /// Where it ran, and for which campaign.
    place: String,
}

/// Where a visitor's page is.
pub fn address(visitor: VisitorId) -> String {
    format!("/admin/visitors/{visitor}")
}

/// `GET /admin/visitors/{id}`
pub async fn show(state: web::Data<State>, session: Session, Id(visitor): Id<VisitorId>, asked: HttpRequest) -> Answer {
    let (store, by, now) = (&state.store, session.reader(), session.now);
    let only = match by.scope().advertiser() {
        None => String::new(),
        Some(own) => store.names::<Advertiser>(by, vec![own.0]).await?.remove(&own.0).unwrap_or_default(),
    };
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    let mut touches = store.exposures_of(by, visitor, most + 1).await?;
    let mut credited = store.credited_of(by, visitor, MOST + 1).await?;
    let older = (touches.len() > most, credited.len() > most);
    touches.truncate(most);
    credited.truncate(most);
    let segments = store.segments_of(by, visitor).await?;
    let named = [("visitor_id", visitor.to_string())];
    let named = named.each_ref().map(|(name, value)| (*name, value.as_str()));
    Ok(html(&VisitorPage {
        page: session.page("segments", format!("Visitor {visitor}")),
        visitor,
        user_id: visitor.0,
        only,
        segments: segments.into_iter().map(|found| segment(found, now)).collect(),
        exposures: exposures(store, by, &touches, now).await?,
        conversions: rows(store, by, &credited, now).await?,
        older,
        by_api: by_api::get(&by_api::base(&asked, &state)?, "/membership", &named),
    }))
}

fn segment(InSegment { membership, code, short_name }: InSegment, now: Millis) -> SegmentRow {
    SegmentRow {
        id: membership.segment_id,
        name: short_name,
        code: code.unwrap_or_default(),
        value: membership.value.map(|value| value.to_string()).unwrap_or_default(),
        since: Moment::new(membership.added_at, now),
        until: Moment::new(membership.expires_at, now),
        left: words::span(membership.expires_at.since(now)),
    }
}

async fn exposures(store: &Store, by: &Reader, touches: &[Touch], now: Millis) -> Result<Vec<ExposureRow>, StoreError> {
    let line_items = store.names::<LineItem>(by, touches.iter().map(|touch| touch.line_item_id.0).collect()).await?;
    let campaigns = touches.iter().filter_map(|touch| Some(touch.campaign_id?.0)).collect();
    let campaigns = store.names::<Campaign>(by, campaigns).await?;
    let publishers = store.names::<Publisher>(by, touches.iter().map(|touch| touch.publisher_id.0).collect()).await?;
    let row = |touch: &Touch| {
        let mut place = Vec::new();
        if touch.publisher_id != PublisherId::NONE {
            let id = touch.publisher_id.0;
            place.push(publishers.get(&id).cloned().unwrap_or_else(|| format!("publisher {id}")));
        }
        place.extend(
            touch.campaign_id.map(|id| campaigns.get(&id.0).cloned().unwrap_or_else(|| format!("campaign {id}"))),
        );
        place.extend(touch.creative_id.map(|id| format!("creative {id}")));
        let flags = [(touch.flags.test, "test"), (touch.flags.bot, "bot"), (touch.flags.prefetch, "prefetch")];
        ExposureRow {
            at: Moment::exact(touch.at, now),
            what: match touch.kind {
                ExposureKind::Click => ("post-click", "click"),
                ExposureKind::Impression => ("post-view", "impression"),
            },
            marks: flags.iter().filter(|(set, _)| *set).map(|(_, word)| *word).collect(),
            line_item: line_items.get(&touch.line_item_id.0).map(|name| (touch.line_item_id, name.clone())),
            place: capital(&place.join(" · ")),
        }
    };
    Ok(touches.iter().map(row).collect())
}
