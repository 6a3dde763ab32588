//! A visitor's page: its segments, its latest ad views, clicks and arrivals, its click ids, and its conversions. No index finds the
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
use crate::attribution::{Touch, words};
use crate::domain::{
    Advertiser, ArrivalFate, Campaign, GoodClickId, LineItem, LineItemId, Millis, Publisher, PublisherId, Reader,
    SegmentId, Source, VisitorId,
};
use crate::store::{InSegment, JudgedArrivalRow, Store, StoreError};
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
    arrivals: Vec<ArrivalRow>,
    click_ids: Vec<ClickIdRow>,
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

/// An arrival that is no click of its own: what the page before said, and why it is none.
struct ArrivalRow {
    at: Moment,
    /// "gclid …v3f2, utm_campaign autumn".
    carried: String,
    /// "Click from Google Ads".
    fate: String,
}

/// The newest click id of a platform.
struct ClickIdRow {
    name: String,
    value: String,
    /// The id of the text with a copy button.
    copy: String,
    first_seen: Option<Moment>,
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
        arrivals: store.arrivals_of(by, visitor, MOST).await?.iter().map(|row| arrival(row, now)).collect(),
        click_ids: click_ids(store, by, visitor, now).await?,
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

fn arrival(row: &JudgedArrivalRow, now: Millis) -> ArrivalRow {
    let source = row.source.as_ref().map_or("", |(_, name)| name.as_str());
    ArrivalRow {
        at: Moment::new(row.at, now),
        carried: words::carried(&row.arrival),
        fate: match (row.fate, row.adopts) {
            (ArrivalFate::Click, _) => format!("Click from {source}"),
            (ArrivalFate::Token, true) => "Brought the click of another cookie".to_owned(),
            (ArrivalFate::Token, false) => "The click that a tracker saw".to_owned(),
            (ArrivalFate::Repeat, _) => "Repeat, not counted again".to_owned(),
            (ArrivalFate::Unmatched, _) => "No source takes it".to_owned(),
            (ArrivalFate::Empty, _) => "No sign of an ad that could be read".to_owned(),
        },
    }
}

async fn click_ids(store: &Store, by: &Reader, visitor: VisitorId, now: Millis) -> Result<Vec<ClickIdRow>, StoreError> {
    let ids = store.newest_click_ids(by, visitor).await?;
    let row = |(place, GoodClickId { name, value, first_seen, .. }): (usize, GoodClickId)| ClickIdRow {
        name,
        value,
        copy: format!("click-id-{place}"),
        first_seen: first_seen.map(|at| Moment::new(at, now)),
    };
    Ok(ids.into_iter().enumerate().map(row).collect())
}

async fn exposures(store: &Store, by: &Reader, touches: &[Touch], now: Millis) -> Result<Vec<ExposureRow>, StoreError> {
    let line_items = store.names::<LineItem>(by, touches.iter().map(|touch| touch.line_item_id.0).collect()).await?;
    let campaigns = touches.iter().filter_map(|touch| Some(touch.campaign_id?.0)).collect();
    let campaigns = store.names::<Campaign>(by, campaigns).await?;
    let publishers = store.names::<Publisher>(by, touches.iter().map(|touch| touch.publisher_id.0).collect()).await?;
    let sources = touches.iter().filter_map(|touch| Some(touch.source_id?.0)).collect();
    let sources = store.names::<Source>(by, sources).await?;
    let row = |touch: &Touch| {
        let mut source: Vec<String> = touch.source_id.and_then(|id| sources.get(&id.0).cloned()).into_iter().collect();
        if touch.publisher_id != PublisherId::NONE {
            let id = touch.publisher_id.0;
            let placement = publishers.get(&id).cloned().unwrap_or_else(|| format!("placement {id}"));
            // A source often has the name of its placement.
            if source.last() != Some(&placement) {
                source.push(placement);
            }
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
