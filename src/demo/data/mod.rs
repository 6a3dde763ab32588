//! Ninety days of believable history: definitions from the store's own verbs, exposures and fires with their own past
//! times, and changes of definitions between them. The judge makes the conversions. Deterministic: the same moment and
//! size give the same history.

mod brand;
mod brands;
mod costs;
mod definitions;
mod journeys;
mod plan;
mod random;
mod rhythm;
mod rows;

use std::cell::RefCell;

use jiff::tz::TimeZone;

use self::brands::BRANDS;
use self::definitions::DefinitionWriter;
use self::plan::{Event, EventKind};
use self::random::Random;
use self::rhythm::Rhythm;
use self::rows::RowWriter;
use super::Shop;
use crate::clock::Clock;
use crate::domain::{Caller, CostRun, Millis, Seq};
use crate::store::{SampleObjects, Store, StoreError};

/// How far back the history goes.
pub const DAYS: i64 = 90;
/// Exposures of the demo that `pixeld demo` shows; tests use fewer.
pub const EXPOSURES: u32 = 200_000;

/// Rows handed to the store at once.
const ROWS_AT_ONCE: usize = 8_192;
/// Any number works; the history of this one looks best.
const SEED: u64 = 20_261_123;

/// The time of the first definition in a history up to `now`, half a day before the first visitor.
pub(super) fn beginning(now: Millis) -> Millis {
    first_hour(now).plus(-Millis::DAY / 2)
}

fn first_hour(now: Millis) -> Millis {
    now.day().plus(-DAYS * Millis::DAY)
}

/// Fills an empty store with a history of about `exposures` exposures up to `now`, and reports the percentage that is done.
/// A fixed `clock` that is the store's own goes back to the history's beginning and moves along, so that definitions bear
/// their past times. No one else may write meanwhile; the judge may follow. Returns all that it has created, too.
///
/// # Errors
/// The store's.
pub(super) async fn seed(
    store: &Store,
    clock: &Clock,
    now: Millis,
    exposures: u32,
    tell: &dyn Fn(u8),
) -> Result<(Shop, SampleObjects), StoreError> {
    let by = Caller::shell().editor().map_err(StoreError::fault)?;
    clock.set(beginning(now));
    let writer = DefinitionWriter { store, by: &by, clock, created: RefCell::default() };
    let definitions = writer.create_all().await?;

    let mut rhythms = Vec::new();
    for brand in BRANDS {
        let zone = TimeZone::get(brand.zone).map_err(StoreError::fault)?;
        rhythms.push(Rhythm::new(&brand.habits, &zone, first_hour(now), now));
    }
    let mut random = Random::new(SEED);
    let plan = journeys::plan(&rhythms, exposures, &mut random);
    let mut rows = RowWriter::new(&definitions, &plan, random);
    let mut rest = plan.events.as_slice();
    let all = rest.len().max(1);
    let tell = |left: usize| tell(u8::try_from((all - left) * 100 / all).unwrap_or(100));
    for (at, change) in definitions.changes(now) {
        let before = rest.partition_point(|event| event.received < at);
        let (earlier, later) = rest.split_at(before);
        append(store, &mut rows, earlier, &|left| tell(later.len() + left)).await?;
        rest = later;
        clock.set(at);
        writer.apply(&change).await?;
    }
    append(store, &mut rows, rest, &tell).await?;
    clock.set(now);
    let runs = costs::import(store, &by, &definitions, exposures, now).await?;
    let mut created = writer.created.take();
    runs.into_iter().for_each(|run| created.add::<CostRun>(run.0));
    created.upto = store.logged();
    Ok((definitions.shop, created))
}

/// Appends these events, and reports from time to time how many are left.
async fn append(
    store: &Store,
    row_writer: &mut RowWriter<'_>,
    events: &[Event],
    tell: &dyn Fn(usize),
) -> Result<(), StoreError> {
    let mut left = events.len();
    for events in events.chunks(ROWS_AT_ONCE) {
        // A click names its impression's place in the log, so the places must be known before the rows are appended. They
        // are: the store takes rows in their order, and no one else writes.
        let mut last = store.logged();
        let (mut rows, mut rejected) = (Vec::with_capacity(events.len()), Vec::new());
        for event in events {
            let seq = Seq(last.0 + 1);
            if let EventKind::Rejected { id } = event.kind {
                rejected.extend(row_writer.rejected(event, id));
            } else if let Some(row) = row_writer.row(event, seq) {
                rows.push(row);
                last = seq;
            }
        }
        store.append_all(rows).await?;
        store.reject_all(rejected).await?;
        if store.logged() != last {
            return Err(StoreError::fault("somebody else writes to the demo's database"));
        }
        left -= events.len();
        tell(left);
    }
    Ok(())
}
