//! Applies adjustments. It finds the conversions that they name, in the store and in the same batch, and adds to the slice
//! what `attribution::adjust` makes of each.
//!
//! - An adjustment reaches conversions that were logged before it. If none of them has its name, it stays *unmatched*, even
//!   if such a conversion comes later. Its sender can see that, and may send it again.
//! - A fire whose `parent_reference_id` is known updates that conversion (its value, if the fire brings one). Its own
//!   `reference_id` names that conversion too, so updates can follow one another.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::rules::RuleBook;
use super::states::{Sources, States};
use crate::attribution::{Flag, adjust};
use crate::domain::{
    Adjustment, AdvertiserId, ConversionChange, ConversionName, Currency, Effect, JudgeFire, Logged, MaxValue, Micros,
    Millis, NotCounted, Outcome, OutcomeKind, PixelId, Seq,
};
use crate::store::{Batch, ConversionState, Judged, LookUps, MAX_ADJUSTED_AT_ONCE, Retraction, Slice, StoreError};

/// Finds and adjusts conversions. It remembers the names of the batch's conversions, since the store does not have them
/// yet. In a batch without adjustments it remembers nothing.
#[derive(Default)]
pub(super) struct Adjuster {
    has_adjustments: bool,
    /// Conversions of the batch by their names.
    named: HashMap<ConversionName, Vec<Named>>,
    /// The adjustments that gave a conversion a value in this batch, and those that it took from a duplicate in it.
    restatements: HashMap<Seq, Vec<Seq>>,
}

/// What a fire with a `parent_reference_id` asks for.
pub(super) struct Update<'a> {
    /// The conversions that it names.
    pub parents: &'a [ConversionState],
    /// As sent, even if nobody believes it.
    pub value: Option<Micros>,
    pub currency: Option<Currency>,
    pub rules: &'a RuleBook,
}

/// A change of conversions, by a row of the log.
struct Correction<'a> {
    by: Seq,
    at: Millis,
    change: ConversionChange,
    /// The bound of the row's own pixel, if the value is beyond it.
    exceeded: Option<MaxValue>,
    rules: &'a RuleBook,
}

/// A conversion of the batch that has a name.
struct Named {
    seq: Seq,
    advertiser_id: AdvertiserId,
    pixel_id: PixelId,
}

impl Adjuster {
    pub(super) fn new(batch: &Batch) -> Self {
        Adjuster { has_adjustments: batch.adjusts(), ..Adjuster::default() }
    }

    /// Applies an adjustment to the conversions that it names.
    pub(super) fn adjustment(
        &mut self,
        look_ups: &mut LookUps,
        states: &mut States,
        slice: &mut Slice,
        adjustment: &Logged<Adjustment>,
        rules: &RuleBook,
    ) -> Result<(), StoreError> {
        let Adjustment { of, advertiser_id, pixel_id, change, at, .. } = &adjustment.row;
        let mut from = Sources { look_ups, slice: Some(slice) };
        let targets = self.find(&mut from, states, of, (*advertiser_id, *pixel_id), adjustment.seq)?;
        let correction = Correction { by: adjustment.seq, at: *at, change: *change, exceeded: None, rules };
        self.adjust(states, slice, &targets, &correction);
        Ok(())
    }

    /// The conversions that count for those with this name that were logged before `before`, the latest last. A name of
    /// a duplicate reaches the conversion that counts in its place.
    fn find(
        &self,
        from: &mut Sources,
        states: &mut States,
        of: &ConversionName,
        (advertiser, pixel): (AdvertiserId, Option<PixelId>),
        before: Seq,
    ) -> Result<Vec<ConversionState>, StoreError> {
        let mut seqs: BTreeSet<Seq> =
            from.look_ups.named_conversions(of, advertiser, pixel, before)?.into_iter().collect();
        let is_meant =
            |named: &&Named| named.advertiser_id == advertiser && pixel.is_none_or(|pixel| pixel == named.pixel_id);
        seqs.extend(self.named.get(of).into_iter().flatten().filter(is_meant).map(|named| named.seq));
        let most = usize::try_from(MAX_ADJUSTED_AT_ONCE).unwrap_or(usize::MAX);
        let surplus = seqs.len().saturating_sub(most);
        let mut targets = BTreeMap::new();
        for seq in seqs.into_iter().skip(surplus) {
            if let Some(state) = states.counting(from, seq, before)? {
                targets.insert(state.seq, state.clone());
            }
        }
        Ok(targets.into_values().collect())
    }

    /// The conversions that the fire's `parent_reference_id` names, the latest last.
    pub(super) fn parents(
        &self,
        from: &mut Sources,
        states: &mut States,
        advertiser: AdvertiserId,
        fire: &JudgeFire,
    ) -> Result<Vec<ConversionState>, StoreError> {
        match &fire.parent_reference_id {
            None => Ok(Vec::new()),
            Some(parent) => {
                let of = ConversionName::ReferenceId(parent.clone());
                self.find(from, states, &of, (advertiser, None), fire.seq)
            }
        }
    }

    fn adjust(&mut self, states: &mut States, slice: &mut Slice, targets: &[ConversionState], correction: &Correction) {
        let Correction { by, at, change, exceeded, rules } = *correction;
        for target in targets {
            let max = exceeded.or_else(|| rules.max_value(target.pixel_id, by, at));
            let (current, effect) = adjust(target.current, target.outcome, change, max);
            slice.adjusted(by, target, current, effect);
            let mut state = ConversionState { current, ..target.clone() };
            match effect {
                Effect::Retracted => {
                    state.retraction = Some(Retraction { by, had_duplicates: state.has_duplicates });
                }
                Effect::Restated => self.restatements.entry(target.seq).or_default().push(by),
                Effect::AlreadyRetracted | Effect::NotCounted | Effect::OverMaxValue => {}
            }
            state.is_adjusted |= matches!(effect, Effect::Retracted | Effect::Restated);
            states.set(state);
        }
    }

    /// Lets the conversion at `to` keep the adjustments that gave the one at `from` a value, logged before `before`.
    /// Returns these.
    pub(super) fn carry(
        &mut self,
        look_ups: &mut LookUps,
        from: Seq,
        to: Seq,
        before: Seq,
    ) -> Result<Vec<Seq>, StoreError> {
        let mut all = look_ups.restatements(from, before)?;
        all.extend(self.restatements.get(&from).into_iter().flatten());
        self.restatements.entry(to).or_default().extend(&all);
        Ok(all)
    }

    /// Remembers a judged fire, and applies its `update` to the conversions that its `parent_reference_id` names.
    /// `is_event_named` says whether its event id leads to it.
    pub(super) fn judged(
        &mut self,
        states: &mut States,
        slice: &mut Slice,
        judged: &Judged,
        update: &Update,
        is_event_named: bool,
    ) {
        let fire = &judged.fire;
        if Flag::of(fire.flags).is_some() {
            return;
        }
        let updates = judged.outcome == Outcome::NotCounted(NotCounted::Adjustment);
        if updates {
            let Update { parents, value, currency, rules } = *update;
            let currency = currency.or(judged.exceeded.map(|max| max.currency));
            let change = ConversionChange::Restate { value, currency };
            let correction = Correction { by: fire.seq, at: fire.at, change, exceeded: judged.exceeded, rules };
            self.adjust(states, slice, parents, &correction);
        }
        let named = match updates {
            true => update.parents.iter().map(|parent| (parent.seq, parent.pixel_id)).collect(),
            false => vec![(fire.seq, fire.pixel_id)],
        };
        if let Some(reference) = &fire.reference_id {
            for (seq, pixel_id) in named {
                slice.refer(judged.advertiser_id, reference.clone(), fire.seq, seq);
                let named = Named { seq, advertiser_id: judged.advertiser_id, pixel_id };
                self.note(ConversionName::ReferenceId(reference.clone()), named);
            }
        }
        if !updates && self.has_adjustments {
            self.remember(judged, is_event_named);
        }
    }

    fn remember(&mut self, judged: &Judged, is_event_named: bool) {
        let fire = &judged.fire;
        let named = || Named { seq: fire.seq, advertiser_id: judged.advertiser_id, pixel_id: fire.pixel_id };
        self.note(ConversionName::ConversionId(fire.seq), named());
        if let Some(order_id) = &fire.order_id {
            self.note(ConversionName::OrderId(order_id.clone()), named());
        }
        if let Some(event_id) = fire.event_id.as_ref().filter(|_| is_event_named) {
            self.note(ConversionName::EventId(event_id.clone()), named());
        }
    }

    fn note(&mut self, name: ConversionName, named: Named) {
        if self.has_adjustments {
            self.named.entry(name).or_default().push(named);
        }
    }
}

/// The parent that the explanation names: the latest that counts, or else the latest.
pub(super) fn parent(parents: &[ConversionState]) -> Option<&ConversionState> {
    let counts = |parent: &&ConversionState| parent.outcome.kind() != OutcomeKind::NotCounted;
    parents.iter().rfind(counts).or(parents.last())
}
