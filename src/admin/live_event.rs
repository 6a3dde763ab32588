//! A row of the log as the live page shows it: what it is in a line, and opened the whole request with what came of it.
//! The page and its stream of events write it alike.

use std::collections::{BTreeSet, HashMap};

use askama::Template;

use super::conversion_row::{amount, badge};
use super::form::sentence;
use super::request::Request;
use super::warned;
use super::wording::{Moment, plural};
use crate::attribution::words;
use crate::domain::{
    Adjustment, ConversionChange, ConversionName, Exposure, ExposureKind, Fire, Flags, LineItem, Logged, Millis,
    Outcome, Pixel, Publisher, PublisherId, Reader, Rejected, Segment, SegmentAction, SegmentLoad, SegmentOp,
    TrackerId,
};
use crate::store::{AnyTracker, LiveRow, Store, StoreError};

/// Characters of a rejected request's address in its line.
const MOST_OF_LINE: usize = 120;

/// One row.
#[derive(Template)]
#[template(path = "live_event.html")]
pub struct LiveEvent {
    /// Unique on the page: a later writing of the same row takes its place.
    id: String,
    /// What it is: the badge's kind and word.
    what: (&'static str, &'static str),
    at: Moment,
    title: String,
    sub: String,
    /// Badges with what they mean: warnings, test, bot.
    marks: Vec<(&'static str, String)>,
    /// What became of a fire: the badge's kind and word.
    outcome: Option<(&'static str, &'static str)>,
    /// What came of it, in words.
    explained: String,
    /// Where all its reasons stand.
    why: String,
    request: Request,
}

/// What the rows are called by.
struct Names {
    pixels: HashMap<i64, String>,
    trackers: HashMap<i64, String>,
    line_items: HashMap<i64, String>,
    publishers: HashMap<i64, String>,
    segments: HashMap<i64, String>,
}

/// Writes rows.
///
/// # Errors
/// Database faults.
pub async fn events(store: &Store, by: &Reader, rows: &[LiveRow], now: Millis) -> Result<Vec<LiveEvent>, StoreError> {
    let names = Names::of(store, by, rows).await?;
    Ok(rows.iter().map(|row| event(row, &names, now)).collect())
}

impl Names {
    async fn of(store: &Store, by: &Reader, rows: &[LiveRow]) -> Result<Self, StoreError> {
        let mut ids: [BTreeSet<i64>; 5] = Default::default();
        let [pixels, trackers, line_items, publishers, segments] = &mut ids;
        for row in rows {
            match row {
                LiveRow::Fire(fire, _) => {
                    pixels.insert(fire.pixel_id.0);
                }
                LiveRow::Exposure(exposure) => {
                    trackers.insert(exposure.tracker_id.0);
                    line_items.insert(exposure.line_item_id.0);
                    publishers.insert(exposure.publisher_id.0);
                }
                LiveRow::SegmentLoad(load) => segments.extend(load.segments.iter().map(|op| op.segment_id.0)),
                LiveRow::Adjustment(_) | LiveRow::Rejected(..) => {}
            }
        }
        let [pixels, trackers, line_items, publishers, segments] = ids.map(|ids| ids.into_iter().collect());
        Ok(Names {
            pixels: store.names::<Pixel>(by, pixels).await?,
            trackers: store.names::<AnyTracker>(by, trackers).await?,
            line_items: store.names::<LineItem>(by, line_items).await?,
            publishers: store.names::<Publisher>(by, publishers).await?,
            segments: store.names::<Segment>(by, segments).await?,
        })
    }
}

fn named(names: &HashMap<i64, String>, what: &str, id: i64) -> String {
    names.get(&id).cloned().unwrap_or_else(|| format!("{what} {id}"))
}

fn event(row: &LiveRow, names: &Names, now: Millis) -> LiveEvent {
    let at = Moment::exact(row.arrived(), now);
    match row {
        LiveRow::Fire(fire, outcome) => of_fire(fire, *outcome, at, names, now),
        LiveRow::Exposure(exposure) => of_exposure(exposure, at, names),
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
        what: ("fire", "fire"),
        at,
        title: named(&names.pixels, "Pixel", fire.pixel_id.0),
        sub: [order, value, fire.referer.clone()].into_iter().flatten().collect::<Vec<_>>().join(" · "),
        marks: marks(fire.flags, fire.warnings.len()),
        outcome: Some(outcome.map_or(("waiting", "being judged"), badge)),
        explained: match outcome {
            Some(outcome) => words::reason(outcome.reason()).to_owned(),
            None => "It is in the log, and will be judged in a moment.".to_owned(),
        },
        why: outcome.map(|_| format!("/admin/conversions/{}", fire.seq)).unwrap_or_default(),
        request: Request::of_fire(fire, now),
    }
}

fn of_exposure(exposure: &Logged<Exposure>, at: Moment, names: &Names) -> LiveEvent {
    let (kind, path) = match exposure.kind {
        ExposureKind::Impression => (("post-view", "impression"), "/imptr"),
        ExposureKind::Click => (("post-click", "click"), "/clktr"),
    };
    let line_item = named(&names.line_items, "line item", exposure.line_item_id.0);
    let (imported, path) = if exposure.tracker_id == TrackerId::NONE { (true, "pixeld import") } else { (false, path) };
    let place = match exposure.publisher_id {
        PublisherId::NONE => line_item.clone(),
        PublisherId(id) => format!("{line_item} · {}", named(&names.publishers, "publisher", id)),
    };
    let Flags { test, bot, prefetch, .. } = exposure.flags;
    let explained = match exposure.visitor_id {
        _ if test => "A test: it is kept, and never earns credit.".to_owned(),
        _ if bot => "A bot sent it: it is kept, and never earns credit.".to_owned(),
        _ if prefetch => "A browser fetched it in advance: it is kept, and never earns credit.".to_owned(),
        None => "Nobody knows whose browser it was (opted out, or without consent), so it earns no credit.".to_owned(),
        Some(_) => format!("It may earn credit for {line_item} by what this visitor does next."),
    };
    LiveEvent {
        id: format!("log-{}", exposure.seq),
        what: kind,
        at,
        title: if imported { "Imported".to_owned() } else { named(&names.trackers, "Tracker", exposure.tracker_id.0) },
        sub: place,
        marks: marks(exposure.flags, exposure.warnings.len()),
        outcome: None,
        explained,
        why: String::new(),
        request: Request::of_exposure(exposure, path),
    }
}

fn of_segment_load(load: &Logged<SegmentLoad>, at: Moment, names: &Names) -> LiveEvent {
    let told = |op: &SegmentOp| {
        let name = named(&names.segments, "segment", op.segment_id.0);
        match op.action {
            SegmentAction::Add { value: None } => format!("adds to {name}"),
            SegmentAction::Add { value: Some(value) } => format!("adds to {name} (value {value})"),
            SegmentAction::Remove => format!("removes from {name}"),
        }
    };
    let told = load.segments.iter().map(told).collect::<Vec<_>>().join(", ");
    LiveEvent {
        id: format!("log-{}", load.seq),
        what: ("unattributed", "segment"),
        at,
        title: sentence(&told).trim_end_matches('.').to_owned(),
        sub: load.referer.clone().unwrap_or_default(),
        marks: marks(load.flags, load.warnings.len()),
        outcome: None,
        explained: match load.visitor_id {
            _ if load.flags.test => "A test: it is kept, and changes nobody's segments.",
            _ if load.flags.bot => "A bot sent it: it is kept, and changes nobody's segments.",
            _ if load.flags.prefetch => "A browser fetched it in advance: it is kept, and changes nobody's segments.",
            None => "Nobody knows whose browser it was (opted out, or without consent), so nothing changes.",
            Some(_) => "The visitor's segments change with it, within a second.",
        }
        .to_owned(),
        why: String::new(),
        request: Request::of_segment_load(load),
    }
}

fn of_adjustment(adjustment: &Logged<Adjustment>, at: Moment) -> LiveEvent {
    let of = match &adjustment.of {
        ConversionName::OrderId(id) => format!("order {id}"),
        ConversionName::EventId(id) => format!("event {id}"),
        ConversionName::ReferenceId(id) => format!("reference {id}"),
    };
    let (title, explained) = match adjustment.change {
        ConversionChange::Retract => (format!("Takes back {of}"), "What was counted under this name counts no more."),
        ConversionChange::Restate { value, currency } => (
            format!("{} is worth {} now", sentence(&of).trim_end_matches('.'), amount(value, currency)),
            "What was counted under this name has the new value.",
        ),
    };
    LiveEvent {
        id: format!("log-{}", adjustment.seq),
        what: ("not-counted", "correction"),
        at,
        title,
        sub: format!("sent by {}", adjustment.source),
        marks: Vec::new(),
        outcome: None,
        explained: explained.to_owned(),
        why: String::new(),
        request: Request::of_adjustment(adjustment),
    }
}

fn of_rejected(number: i64, rejected: &Rejected, at: Moment) -> LiveEvent {
    let request = Request::of_rejected(rejected);
    let (title, advice) = warned::rejection(&rejected.reason);
    let line = request.line.chars().take(MOST_OF_LINE).collect();
    LiveEvent {
        id: format!("rejected-{number}"),
        what: ("danger", "rejected"),
        at,
        title,
        sub: [rejected.message.clone(), line]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(" · "),
        marks: Vec::new(),
        outcome: None,
        explained: advice.to_owned(),
        why: String::new(),
        request,
    }
}

fn marks(flags: Flags, warnings: usize) -> Vec<(&'static str, String)> {
    let mut marks = Vec::new();
    for (set, word) in [(flags.test, "test"), (flags.bot, "bot"), (flags.prefetch, "prefetch")] {
        if set {
            marks.push(("not-counted", word.to_owned()));
        }
    }
    if warnings > 0 {
        marks.push(("warning", plural(u64::try_from(warnings).unwrap_or(u64::MAX), "warning")));
    }
    marks
}
