//! *Play a test sale*: an ad click and an event of a visitor that is made up, through the shop's own objects. Both are
//! marked as tests, so no figure includes them. It ends at the explanation of the event.

use std::time::Duration;

use actix_web::web;

use super::advertise::covered;
use super::channels::Channel;
use super::flow;
use crate::admin::shell::error::PageError;
use crate::admin::shell::extract::Id;
use crate::admin::shell::page::{Answer, see_other};
use crate::admin::shell::session::{Posted, Session};
use crate::domain::{
    AdParameter, Advertiser, AdvertiserId, Arrival, ClickIdValue, Exposure, ExposureKind, Fire, FireDetails, Flags,
    Goal, LineItemId, Micros, Millis, PublisherId, TagKind, Tracker, TrackerId, TrackerKind, TrackingSetup, VisitorId,
};
use crate::store::{ListQuery, LogRow, Scalar, Store, StoreError, Test};
use crate::web::AppState;

/// How long the page waits for the judge.
const PATIENCE: Duration = Duration::from_secs(5);
/// The time between the click and the sale, as the explanation shows it.
const LATER_MS: i64 = 1_000;
const TEST: Flags = Flags { test: true, bot: false, prefetch: false, new_visitor: false };

/// `POST /admin/tracking/{id}/test-sale`
pub async fn play(state: web::Data<AppState>, Posted { session, .. }: Posted, Id(id): Id<AdvertiserId>) -> Answer {
    session.editor()?;
    let (store, now) = (&state.store, session.now);
    let setup = flow::setup(store, &session, id).await?;
    let Some(channel) = covered(&setup).next() else { return Ok(see_other(flow::address(id, "ads"))) };
    let visitor = visitor()?;
    let click = click(store, &session, &setup, channel, visitor, now.plus(-LATER_MS)).await?;
    store.append(LogRow::Exposure(Box::new(click))).await?;
    let advertiser: Advertiser = store.get(session.reader(), id.0).await?;
    let seq = store.append(LogRow::Fire(Box::new(sale(&setup, &advertiser, visitor, now)))).await?;
    // The event's page says so if the judge needs longer.
    let _ = tokio::time::timeout(PATIENCE, store.judged().wait_for(|judged| *judged >= seq)).await;
    Ok(see_other(format!("/admin/conversions/{seq}")))
}

/// A visitor whom no browser has.
fn visitor() -> Result<VisitorId, PageError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| PageError::Fault(error.to_string()))?;
    Ok(VisitorId::from_random(u64::from_ne_bytes(bytes)))
}

/// A click on an ad of this kind: as its tracker would report it, or as the site tag would.
async fn click(
    store: &Store,
    session: &Session,
    setup: &TrackingSetup,
    channel: &Channel,
    visitor: VisitorId,
    at: Millis,
) -> Result<Exposure, StoreError> {
    let tracker = if channel.is_tracked { click_tracker(store, session, setup, channel).await? } else { None };
    let arrival = (!channel.is_tracked).then(|| Box::new(arrival(setup.advertiser_id, channel.sample)));
    Ok(Exposure {
        at,
        kind: ExposureKind::Click,
        tracker_id: tracker.as_ref().map_or(TrackerId::NONE, |tracker| tracker.id),
        line_item_id: tracker.as_ref().map_or(LineItemId::NONE, |tracker| tracker.line_item_id),
        publisher_id: tracker.map_or(PublisherId::NONE, |tracker| tracker.publisher_id),
        campaign_id: None,
        creative_id: None,
        visitor_id: Some(visitor),
        flags: TEST,
        ancost: None,
        impression: None,
        arrival,
        warnings: Vec::new(),
        query: channel.sample.to_owned(),
        referer: Some(setup.site.clone()),
        user_agent: None,
        ip: None,
    })
}

/// The tracker of the kind's ads.
async fn click_tracker(
    store: &Store,
    session: &Session,
    setup: &TrackingSetup,
    channel: &Channel,
) -> Result<Option<Tracker>, StoreError> {
    let Some(line_item) = setup.line_item_of(channel.key) else { return Ok(None) };
    let kind = Test::In(vec![Scalar::Text(TrackerKind::Click.to_string())]);
    let query = ListQuery::default().with_id::<Tracker>("line_item_id", line_item.0).with::<Tracker>("kind", kind);
    Ok(store.list::<Tracker>(session.reader(), query).await?.items.into_iter().next())
}

/// What the site tag would report of an address with these parameters.
fn arrival(advertiser_id: AdvertiserId, parameters: &str) -> Arrival {
    let (mut campaign, mut click_ids) = (Vec::new(), Vec::new());
    for (name, value) in url::form_urlencoded::parse(parameters.as_bytes()).into_owned() {
        match AdParameter::of(&name) {
            Some(AdParameter::ClickId(id)) => {
                click_ids.push(ClickIdValue { name: id.name.to_owned(), value: Some(value) });
            }
            Some(AdParameter::Campaign(name)) => campaign.push((name.to_owned(), value)),
            None => {}
        }
    }
    Arrival { advertiser_id, parameters: campaign, click_ids, referrer_host: None, named: None }
}

fn sale(setup: &TrackingSetup, advertiser: &Advertiser, visitor: VisitorId, at: Millis) -> Fire {
    let is_purchase = setup.goal == Goal::Purchase;
    let order = at.timestamp().strftime("TEST-%H%M%S").to_string();
    Fire {
        at,
        received: at,
        pixel_id: setup.pixel_id,
        visitor_id: Some(visitor),
        flags: TEST,
        tag: TagKind::Server,
        order_id: is_purchase.then_some(order),
        value: is_purchase.then_some(Micros(49_900_000)),
        currency: is_purchase.then_some(advertiser.default_currency),
        other: None,
        event_id: None,
        exposure: None,
        details: FireDetails::default(),
        warnings: Vec::new(),
        query: String::new(),
        referer: Some(setup.site.clone()),
        user_agent: None,
        ip: None,
    }
}
