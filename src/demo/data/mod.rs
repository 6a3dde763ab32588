//! Ninety days of believable history: definitions set up through the store's verbs, exposures and fires appended to the
//! log with their own past times, and the changes of definitions between them. Conversions are the judge's to make of
//! it; none is made up here. Deterministic: the same moment and size give the same history.

mod brands;
mod cast;
mod found;
mod journeys;
mod random;
mod rhythm;
mod rows;

use jiff::tz::TimeZone;

use self::brands::BRANDS;
use self::found::Founder;
use self::journeys::{Event, What};
use self::random::Random;
use self::rhythm::Rhythm;
use self::rows::Dresser;
use super::Shop;
use crate::clock::Clock;
use crate::domain::{Caller, Millis, Seq};
use crate::store::{Store, StoreError};

/// How far back the history goes.
pub const DAYS: i64 = 90;
/// Exposures of the demo that `pixeld demo` shows; tests use fewer.
pub const EXPOSURES: u32 = 200_000;

/// Rows handed to the store at once.
const ROWS_AT_ONCE: usize = 8_192;
/// Any number does; this one looked best.
const SEED: u64 = 20_261_123;

/// When the first definition of a history up to `now` is made, half a day before anybody comes.
pub(super) fn beginning(now: Millis) -> Millis {
    first_hour(now).plus(-Millis::DAY / 2)
}

fn first_hour(now: Millis) -> Millis {
    now.day().plus(-DAYS * Millis::DAY)
}

/// Fills an empty store with a history of about so many exposures up to `now`, and tells the percentage that is done.
/// Where `clock` is the store's own, a fixed one, it is set back to the history's beginning and moved along, so that what
/// is made along the way bears its time. Nobody else may write meanwhile. The judge may follow.
///
/// # Errors
/// What the store refuses.
pub(super) async fn seed(
    store: &Store,
    clock: &Clock,
    now: Millis,
    exposures: u32,
    tell: &dyn Fn(u8),
) -> Result<Shop, StoreError> {
    let by = Caller::shell().editor().map_err(StoreError::fault)?;
    clock.set(beginning(now));
    let founder = Founder { store, by: &by, clock };
    let world = founder.found().await?;

    let mut rhythms = Vec::new();
    for brand in BRANDS {
        let zone = TimeZone::get(brand.zone).map_err(StoreError::fault)?;
        rhythms.push(Rhythm::new(&brand.habits, &zone, first_hour(now), now));
    }
    let mut random = Random::new(SEED);
    let plan = journeys::plan(&rhythms, exposures, &mut random);
    let mut dresser = Dresser::new(&world, &plan, random);
    let mut rest = plan.events.as_slice();
    let all = rest.len().max(1);
    let tell = |left: usize| tell(u8::try_from((all - left) * 100 / all).unwrap_or(100));
    for (at, change) in world.changes(now) {
        let before = rest.partition_point(|event| event.received < at);
        let (earlier, later) = rest.split_at(before);
        append(store, &mut dresser, earlier, &|left| tell(later.len() + left)).await?;
        rest = later;
        clock.set(at);
        founder.change(&change).await?;
    }
    append(store, &mut dresser, rest, &tell).await?;
    clock.set(now);
    Ok(world.shop)
}

/// Appends these events, telling from time to time how many are left.
async fn append(
    store: &Store,
    dresser: &mut Dresser<'_>,
    events: &[Event],
    tell: &dyn Fn(usize),
) -> Result<(), StoreError> {
    let mut left = events.len();
    for events in events.chunks(ROWS_AT_ONCE) {
        // A click names the place of its impression in the log, so places are known before the rows are handed over:
        // the store takes rows in their order, and nobody else writes.
        let mut last = store.logged();
        let (mut rows, mut rejected) = (Vec::with_capacity(events.len()), Vec::new());
        for event in events {
            let seq = Seq(last.0 + 1);
            if let What::Rejected { id } = event.what {
                rejected.extend(dresser.rejected(event, id));
            } else if let Some(row) = dresser.row(event, seq) {
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
