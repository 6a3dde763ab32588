//! A row of the log on the live page: one line that opens to the whole request and its outcome. The page and its stream
//! of events use the same template.

use std::collections::{BTreeSet, HashMap};

use askama::Template;

use crate::admin::conversions::raw_request::{RequestView, page_path};
use crate::admin::rows;
use crate::admin::rows::conversion::amount;
use crate::admin::shell::form::capital;
use crate::admin::shell::parts::Mark;
use crate::admin::text::format::{Moment, plural};
use crate::admin::text::reasons;
use crate::admin::text::warnings;
use crate::admin::text::warnings::Rejection;
use crate::domain::{
    Adjustment, Advertiser, Arrival, ArrivalFate, ConversionChange, Exposure, ExposureKind, Fire, Flags, LineItem,
    Logged, Millis, Outcome, Pixel, Publisher, PublisherId, Reader, Rejected, Segment, SegmentAction, SegmentLoad,
    SegmentOp, Seq, Tracker, TrackerId,
};
use crate::store::{JudgedArrivalRow, LiveRow, Store, StoreError};

/// The most characters of a rejected request's path in its line.
const MOST_OF_PATH: usize = 120;

#[derive(Template)]
#[template(path = "admin/live/event.html")]
pub struct LiveEvent {
    /// Unique on the page: a later event of the same row replaces the earlier one.
    id: String,
    /// "Event", "Ad click".
    kind: &'static str,
    at: Moment,
    title: String,
    sub: String,
    /// Chips, each with its colour: test, bot, prefetch, warnings.
    marks: Vec<(&'static str, String)>,
    /// The outcome of an event, or that a request was rejected.
    outcome: Option<Mark>,
    explanation: String,
    /// The address of the page with all steps; empty if there is none.
    explanation_page: String,
    request: RequestView,
}

struct Names {
    pixels: HashMap<i64, String>,
    trackers: HashMap<i64, String>,
    line_items: HashMap<i64, String>,
    publishers: HashMap<i64, String>,
    advertisers: HashMap<i64, String>,
    segments: HashMap<i64, String>,
    /// Those that are judged.
    arrivals: HashMap<Seq, JudgedArrivalRow>,
}

/// Makes the events of these rows.
pub async fn events(store: &Store, by: &Reader, rows: &[LiveRow], now: Millis) -> Result<Vec<LiveEvent>, StoreError> {
    let names = Names::of(store, by, rows).await?;
    Ok(rows.iter().map(|row| event(row, &names, now)).collect())
}

impl Names {
    async fn of(store: &Store, by: &Reader, rows: &[LiveRow]) -> Result<Self, StoreError> {
        let arrivals = rows.iter().filter_map(|row| match row {
            LiveRow::Exposure(exposure) if exposure.arrival.is_some() => Some(exposure.seq),
            _ => None,
        });
        let arrivals = store.arrivals_at(by, arrivals.collect()).await?;
        let mut ids: [BTreeSet<i64>; 6] = Default::default();
        let [pixels, trackers, line_items, publishers, advertisers, segments] = &mut ids;
        line_items.extend(arrivals.iter().filter_map(|arrival| Some(arrival.line_item_id?.0)));
        for row in rows {
            match row {
                LiveRow::Fire(fire, _) => {
                    pixels.insert(fire.pixel_id.0);
                    segments.extend(fire.details.segments.iter().map(|op| op.segment_id.0));
                }
                LiveRow::Exposure(exposure) => {
                    advertisers.extend(exposure.arrival.as_ref().map(|arrival| arrival.advertiser_id.0));
                    trackers.insert(exposure.tracker_id.0);
                    line_items.insert(exposure.line_item_id.0);
                    publishers.insert(exposure.publisher_id.0);
                }
                LiveRow::SegmentLoad(load) => segments.extend(load.segments.iter().map(|op| op.segment_id.0)),
                LiveRow::Adjustment(_) | LiveRow::Rejected(..) => {}
            }
        }
        let [pixels, trackers, line_items, publishers, advertisers, segments] =
            ids.map(|ids| ids.into_iter().collect());
        Ok(Names {
            pixels: store.names::<Pixel>(by, pixels).await?,
            trackers: store.names::<Tracker>(by, trackers).await?,
            line_items: store.names::<LineItem>(by, line_items).await?,
            publishers: store.names::<Publisher>(by, publishers).await?,
            advertisers: store.names::<Advertiser>(by, advertisers).await?,
            segments: store.names::<Segment>(by, segments).await?,
            arrivals: arrivals.into_iter().map(|arrival| (arrival.seq, arrival)).collect(),
        })
    }
}

/// The object's name, or its kind and id if it was deleted.
fn name(names: &HashMap<i64, String>, kind: &str, id: i64) -> String {
    names.get(&id).cloned().unwrap_or_else(|| format!("{kind} {id}"))
}

fn event(row: &LiveRow, names: &Names, now: Millis) -> LiveEvent {
    let at = Moment::exact(row.arrived(), now);
    match row {
        LiveRow::Fire(fire, outcome) => of_fire(fire, *outcome, at, names, now),
        LiveRow::Exposure(exposure) => match &exposure.arrival {
            Some(arrival) => of_arrival(exposure, arrival, at, names),
            None => of_exposure(exposure, at, names),
        },
        LiveRow::SegmentLoad(load) => of_segment_load(load, at, names),
        LiveRow::Adjustment(adjustment) => of_adjustment(adjustment, at),
        LiveRow::Rejected(number, rejected) => of_rejected(*number, rejected, at),
    }
}

fn of_fire(fire: &Logged<Fire>, outcome: Option<Outcome>, at: Moment, names: &Names, now: Millis) -> LiveEvent {
    let order = fire.order_id.as_ref().map(|order| format!("order {order}"));
    let value = Some(amount(fire.value, fire.currency)).filter(|value| !value.is_empty());
    LiveEvent {
        id: format!("log-{}", fire.seq),
        kind: "Event",
        at,
        title: name(&names.pixels, "Pixel", fire.pixel_id.0),
        sub: [order, value, fire.referer.as_deref().map(page_path)]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · "),
        marks: marks(fire.flags, fire.warnings.len()),
        outcome: Some(outcome.map_or_else(|| Mark::new("off", "Being processed"), Mark::of_outcome)),
        explanation: match outcome {
            Some(outcome) => reasons::sentence(outcome.reason()).to_owned(),
            None => "Recorded. It will be processed in a moment.".to_owned(),
        },
        explanation_page: outcome.map(|_| format!("/admin/conversions/{}", fire.seq)).unwrap_or_default(),
        request: RequestView::of_fire(fire, &names.segments, now),
    }
}

fn of_exposure(exposure: &Logged<Exposure>, at: Moment, names: &Names) -> LiveEvent {
    let endpoint = match exposure.kind {
        _ if exposure.tracker_id == TrackerId::NONE => "pixeld import",
        ExposureKind::Impression => "/imptr",
        ExposureKind::Click => "/clktr",
    };
    let line_item = name(&names.line_items, "line item", exposure.line_item_id.0);
    let title = match exposure.tracker_id {
        TrackerId::NONE => "Imported".to_owned(),
        TrackerId(id) => name(&names.trackers, "Tracker", id),
    };
    let placement = match exposure.publisher_id {
        PublisherId::NONE => String::new(),
        PublisherId(id) => name(&names.publishers, "placement", id),
    };
    // Names of trackers often hold these names.
    let is_new = |part: &&String| !part.is_empty() && !title.contains(part.as_str());
    let sub: Vec<String> = [&line_item, &placement].into_iter().filter(is_new).cloned().collect();
    let explanation = never_credited(exposure)
        .map_or_else(|| format!("Can be credited to {line_item} if this visitor converts."), str::to_owned);
    LiveEvent {
        id: format!("log-{}", exposure.seq),
        kind: match exposure.kind {
            ExposureKind::Click => "Ad click",
            ExposureKind::Impression => "Ad view",
        },
        at,
        title,
        sub: sub.join(" · "),
        marks: marks(exposure.flags, exposure.warnings.len()),
        outcome: None,
        explanation,
        explanation_page: String::new(),
        request: RequestView::of_exposure(exposure, endpoint),
    }
}

/// Why an exposure earns no credit whatever follows; none if it may.
fn never_credited(exposure: &Exposure) -> Option<&'static str> {
    let Flags { test, bot, prefetch, .. } = exposure.flags;
    match exposure.visitor_id {
        _ if test => Some("Test: recorded, but never credited."),
        _ if bot => Some("Sent by a bot: recorded, but never credited."),
        _ if prefetch => Some("Prefetched by the browser: recorded, but never credited."),
        None => Some("Anonymous visitor (opted out or no consent): cannot be credited."),
        Some(_) => None,
    }
}

/// An ad click that the site tag saw on the landing page.
fn of_arrival(exposure: &Logged<Exposure>, arrival: &Arrival, at: Moment, names: &Names) -> LiveEvent {
    let advertiser = name(&names.advertisers, "advertiser", arrival.advertiser_id.0);
    let ids = arrival.click_ids.iter().map(|id| format!("{} {}", id.name, id.short().unwrap_or_default()));
    let parameters = arrival.parameters.iter().map(|(name, value)| format!("{name} {value}"));
    let sub: Vec<String> = parameters.chain(ids).chain(arrival.referrer_host.clone()).collect();
    let path = if exposure.query.starts_with('{') { "pixeld import" } else { "POST /landing" };
    let mut marks = marks(exposure.flags, exposure.warnings.len());
    marks.insert(0, ("", "arrived".to_owned()));
    let explanation = match (never_credited(exposure), names.arrivals.get(&exposure.seq)) {
        (Some(why), _) => why.to_owned(),
        (None, Some(judged)) => fate(judged, names),
        (None, None) if arrival.is_empty() => "No valid sign of an ad came with it: it counts as no click.".to_owned(),
        (None, None) => "The advertiser's sources decide which line item it is credited to.".to_owned(),
    };
    LiveEvent {
        id: format!("log-{}", exposure.seq),
        kind: "Ad click",
        at,
        title: format!("Arrived at {advertiser}"),
        sub: sub.join(" · "),
        marks,
        outcome: None,
        explanation,
        explanation_page: String::new(),
        request: RequestView::of_exposure(exposure, path),
    }
}

/// What became of an arrival.
fn fate(judged: &JudgedArrivalRow, names: &Names) -> String {
    let source = judged.source.as_ref().map_or("a source", |(_, name)| name.as_str());
    match judged.fate {
        ArrivalFate::Click => {
            let line_item = judged.line_item_id.map_or(0, |id| id.0);
            let line_item = name(&names.line_items, "line item", line_item);
            format!("Taken by {source}. Can be credited to {line_item} if this visitor converts.")
        }
        ArrivalFate::Token => "Its click ID names the click that led here, so it is no second one.".to_owned(),
        ArrivalFate::Repeat => "This visitor had arrived so before, so it is no second click.".to_owned(),
        ArrivalFate::Unmatched => "No source takes it. Make one, and the next such arrival counts.".to_owned(),
        ArrivalFate::Empty => "No valid sign of an ad came with it: it counts as no click.".to_owned(),
    }
}

fn of_segment_load(load: &Logged<SegmentLoad>, at: Moment, names: &Names) -> LiveEvent {
    let text = |op: &SegmentOp| {
        let name = name(&names.segments, "segment", op.segment_id.0);
        match op.action {
            SegmentAction::Add { value: None } => format!("add to {name}"),
            SegmentAction::Add { value: Some(value) } => format!("add to {name} (value {value})"),
            SegmentAction::Remove => format!("remove from {name}"),
        }
    };
    let text = load.segments.iter().map(text).collect::<Vec<_>>().join(", ");
    LiveEvent {
        id: format!("log-{}", load.seq),
        kind: "Segment",
        at,
        title: capital(&text),
        sub: load.referer.as_deref().map(page_path).unwrap_or_default(),
        marks: marks(load.flags, load.warnings.len()),
        outcome: None,
        explanation: match load.visitor_id {
            _ if load.flags.test => "Test: recorded, but changes no segments.",
            _ if load.flags.bot => "Sent by a bot: recorded, but changes no segments.",
            _ if load.flags.prefetch => "Prefetched by the browser: recorded, but changes no segments.",
            None => "Anonymous visitor (opted out or no consent): changes no segments.",
            Some(_) => "The visitor's segments change within a second.",
        }
        .to_owned(),
        explanation_page: String::new(),
        request: RequestView::of_segment_load(load),
    }
}

fn of_adjustment(adjustment: &Logged<Adjustment>, at: Moment) -> LiveEvent {
    let conversion = rows::adjustment::name(&adjustment.of);
    let (title, explanation) = match adjustment.change {
        ConversionChange::Retract => {
            (format!("Cancel {conversion}"), "The conversion with this ID is no longer counted.")
        }
        ConversionChange::Restate { value, currency } => (
            format!("New amount of {conversion}: {}", amount(value, currency)),
            "The conversion with this ID has the new amount.",
        ),
    };
    LiveEvent {
        id: format!("log-{}", adjustment.seq),
        kind: "Correction",
        at,
        title,
        sub: format!("sent by {}", adjustment.source),
        marks: Vec::new(),
        outcome: None,
        explanation: explanation.to_owned(),
        explanation_page: String::new(),
        request: RequestView::of_adjustment(adjustment),
    }
}

fn of_rejected(number: i64, rejected: &Rejected, at: Moment) -> LiveEvent {
    let request = RequestView::of_rejected(rejected);
    let Rejection { title, advice } = warnings::rejection(&rejected.reason);
    let path = match rejected.method.as_str() {
        "" | "GET" => rejected.path.clone(),
        method => format!("{method} {}", rejected.path),
    };
    let path = path.chars().take(MOST_OF_PATH).collect();
    LiveEvent {
        id: format!("rejected-{number}"),
        kind: "Request",
        at,
        title,
        sub: [rejected.message.clone(), path]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(" · "),
        marks: Vec::new(),
        outcome: Some(Mark::new("bad", "Rejected")),
        explanation: advice.to_owned(),
        explanation_page: String::new(),
        request,
    }
}

fn marks(flags: Flags, warnings: usize) -> Vec<(&'static str, String)> {
    let words = [(flags.test, "test"), (flags.bot, "bot"), (flags.prefetch, "prefetch")];
    let mut marks: Vec<(&'static str, String)> =
        words.into_iter().filter(|(set, _)| *set).map(|(_, word)| ("", word.to_owned())).collect();
    if warnings > 0 {
        marks.push(("warn", plural(u64::try_from(warnings).unwrap_or(u64::MAX), "warning")));
    }
    marks
}
