//! Gathers the inputs of a judgement, from the store before the batch and from earlier rows of the batch. It skips look-ups
//! that cannot change the outcome.

use super::adjust::{self, Adjuster};
use super::pending::PendingBatch;
use super::rules::ActiveRules;
use crate::attribution::{Case, EarlierFire, Flag, Touch};
use crate::domain::{JudgeFire, Millis, RepeatRule, VisitorId};
use crate::store::{AdjustmentTarget, CountedAround, LookUps, NamedExposure, StoreError};

/// How much to gather.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// The inputs that can decide the outcome.
    Outcome,
    /// All inputs that an explanation shows, even if an earlier rule decides.
    Explanation,
}

/// The earlier events that a judgement depends on.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    pub named: Option<NamedExposure>,
    /// The conversions that the fire's `parent_reference_id` names, the latest last.
    pub parents: Vec<AdjustmentTarget>,
    touches: Vec<Touch>,
    same_event: Option<EarlierFire>,
    order_counted: Option<EarlierFire>,
    counted: CountedAround,
}

/// Gathers the inputs of one fire's judgement.
pub(super) struct Gathering<'a, 'l> {
    pub look_ups: &'a mut LookUps<'l>,
    pub pending: &'a mut PendingBatch,
    pub adjuster: &'a Adjuster,
    pub rules: &'a ActiveRules<'a>,
    pub fire: &'a JudgeFire,
    pub detail: Detail,
}

impl Gathering<'_, '_> {
    pub(super) fn inputs(mut self) -> Result<Inputs, StoreError> {
        let (fire, rules) = (self.fire, self.rules);
        // Needed for every fire, since the conversion belongs to this exposure's visitor.
        let mut inputs = Inputs { named: self.look_ups.named(fire)?, ..Inputs::default() };
        if Flag::of(fire.flags).is_some() && !self.explains() {
            return Ok(inputs);
        }
        inputs.same_event = self.same_event()?;
        inputs.parents = self.adjuster.parents(self.look_ups, rules.advertiser_id, fire)?;
        inputs.order_counted = self.order_counted()?;
        if !rules.is_running() && !self.explains() {
            return Ok(inputs);
        }
        inputs.touches = self.touches(inputs.named)?;
        let has_exposures = !inputs.touches.is_empty() || inputs.named.is_some();
        if self.explains() || (has_exposures && rules.pixel.repeat != RepeatRule::All) {
            inputs.counted = self.counted(inputs.counts_for(fire))?;
        }
        Ok(inputs)
    }

    fn explains(&self) -> bool {
        self.detail == Detail::Explanation
    }

    fn same_event(&mut self) -> Result<Option<EarlierFire>, StoreError> {
        let fire = self.fire;
        let Some(event_id) = &fire.event_id else { return Ok(None) };
        let stored = self.look_ups.same_event(fire.pixel_id, event_id, fire.seq)?;
        let all = stored.into_iter().chain(self.pending.same_event(fire.pixel_id, event_id));
        let apart = |earlier: &EarlierFire| fire.at.since(earlier.at).saturating_abs();
        Ok(all.min_by_key(|earlier| (apart(earlier), earlier.at, earlier.seq)))
    }

    fn order_counted(&mut self) -> Result<Option<EarlierFire>, StoreError> {
        let fire = self.fire;
        let Some(order_id) = fire.order_id.as_deref().filter(|_| self.rules.pixel.count_each_order_once) else {
            return Ok(None);
        };
        let stored = self.look_ups.order_counted(fire.pixel_id, order_id, fire.seq)?;
        Ok(stored.or_else(|| self.pending.order_counted(fire.pixel_id, order_id)))
    }

    /// The visitor's exposures. If the fire has a token, only an explanation needs them.
    fn touches(&mut self, named: Option<NamedExposure>) -> Result<Vec<Touch>, StoreError> {
        if self.fire.exposure.is_some() && !self.explains() {
            return Ok(Vec::new());
        }
        let visitor = named.map_or(self.fire.visitor_id, |named| named.visitor_id);
        let Some(visitor) = visitor else { return Ok(Vec::new()) };
        let mut touches = self.pending.touches(self.look_ups, visitor, self.rules.exposures_before)?;
        if !self.explains() {
            touches.retain(|touch| self.rules.holds(touch.line_item_id));
        }
        Ok(touches)
    }

    fn counted(&mut self, visitor: Option<VisitorId>) -> Result<CountedAround, StoreError> {
        let Some(visitor) = visitor else { return Ok(CountedAround::default()) };
        let stored = self.look_ups.counted(self.fire, visitor)?;
        let pending = self.pending.counted(self.fire.pixel_id, visitor);
        Ok(pending.fold(stored, |around, earlier| nearer(around, self.fire.at, earlier)))
    }
}

/// Keeps the counted conversions that are nearest before and after `at`.
fn nearer(mut around: CountedAround, at: Millis, earlier: EarlierFire) -> CountedAround {
    let key = |earlier: EarlierFire| (earlier.at, earlier.seq);
    if earlier.at <= at {
        if around.before.is_none_or(|nearest| key(earlier) > key(nearest)) {
            around.before = Some(earlier);
        }
    } else if around.after.is_none_or(|nearest| key(earlier) < key(nearest)) {
        around.after = Some(earlier);
    }
    around
}

impl Inputs {
    /// The visitor for whom the fire counts under the repeat rule; with a token, the visitor of the exposure that it
    /// names. An exposure of an opted-out visitor counts for its own number, negated. So a token that is sent twice does
    /// not count twice.
    pub(super) fn counts_for(&self, fire: &JudgeFire) -> Option<VisitorId> {
        match (fire.exposure, self.named) {
            (None, _) => fire.visitor_id,
            (Some(_), None) => None,
            (Some(_), Some(named)) => Some(named.visitor_id.unwrap_or(VisitorId(-named.touch.seq.0))),
        }
    }

    /// The case to judge.
    pub(super) fn case<'a>(&'a self, fire: &'a JudgeFire, rules: &'a ActiveRules) -> Case<'a> {
        Case {
            fire,
            pixel: &rules.pixel,
            line_items: &rules.line_items,
            exposures: &self.touches,
            named: self.named.map(|named| named.touch),
            same_event: self.same_event,
            parent: adjust::parent(&self.parents).map(|parent| EarlierFire { seq: parent.seq, at: parent.at }),
            order_counted: self.order_counted,
            counted_before: self.counted.before,
            counted_after: self.counted.after,
        }
    }
}
