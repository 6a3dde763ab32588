//! One step of the judge: the next rows of the log, read from one snapshot, decided in order, written as one slice.
//! It keeps nothing between steps but the definitions in force, and loads those again after any failure.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::adjust::Adjusting;
use super::case::{Fresh, Inputs, Want};
use super::rules::{InForce, Law, Rules, unknown_pixel};
use super::segments::{self, Request};
use crate::attribution::{Credit, judge};
use crate::domain::{Adjustment, Conversion, Credited, Fire, Millis, NotCounted, Outcome, Seq};
use crate::store::{
    Applied, Batch, Cursor, JudgeFile, Judged, LogItem, LoggedFire, LookUps, Slice, Snapshot, Store, StoreError,
};

/// How many places of the log are judged at once, if so many wait: enough that a slice's fixed costs do not matter, and
/// few enough to be held in memory.
pub const ROWS_A_SLICE: u16 = 8_000;

/// The sizes of segments are noted for at most so many days without any row in the log.
const MOST_QUIET_DAYS: i64 = 400;

/// Judges step by step, on the thread that calls it.
pub struct Worker {
    store: Store,
    file: JudgeFile,
    rows_a_slice: u16,
    cursor: Cursor,
    /// By what is judged at the cursor; none if it must be loaded.
    law: Option<Law>,
    /// What was read and not judged, since a day ended before it, and up to where.
    rest: Option<(Batch, Seq)>,
    /// Whether there may be something to sweep: a day has begun, or a segment has gone.
    sweeps: bool,
}

impl Worker {
    /// Stands where the log was left.
    ///
    /// # Errors
    /// Says why the file cannot be read.
    pub fn new(store: Store, rows_a_slice: u16) -> Result<Self, StoreError> {
        let file = store.judge_file()?;
        Self::on(file, store, rows_a_slice)
    }

    /// The same, on this file.
    pub(super) fn on(file: JudgeFile, store: Store, rows_a_slice: u16) -> Result<Self, StoreError> {
        let cursor = file.snapshot()?.cursor()?;
        Ok(Worker { store, file, rows_a_slice: rows_a_slice.max(1), cursor, law: None, rest: None, sweeps: true })
    }

    /// The file that it judges into.
    pub(super) fn into_file(self) -> JudgeFile {
        self.file
    }

    /// Commits what a rebuild has judged, so that the next step sees all that is logged by then.
    pub(super) fn settle(&self) -> Result<(), StoreError> {
        self.file.settle()
    }

    /// How far the log reaches at this moment.
    pub(super) fn log_end(&self) -> Result<Seq, StoreError> {
        self.file.log_end()
    }

    /// Up to where it has judged.
    pub fn cursor(&self) -> Seq {
        self.cursor.seq
    }

    /// Waits until there is something to judge or to sweep; says up to where the log reaches. None once the log has
    /// ended and is judged.
    pub fn wait(&self) -> Option<Seq> {
        if self.sweeps && !self.store.log_ended() {
            return Some(self.store.logged());
        }
        self.store.wait_past(self.cursor.seq, &self.file)
    }

    /// Judges the next slice of a log that reaches to `logged`, and sweeps some of what has expired.
    ///
    /// # Errors
    /// Why it could not be read or written; calling again is safe, and all there is to do.
    pub fn step(&mut self, logged: Seq) -> Result<(), StoreError> {
        // A panic must not end the judge silently while collection goes on.
        let done = catch_unwind(AssertUnwindSafe(|| self.try_step(logged)))
            .unwrap_or_else(|_| Err(StoreError::fault("the judge panicked; see the log")));
        if done.is_err() {
            (self.law, self.rest) = (None, None);
        }
        done
    }

    /// Sweeps some of what has expired, if there is any; says whether there may be more.
    ///
    /// # Errors
    /// Why it could not be written; calling again is safe.
    pub fn sweep(&mut self) -> Result<bool, StoreError> {
        self.sweeps = self.sweeps && self.file.sweep(self.cursor)?;
        Ok(self.sweeps)
    }

    fn try_step(&mut self, logged: Seq) -> Result<(), StoreError> {
        if self.file.has_moved() {
            self.file = self.store.judge_file()?;
            (self.law, self.rest, self.sweeps) = (None, None, true);
        }
        let snapshot = self.file.snapshot()?;
        if self.law.is_none() {
            self.cursor = snapshot.cursor()?;
        }
        let to = Seq(self.cursor.seq.0.saturating_add(i64::from(self.rows_a_slice)).min(logged.0));
        if to > self.cursor.seq {
            let law = match &mut self.law {
                Some(law) => law,
                none => none.insert(Law::at(&snapshot, self.cursor.seq)?),
            };
            let wanted = law.exposures_upto();
            if self.cursor.touched < wanted && self.cursor.seq < wanted {
                drop(snapshot);
                self.cursor = self.file.touch(wanted, u16::MAX)?;
                return Ok(());
            }
            let (mut batch, to) = match self.rest.take() {
                Some(rest) => rest,
                None => (snapshot.rows(self.cursor.seq, to)?, to),
            };
            let (slice, ends_segments) = decide(&snapshot, law, self.cursor, &mut batch, to)?;
            drop(snapshot);
            self.apply(slice, ends_segments)?;
            if self.law.is_some() && batch.peek().is_some() {
                self.rest = Some((batch, to));
            }
        } else {
            drop(snapshot);
        }
        self.sweep()?;
        Ok(())
    }

    fn apply(&mut self, slice: Slice, ends_segments: bool) -> Result<(), StoreError> {
        match self.file.apply(slice)? {
            Applied::Upto(cursor) => {
                self.sweeps = self.sweeps || ends_segments || cursor.day > self.cursor.day;
                self.cursor = cursor;
            }
            Applied::Moved(cursor) => {
                let (from, to) = (self.cursor.seq, cursor.seq);
                tracing::info!(%from, %to, "the judge's cursor was moved; it goes on from there");
                self.cursor = cursor;
                self.law = None;
            }
        }
        Ok(())
    }
}

/// Judges the batch, which is what was logged after `after` up to `to`, or what of it was logged on one day: a slice
/// holds no more, and the rest is left in the batch. Says also whether a segment was deleted on the way.
fn decide(
    snapshot: &Snapshot,
    law: &mut Law,
    after: Cursor,
    batch: &mut Batch,
    to: Seq,
) -> Result<(Slice, bool), StoreError> {
    let mut slice = Slice::new(after, to);
    let mut look = snapshot.look_ups()?;
    let mut fresh = Fresh::new(batch.fires().filter_map(|logged| logged.fire.visitor_id), after.touched);
    let mut adjusting = Adjusting::new(batch);
    let mut today = after.day;
    let (mut is_first, mut ends_segments) = (true, false);
    while let Some(item) = batch.peek() {
        if let Some(day) = item.logged_at().map(Millis::day) {
            if day > today && !is_first {
                slice.end(Seq(item.seq().0 - 1));
                break;
            }
            if day > today {
                note_sizes(snapshot, &law.now, &mut slice, today, day)?;
                slice.day(day);
                today = day;
            }
            is_first = false;
        }
        let Some(item) = batch.next() else { break };
        match item {
            LogItem::Pixel(version) => law.now.pixel(version),
            LogItem::LineItem(version) => law.now.line_item(version),
            LogItem::Segment(version) => {
                ends_segments |= version.deleted;
                law.now.segment(version);
            }
            LogItem::Exposure(exposure) => {
                if let Some(visitor) = exposure.visitor_id {
                    fresh.exposure(visitor, exposure.touch);
                }
                slice.exposure(&exposure);
            }
            LogItem::SegmentLoad(load) => {
                let (seq, at, visitor_id, flags) = (load.seq, load.at, load.visitor_id, load.flags);
                segments::follow(
                    &Request { seq, at, visitor_id, flags, segments: &load.segments },
                    &law.now,
                    &mut slice,
                );
            }
            LogItem::Fire(logged) => {
                let Fire { seq, at, visitor_id, flags, .. } = logged.fire;
                let ops = &logged.fire.details.segments;
                segments::follow(&Request { seq, at, visitor_id, flags, segments: ops }, &law.now, &mut slice);
                if let Some((judged, inputs)) = judge_fire(&mut look, &mut fresh, &adjusting, law, logged)? {
                    fresh.judged(&judged);
                    adjusting.judged(&mut slice, &judged, &inputs.parents);
                    slice.judged(judged);
                }
            }
            LogItem::Adjustment(adjustment) => {
                let Adjustment { seq, of, advertiser_id, pixel_id, correction, .. } = adjustment;
                let found = adjusting.find(&mut look, &of, advertiser_id, pixel_id, seq)?;
                adjusting.amend(&mut slice, seq, &found, correction.into());
            }
        }
    }
    Ok((slice, ends_segments))
}

/// Notes how many members the segments had at the end of each day from `today` on and before `day`. The snapshot stands
/// just before the first row of `day`.
fn note_sizes(
    snapshot: &Snapshot,
    rules: &Rules,
    slice: &mut Slice,
    today: Millis,
    day: Millis,
) -> Result<(), StoreError> {
    let longest_ago = day.plus(-MOST_QUIET_DAYS * Millis::DAY);
    let mut ended = today.max(longest_ago);
    while ended < day {
        let end = ended.plus(Millis::DAY);
        let sizes = snapshot.members_at(end)?;
        if sizes.is_empty() {
            // Nobody joins on a day without rows.
            break;
        }
        for (segment, members) in sizes {
            if rules.known_segment(segment).is_some() {
                slice.segment_size(segment, ended, members);
            }
        }
        ended = end;
    }
    Ok(())
}

/// None, with an error in the log, if the rules panic: one fire must not stop the judge for good.
fn judge_fire(
    look: &mut LookUps,
    fresh: &mut Fresh,
    adjusting: &Adjusting,
    law: &Law,
    logged: LoggedFire,
) -> Result<Option<(Judged, Inputs)>, StoreError> {
    let LoggedFire { fire, warned } = logged;
    let unknown;
    let (rules, under) = law.of(&fire);
    let in_force = match rules.in_force(&fire) {
        Some(in_force) => in_force,
        None => {
            unknown = unknown_pixel(fire.pixel_id);
            InForce { advertiser_id: unknown.advertiser_id, pixel: &unknown.rules, line_items: Vec::new() }
        }
    };
    let inputs = Inputs::gather(look, fresh, adjusting, (&in_force, under), &fire, Want::Outcome)?;
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
    let conversion = Conversion { fire, advertiser_id, visitor_id, outcome, pixel_version, credit, adjusted: None };
    let warned = warned || conversion.unknown_parent().is_some();
    Ok(Some((Judged { conversion, warned, first_of_event, counted_for }, inputs)))
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
