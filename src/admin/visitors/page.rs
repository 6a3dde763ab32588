//! A visitor's page: its segments, its latest ad views and clicks, and its conversions. No index finds the
//! other events of a visitor.

use actix_web::{HttpRequest, web};
use askama::Template;

use crate::admin::export::api_command;
use crate::admin::rows::conversion::{ConversionRow, rows};
use crate::admin::shell::extract::Id;
use crate::admin::shell::form::capital;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::parts::{Mark, ObjectName};
use crate::admin::shell::session::Session;
use crate::admin::text::format::{Moment, short_span};
use crate::attribution::Touch;
use crate::domain::{
    Advertiser, Campaign, LineItem, LineItemId, Millis, Publisher, PublisherId, Reader, SegmentId, VisitorId,
};
use crate::store::{InSegment, Store, StoreError};
use crate::web::AppState;

/// The most exposures and the most conversions on the page.
const MOST: u32 = 20;

#[derive(Template)]
#[template(path = "admin/visitors/page.html")]
struct VisitorPage {
    page: Page,
    visitor: VisitorId,
    /// The visitor's number in decimal digits, as the API has it.
    user_id: i64,
    /// The advertiser that limits the signed-in user; empty if none does.
    limit: String,
    segments: Vec<MembershipRow>,
    exposures: Vec<ExposureRow>,
    conversions: Vec<ConversionRow>,
    has_older_exposures: bool,
    has_older_conversions: bool,
    /// The command that gets the segments by the API.
    api_command: String,
}

struct MembershipRow {
    id: SegmentId,
    name: String,
    code: String,
    value: String,
    since: Moment,
    until: Moment,
    /// "179 d 23 h".
    left: String,
}

struct ExposureRow {
    at: Moment,
    kind: Mark,
    /// Flags that forbid credit: test, bot, prefetch.
    marks: Vec<&'static str>,
    /// None if the line item was deleted.
    line_item: Option<ObjectName<LineItemId>>,
    /// Placement, campaign, creative.
    source: String,
}

/// The address of a visitor's page.
pub fn address(visitor: VisitorId) -> String {
    format!("/admin/visitors/{visitor}")
}

/// `GET /admin/visitors/{id}`
pub async fn show(
    state: web::Data<AppState>,
    session: Session,
    Id(visitor): Id<VisitorId>,
    request: HttpRequest,
) -> Answer {
    let (store, by, now) = (&state.store, session.reader(), session.now);
    let limit = match by.scope().advertiser() {
        None => String::new(),
        Some(own) => store.names::<Advertiser>(by, vec![own.0]).await?.remove(&own.0).unwrap_or_default(),
    };
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    let mut touches = store.exposures_of(by, visitor, most + 1).await?;
    let mut credited = store.credited_of(by, visitor, MOST + 1).await?;
    let (has_older_exposures, has_older_conversions) = (touches.len() > most, credited.len() > most);
    touches.truncate(most);
    credited.truncate(most);
    let segments = store.segments_of(by, visitor).await?;
    let number = visitor.to_string();
    Ok(html(&VisitorPage {
        page: session.page("visitors", format!("Visitor {visitor}")),
        visitor,
        user_id: visitor.0,
        limit,
        segments: segments.into_iter().map(|segment| membership(segment, now)).collect(),
        exposures: exposures(store, by, &touches, now).await?,
        conversions: rows(store, by, &credited, now).await?,
        has_older_exposures,
        has_older_conversions,
        api_command: api_command::get(&api_command::base(&request, &state)?, "/membership", &[("visitor_id", &number)]),
    }))
}

fn membership(InSegment { membership, code, short_name }: InSegment, now: Millis) -> MembershipRow {
    MembershipRow {
        id: membership.segment_id,
        name: short_name,
        code: code.unwrap_or_default(),
        value: membership.value.map(|value| value.to_string()).unwrap_or_default(),
        since: Moment::new(membership.added_at, now),
        until: Moment::new(membership.expires_at, now),
        left: short_span(membership.expires_at.since(now)),
    }
}

async fn exposures(store: &Store, by: &Reader, touches: &[Touch], now: Millis) -> Result<Vec<ExposureRow>, StoreError> {
    let line_items = store.names::<LineItem>(by, touches.iter().map(|touch| touch.line_item_id.0).collect()).await?;
    let campaigns = touches.iter().filter_map(|touch| Some(touch.campaign_id?.0)).collect();
    let campaigns = store.names::<Campaign>(by, campaigns).await?;
    let publishers = store.names::<Publisher>(by, touches.iter().map(|touch| touch.publisher_id.0).collect()).await?;
    let row = |touch: &Touch| {
        let mut source = Vec::new();
        if touch.publisher_id != PublisherId::NONE {
            let id = touch.publisher_id.0;
            source.push(publishers.get(&id).cloned().unwrap_or_else(|| format!("placement {id}")));
        }
        source.extend(
            touch.campaign_id.map(|id| campaigns.get(&id.0).cloned().unwrap_or_else(|| format!("campaign {id}"))),
        );
        source.extend(touch.creative_id.map(|id| format!("creative {id}")));
        let flags = [(touch.flags.test, "test"), (touch.flags.bot, "bot"), (touch.flags.prefetch, "prefetch")];
        ExposureRow {
            at: Moment::new(touch.at, now),
            kind: Mark::of_exposure(touch.kind, "Ad click", "Ad view"),
            marks: flags.iter().filter(|(set, _)| *set).map(|(_, word)| *word).collect(),
            line_item: line_items
                .get(&touch.line_item_id.0)
                .map(|name| ObjectName { id: touch.line_item_id, name: name.clone() }),
            source: capital(&source.join(" · ")),
        }
    };
    Ok(touches.iter().map(row).collect())
}
