//! Decides the rows of a batch one after the other, in the log's order, and gathers the results in a slice. It reads one
//! snapshot and writes nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::adjust::{Adjuster, Update};
use super::arrivals::{ArrivalBook, Arriving};
use super::case::{Detail, Gathering, Inputs};
use super::names::NameBook;
use super::pending::PendingBatch;
use super::rules::{ActiveRules, RuleBook};
use super::segments::{self, SegmentRequest};
use super::states::States;
use super::twins::Twins;
use crate::attribution::{Credit, Judgement, Touch, judge};
use crate::domain::{Credited, JudgeFire, Millis, Seq, VisitorId};
use crate::store::{Batch, Cursor, JudgeExposure, Judged, LogItem, LookUps, Slice, Snapshot, StoreError};

/// The judge notes the sizes of segments for at most this many days without any row in the log.
const MOST_QUIET_DAYS: i64 = 400;

/// A decided slice, for the worker.
pub(super) struct Decided {
    pub slice: Slice,
    /// Whether the slice deletes a segment, so that there are memberships to sweep.
    pub deletes_segment: bool,
}

/// Judges the rows after `after`, up to `to` or to the end of their day. A slice holds rows of one day, and the rest stays
/// in the batch.
pub(super) fn decide(
    snapshot: &Snapshot,
    rules: &mut RuleBook,
    after: Cursor,
    batch: &mut Batch,
    to: Seq,
) -> Result<Decided, StoreError> {
    let mut decider = Decider::new(snapshot, rules, after, batch, to)?;
    while let Some(item) = batch.peek() {
        if !decider.is_of_this_slice(item)? {
            break;
        }
        let Some(item) = batch.next() else { break };
        decider.take(item)?;
    }
    let Decider { book, mut decided, .. } = decider;
    book.end(&mut decided.slice);
    Ok(decided)
}

/// Takes the exposures of a batch that holds no other rows of the log, before their turn.
pub(super) fn take_exposures(
    snapshot: &Snapshot,
    rules: &mut RuleBook,
    after: Cursor,
    mut batch: Batch,
) -> Result<Slice, StoreError> {
    let mut decider = Decider::new(snapshot, rules, after, &batch, after.seq)?;
    batch.try_for_each(|item| decider.take(item))?;
    Ok(decider.decided.slice)
}

struct Decider<'a> {
    snapshot: &'a Snapshot<'a>,
    rules: &'a mut RuleBook,
    look_ups: LookUps<'a>,
    pending: PendingBatch,
    states: States,
    book: NameBook,
    arrivals: ArrivalBook,
    adjuster: Adjuster,
    touched: Seq,
    today: Millis,
    /// Whether every row so far was without a time of logging.
    is_first: bool,
    decided: Decided,
}

impl<'a> Decider<'a> {
    fn new(
        snapshot: &'a Snapshot<'a>,
        rules: &'a mut RuleBook,
        after: Cursor,
        batch: &Batch,
        to: Seq,
    ) -> Result<Self, StoreError> {
        Ok(Decider {
            snapshot,
            rules,
            look_ups: snapshot.look_ups()?,
            pending: PendingBatch::new(batch.fires().filter_map(|fire| fire.visitor_id), after.touched),
            states: States::default(),
            book: NameBook::default(),
            arrivals: ArrivalBook::default(),
            adjuster: Adjuster::new(batch),
            touched: after.touched,
            today: after.day,
            is_first: true,
            decided: Decided { slice: Slice::new(after, to), deletes_segment: false },
        })
    }

    /// Ends the slice before a row of the next day, and begins a day with its first row.
    fn is_of_this_slice(&mut self, item: &LogItem) -> Result<bool, StoreError> {
        let Some(day) = item.logged_at().map(Millis::day) else { return Ok(true) };
        if day > self.today {
            if !self.is_first {
                self.decided.slice.end(Seq(item.seq().0 - 1));
                return Ok(false);
            }
            self.note_sizes(day)?;
            self.decided.slice.day(day);
            self.today = day;
        }
        self.is_first = false;
        Ok(true)
    }

    /// Notes how many members the segments had at the end of each day from `today` to the day before `day`. The snapshot
    /// shows the moment just before the first row of `day`.
    fn note_sizes(&mut self, day: Millis) -> Result<(), StoreError> {
        let longest_ago = day.plus(-MOST_QUIET_DAYS * Millis::DAY);
        let mut ended = self.today.max(longest_ago);
        while ended < day {
            let end = ended.plus(Millis::DAY);
            let sizes = self.snapshot.members_at(end)?;
            if sizes.is_empty() {
                // No visitor joins on a day without rows.
                break;
            }
            for (segment, members) in sizes {
                if self.rules.now.known_segment(segment).is_some() {
                    self.decided.slice.segment_size(segment, ended, members);
                }
            }
            ended = end;
        }
        Ok(())
    }

    fn take(&mut self, item: LogItem) -> Result<(), StoreError> {
        match item {
            LogItem::Pixel(version) => self.rules.now.pixel(version),
            LogItem::LineItem(version) => self.rules.now.line_item(version),
            LogItem::Segment(version) => {
                self.decided.deletes_segment |= version.deleted;
                self.rules.now.segment(version);
            }
            LogItem::Source(version) => self.rules.now.source(version),
            LogItem::Campaign(version) => self.rules.now.campaign_code(version),
            // Those before this place have been taken already.
            LogItem::Exposure(exposure) if exposure.touch.seq <= self.touched => {}
            LogItem::Exposure(exposure) => self.exposure(&exposure)?,
            LogItem::SegmentLoad(load) => self.segments(&SegmentRequest::from(&load)),
            LogItem::Fire(fire) => self.fire(fire)?,
            LogItem::Adjustment(adjustment) => {
                let (look_ups, states, slice) = (&mut self.look_ups, &mut self.states, &mut self.decided.slice);
                self.adjuster.adjustment(look_ups, states, slice, &adjustment, self.rules)?;
            }
        }
        Ok(())
    }

    fn exposure(&mut self, exposure: &JudgeExposure) -> Result<(), StoreError> {
        let touch = exposure.touch;
        let Some(arrival) = &exposure.arrival else {
            self.touch(exposure.visitor_id, touch);
            let line_item = self.rules.now.known_line_item(touch.line_item_id);
            self.decided.slice.exposure(&touch, exposure.tracker_id, exposure.ancost, line_item);
            return Ok(());
        };
        let rules = self.rules.for_arrival(touch.seq, touch.at);
        let (look_ups, book, slice) = (&mut self.look_ups, &mut self.arrivals, &mut self.decided.slice);
        let arrived = Arriving { look_ups, book, slice }.arrival(exposure, arrival, rules)?;
        if let Some((click, line_item)) = &arrived.click {
            slice.exposure(click, exposure.tracker_id, exposure.ancost, *line_item);
        }
        let touches = arrived.adopted.into_iter().chain(arrived.click.map(|(click, _)| click));
        touches.for_each(|touch| self.touch(exposure.visitor_id, touch));
        Ok(())
    }

    fn touch(&mut self, visitor: Option<VisitorId>, touch: Touch) {
        if let Some(visitor) = visitor {
            self.pending.exposure(visitor, touch);
            self.decided.slice.touch(visitor, touch);
        }
    }

    fn segments(&mut self, request: &SegmentRequest) {
        segments::follow(request, &self.rules.now, &mut self.decided.slice);
    }

    fn fire(&mut self, fire: JudgeFire) -> Result<(), StoreError> {
        self.segments(&SegmentRequest::from(&fire));
        let rules = self.rules.active(&fire);
        let (look_ups, pending, adjuster) = (&mut self.look_ups, &mut self.pending, &self.adjuster);
        let (states, slice, book) = (&mut self.states, Some(&self.decided.slice), &mut self.book);
        let detail = Detail::Outcome;
        let of = Gathering { look_ups, pending, states, slice, book, adjuster, rules: &rules, fire: &fire, detail };
        let inputs = of.inputs()?;
        let case = inputs.case(&fire, &rules);
        // Caught here and not only around the turn. Otherwise the judge would try this slice again for ever, because of
        // one fire that the rules cannot judge.
        let Ok(judgement) = catch_unwind(AssertUnwindSafe(|| judge(&case))) else {
            tracing::error!(seq = %fire.seq, "a fire could not be judged; the judge leaves it out");
            return Ok(());
        };
        let (value, currency) = (fire.value, fire.value.and(fire.currency));
        let mut judged = judged(fire, &rules, &inputs, &judgement);
        if let Some(credit) = &mut judged.credit {
            credit.tracker_id = self.look_ups.tracker_of(credit.exposure)?;
        }
        let Inputs { parents, names, .. } = inputs;
        self.pending.judged(&judged);
        let slice = &mut self.decided.slice;
        let is_event_named = self.book.note(names, slice);
        let twins = Twins { look_ups: &mut self.look_ups, states: &mut self.states, adjuster: &mut self.adjuster };
        let judged = twins.settle(slice, judged, &judgement)?;
        let update = Update { parents: &parents, value, currency, rules: self.rules };
        self.adjuster.judged(&mut self.states, slice, &judged, &update, is_event_named);
        slice.judged(judged);
        Ok(())
    }
}

fn judged(mut fire: JudgeFire, rules: &ActiveRules, inputs: &Inputs, judgement: &Judgement) -> Judged {
    let outcome = judgement.outcome;
    let credit = judgement.credit.as_ref().map(credited);
    if judgement.exceeded.is_some() {
        (fire.value, fire.currency) = (None, None);
    }
    let misses_parent = fire.parent_reference_id.is_some() && outcome.misses_parent();
    Judged {
        advertiser_id: rules.advertiser_id,
        visitor_id: inputs.visitor(&fire),
        outcome,
        pixel_version: rules.pixel.version,
        credit,
        has_warnings: fire.has_warnings || judgement.exceeded.is_some() || misses_parent,
        exceeded: judgement.exceeded,
        duplicate_of: judgement.duplicate_of.map(|counts| counts.seq),
        carried: None,
        counted_for: credit.and_then(|_| inputs.counts_for(&fire)),
        fire,
    }
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
        source_id: credit.touch.source_id,
        tracker_id: None,
        creative_id: credit.touch.creative_id,
        static_value: credit.static_value,
        static_currency: credit.static_currency,
    }
}
