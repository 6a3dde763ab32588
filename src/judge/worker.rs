//! One step of the judge: the next rows of the log, read from one snapshot, decided in order, written as one slice.
//! It keeps nothing between steps but the definitions in force, and loads those again after any failure.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::case::{Fresh, Inputs, Want};
use super::rules::{InForce, Rules, unknown_pixel};
use crate::attribution::{Credit, judge};
use crate::domain::{Conversion, Credited, Fire, NotCounted, Outcome, Seq};
use crate::store::{
    Applied, Batch, JudgeReader, Judged, LogItem, LoggedFire, LookUps, Slice, Snapshot, Store, StoreError,
};

/// How many places of the log are judged at once: few enough that the writer, which serves collection too, is done
/// with a slice in a few milliseconds.
pub const ROWS_A_SLICE: u16 = 1_000;

/// Judges step by step, on the thread that calls it.
pub struct Worker {
    store: Store,
    reader: JudgeReader,
    rows_a_slice: u16,
    cursor: Seq,
    /// The definitions in force at the cursor; none if they must be loaded.
    rules: Option<Rules>,
}

impl Worker {
    /// Stands where the log was left.
    ///
    /// # Errors
    /// Says why the file cannot be read.
    pub fn new(store: Store, rows_a_slice: u16) -> Result<Self, StoreError> {
        let reader = store.judge_reader()?;
        let cursor = reader.snapshot()?.cursor()?;
        Ok(Worker { store, reader, rows_a_slice: rows_a_slice.max(1), cursor, rules: None })
    }

    /// Up to where it has judged.
    pub fn cursor(&self) -> Seq {
        self.cursor
    }

    /// Waits until there is something to judge; says up to where. None once the log has ended and is judged.
    pub fn wait(&self) -> Option<Seq> {
        self.store.wait_past(self.cursor)
    }

    /// Judges the next slice of a log that reaches to `logged`.
    ///
    /// # Errors
    /// Why it could not be read or written; calling again is safe, and all there is to do.
    pub fn step(&mut self, logged: Seq) -> Result<(), StoreError> {
        // A panic must not end the judge silently while collection goes on.
        let done = catch_unwind(AssertUnwindSafe(|| self.try_step(logged)))
            .unwrap_or_else(|_| Err(StoreError::fault("the judge panicked; see the log")));
        if done.is_err() {
            self.rules = None;
        }
        done
    }

    fn try_step(&mut self, logged: Seq) -> Result<(), StoreError> {
        let snapshot = self.reader.snapshot()?;
        if self.rules.is_none() {
            self.cursor = snapshot.cursor()?;
        }
        let to = Seq(self.cursor.0.saturating_add(i64::from(self.rows_a_slice)).min(logged.0));
        if to <= self.cursor {
            return Ok(());
        }
        let rules = match &mut self.rules {
            Some(rules) => rules,
            none => none.insert(load(&snapshot, self.cursor)?),
        };
        let slice = decide(&snapshot, rules, self.cursor, to)?;
        drop(snapshot);
        match self.store.apply(slice)? {
            Applied::Upto(seq) => self.cursor = seq,
            Applied::Moved(seq) => {
                tracing::info!(from = %self.cursor, to = %seq, "the judge's cursor was moved; it goes on from there");
                self.cursor = seq;
                self.rules = None;
            }
        }
        Ok(())
    }
}

fn load(snapshot: &Snapshot, seq: Seq) -> Result<Rules, StoreError> {
    let (pixels, line_items) = snapshot.in_force_at(seq)?;
    Ok(Rules::new(pixels, line_items))
}

fn decide(snapshot: &Snapshot, rules: &mut Rules, after: Seq, to: Seq) -> Result<Slice, StoreError> {
    let mut slice = Slice::new(after, to);
    let batch: Batch = snapshot.rows(after, to)?;
    let mut look = snapshot.look_ups()?;
    let mut fresh = Fresh::new(batch.fires().iter().filter_map(|logged| logged.fire.visitor_id));
    for item in batch {
        match item {
            LogItem::Pixel(version) => rules.pixel(version),
            LogItem::LineItem(version) => rules.line_item(version),
            LogItem::Exposure(exposure) => {
                if let Some(visitor) = exposure.visitor_id {
                    fresh.exposure(visitor, exposure.touch);
                }
                slice.exposure(&exposure);
            }
            LogItem::Fire(logged) => {
                if let Some(judged) = judge_fire(&mut look, &mut fresh, rules, logged)? {
                    fresh.judged(&judged);
                    slice.judged(judged);
                }
            }
        }
    }
    Ok(slice)
}

/// None, with an error in the log, if the rules panic: one fire must not stop the judge for good.
fn judge_fire(
    look: &mut LookUps,
    fresh: &mut Fresh,
    rules: &Rules,
    logged: LoggedFire,
) -> Result<Option<Judged>, StoreError> {
    let LoggedFire { fire, warned } = logged;
    let unknown;
    let in_force = match rules.in_force(&fire) {
        Some(in_force) => in_force,
        None => {
            unknown = unknown_pixel(fire.pixel_id);
            InForce { advertiser_id: unknown.advertiser_id, pixel: &unknown.rules, line_items: Vec::new() }
        }
    };
    let inputs = Inputs::gather(look, fresh, &in_force, &fire, Want::Outcome)?;
    let case = inputs.case(&fire, &in_force);
    let Ok(judgement) = catch_unwind(AssertUnwindSafe(|| judge(&case))) else {
        tracing::error!(seq = %fire.seq, "a fire could not be judged; it is left out of all that is derived");
        return Ok(None);
    };
    let outcome = judgement.outcome;
    let visitor_id = inputs.named.map_or(fire.visitor_id, |named| named.visitor_id);
    let credit = judgement.credit.as_ref().map(credited);
    let counted_for = credit.and_then(|_| inputs.counts_for(&fire));
    let (advertiser_id, pixel_version) = (in_force.advertiser_id, in_force.pixel.version);
    let first_of_event = is_first_of_event(&fire, outcome);
    let conversion = Conversion { fire, advertiser_id, visitor_id, outcome, pixel_version, credit };
    Ok(Some(Judged { conversion, warned, first_of_event, counted_for }))
}

/// Whether later fires with its event id are duplicates of it. A prefetch or a test must not make a duplicate of the
/// real event that follows it.
fn is_first_of_event(fire: &Fire, outcome: Outcome) -> bool {
    use NotCounted::{Bot, DuplicateEvent, Prefetch, Test};
    fire.event_id.is_some() && !matches!(outcome, Outcome::NotCounted(DuplicateEvent | Test | Bot | Prefetch))
}

fn credited(credit: &Credit) -> Credited {
    Credited {
        exposure: credit.touch.seq,
        exposure_at: credit.touch.at,
        window: credit.window,
        line_item_version: credit.line_item_version,
        line_item_id: credit.touch.line_item_id,
        campaign_id: credit.touch.campaign_id,
        publisher_id: credit.touch.publisher_id,
        creative_id: credit.touch.creative_id,
        static_value: credit.static_value,
        static_currency: credit.static_currency,
    }
}
