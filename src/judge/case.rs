//! Gathers the inputs of a judgement, from the store before the batch and from earlier rows of the batch. It skips look-ups
//! that cannot change the outcome.

use super::adjust::{self, Adjuster};
use super::names::{Bearing, Finding, NameBook};
use super::pending::PendingBatch;
use super::rules::ActiveRules;
use super::states::{Sources, States};
use crate::attribution::{Case, EarlierFire, Flag, NameKind, Namesake, Touch};
use crate::domain::{JudgeFire, Millis, RepeatRule, VisitorId};
use crate::store::{ConversionState, CountedAround, LookUps, NamedExposure, Slice, StoreError, is_new_visitor};

/// How much to gather.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// The inputs that can decide the outcome.
    Outcome,
    /// All inputs that an explanation shows, even if an earlier rule decides.
    Explanation,
}

/// The earlier events that a judgement depends on.
#[derive(Default)]
pub(super) struct Inputs {
    pub named: Option<NamedExposure>,
    /// The conversions that the fire's `parent_reference_id` names, the latest last.
    pub parents: Vec<ConversionState>,
    /// What its names lead to. Updates, tests, bots and prefetches have none.
    pub names: Vec<Finding>,
    namesakes: Vec<Namesake>,
    touches: Vec<Touch>,
    counted: CountedAround,
}

/// Gathers the inputs of one fire's judgement.
pub(super) struct Gathering<'a, 'l> {
    pub look_ups: &'a mut LookUps<'l>,
    pub pending: &'a mut PendingBatch,
    pub states: &'a mut States,
    pub slice: Option<&'a Slice>,
    pub book: &'a mut NameBook,
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
        inputs.parents = {
            let mut from = Sources { look_ups: self.look_ups, slice: self.slice };
            self.adjuster.parents(&mut from, self.states, rules.advertiser_id, fire)?
        };
        if inputs.parents.is_empty() && Flag::of(fire.flags).is_none() {
            let visitor = inputs.visitor(fire);
            inputs.names = self.names(visitor)?;
            inputs.namesakes = inputs.names.iter().flat_map(|finding| &finding.namesakes).copied().collect();
        }
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

    fn names(&mut self, visitor: Option<VisitorId>) -> Result<Vec<Finding>, StoreError> {
        let fire = self.fire;
        let bearing = Bearing {
            fire,
            visitor,
            is_new_visitor: is_new_visitor(fire.flags, fire.exposure),
            counts_each_order_once: self.rules.pixel.count_each_order_once,
            is_past: self.explains(),
        };
        let mut from = Sources { look_ups: self.look_ups, slice: self.slice };
        let mut findings = Vec::new();
        for kind in [NameKind::Event, NameKind::Order] {
            findings.extend(self.book.find(&mut from, self.states, bearing, kind)?);
        }
        Ok(findings)
    }

    /// The visitor's exposures. If the fire has a token, only an explanation needs them.
    fn touches(&mut self, named: Option<NamedExposure>) -> Result<Vec<Touch>, StoreError> {
        if self.fire.exposure.is_some() && !self.explains() {
            return Ok(Vec::new());
        }
        let Some(visitor) = named.map_or(self.fire.visitor_id, |named| named.visitor_id) else { return Ok(Vec::new()) };
        let mut touches = self.pending.touches(self.look_ups, visitor, self.rules.exposures_before)?;
        if !self.explains() {
            touches.retain(|touch| self.rules.holds(touch.line_item_id));
        }
        Ok(touches)
    }

    fn counted(&mut self, visitor: Option<VisitorId>) -> Result<CountedAround, StoreError> {
        let Some(visitor) = visitor else { return Ok(CountedAround::default()) };
        let retracted = self.states.retracted();
        let stored = self.look_ups.counted(self.fire, visitor, retracted)?;
        let pending = self.pending.counted(self.fire.pixel_id, visitor);
        let pending = pending.filter(|earlier| !retracted.contains(&earlier.seq));
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

    /// The fire's visitor; with a token, the visitor of the exposure that it names.
    pub(super) fn visitor(&self, fire: &JudgeFire) -> Option<VisitorId> {
        self.named.map_or(fire.visitor_id, |named| named.visitor_id)
    }

    /// The case to judge.
    pub(super) fn case<'a>(&'a self, fire: &'a JudgeFire, rules: &'a ActiveRules) -> Case<'a> {
        let finding = |kind| self.names.iter().find(|finding| finding.kind() == kind);
        let (event, order) = (finding(NameKind::Event), finding(NameKind::Order));
        Case {
            fire,
            pixel: &rules.pixel,
            line_items: &rules.line_items,
            exposures: &self.touches,
            named: self.named.map(|named| named.touch),
            namesakes: &self.namesakes,
            event_apart: event.and_then(|event| event.apart),
            event_shared: event.is_some_and(|event| event.is_shared),
            order_shared: order.is_some_and(|order| order.is_shared),
            parent: adjust::parent(&self.parents).map(|parent| EarlierFire { seq: parent.seq, at: parent.at }),
            counted_before: self.counted.before,
            counted_after: self.counted.after,
        }
    }
}
