//! Applies adjustments. It finds the conversions that they name, in the store and in the same batch, and adds to the slice
//! what `attribution::adjust` makes of each.
//!
//! - An adjustment reaches conversions that were logged before it. If none of them has its name, it stays *unmatched*, even
//!   if such a conversion comes later. Its sender can see that, and may send it again.
//! - A fire whose `parent_reference_id` is known updates that conversion (its value, if the fire brings one). Its own
//!   `reference_id` names that conversion too, so updates can follow one another.

use std::collections::{BTreeMap, HashMap};

use crate::attribution::{Flag, adjust};
use crate::domain::{
    Adjustment, AdvertiserId, ConversionChange, ConversionName, JudgeFire, Logged, NotCounted, Outcome, OutcomeKind,
    PixelId, Seq,
};
use crate::store::{AdjustmentTarget, Batch, Judged, LookUps, MAX_ADJUSTED_AT_ONCE, Slice, StoreError};

/// Finds and adjusts conversions. It remembers the conversions of the batch, since the store does not have them yet. In a
/// batch without adjustments it remembers nothing.
#[derive(Default)]
pub(super) struct Adjuster {
    has_adjustments: bool,
    /// Conversions of the batch, and stored ones that the batch adjusted, with their current values.
    conversions: HashMap<Seq, AdjustmentTarget>,
    /// Conversions of the batch by their names.
    named: HashMap<ConversionName, Vec<(AdvertiserId, Seq)>>,
}

impl Adjuster {
    pub(super) fn new(batch: &Batch) -> Self {
        Adjuster { has_adjustments: batch.adjusts(), ..Adjuster::default() }
    }

    /// Applies an adjustment to the conversions that it names.
    pub(super) fn adjustment(
        &mut self,
        look_ups: &mut LookUps,
        slice: &mut Slice,
        adjustment: &Logged<Adjustment>,
    ) -> Result<(), StoreError> {
        let Adjustment { of, advertiser_id, pixel_id, change, .. } = &adjustment.row;
        let targets = self.find(look_ups, of, *advertiser_id, *pixel_id, adjustment.seq)?;
        self.adjust(slice, adjustment.seq, &targets, *change);
        Ok(())
    }

    /// The conversions with this name that were logged before `before`, the latest last.
    fn find(
        &self,
        look_ups: &mut LookUps,
        of: &ConversionName,
        advertiser: AdvertiserId,
        pixel: Option<PixelId>,
        before: Seq,
    ) -> Result<Vec<AdjustmentTarget>, StoreError> {
        let stored = look_ups.named_conversions(of, advertiser, pixel, before)?;
        let mut targets: BTreeMap<Seq, AdjustmentTarget> =
            stored.into_iter().map(|target| (target.seq, target)).collect();
        for (seq, target) in &mut targets {
            *target = self.conversions.get(seq).copied().unwrap_or(*target);
        }
        for (_, seq) in self.named.get(of).into_iter().flatten().filter(|(of, _)| *of == advertiser) {
            if let Some(target) = self.conversions.get(seq)
                && pixel.is_none_or(|pixel| pixel == target.pixel_id)
            {
                targets.insert(*seq, *target);
            }
        }
        let most = usize::try_from(MAX_ADJUSTED_AT_ONCE).unwrap_or(usize::MAX);
        let surplus = targets.len().saturating_sub(most);
        Ok(targets.into_values().skip(surplus).collect())
    }

    /// The conversions that the fire's `parent_reference_id` names, the latest last.
    pub(super) fn parents(
        &self,
        look_ups: &mut LookUps,
        advertiser: AdvertiserId,
        fire: &JudgeFire,
    ) -> Result<Vec<AdjustmentTarget>, StoreError> {
        match &fire.parent_reference_id {
            None => Ok(Vec::new()),
            Some(parent) => {
                self.find(look_ups, &ConversionName::ReferenceId(parent.clone()), advertiser, None, fire.seq)
            }
        }
    }

    fn adjust(&mut self, slice: &mut Slice, by: Seq, targets: &[AdjustmentTarget], change: ConversionChange) {
        for target in targets {
            let (current, effect) = adjust(target.current, target.outcome, change);
            slice.adjusted(by, target, current, effect);
            self.conversions.insert(target.seq, AdjustmentTarget { current, ..*target });
        }
    }

    /// Remembers a judged fire, and applies it to `parents`, the conversions that its `parent_reference_id` names.
    pub(super) fn judged(&mut self, slice: &mut Slice, judged: &Judged, parents: &[AdjustmentTarget]) {
        let fire = &judged.fire;
        if Flag::of(fire.flags).is_some() {
            return;
        }
        let this = AdjustmentTarget::from(judged);
        let updates = judged.outcome == Outcome::NotCounted(NotCounted::Adjustment);
        if updates {
            let currency = fire.value.and(fire.currency);
            self.adjust(slice, fire.seq, parents, ConversionChange::Restate { value: fire.value, currency });
        }
        let named = if updates { parents } else { std::slice::from_ref(&this) };
        if let Some(reference) = &fire.reference_id {
            for conversion in named {
                slice.name(this.advertiser_id, reference.clone(), fire.seq, conversion.seq);
                self.note(ConversionName::ReferenceId(reference.clone()), conversion.seq, this.advertiser_id);
            }
        }
        if !updates && self.has_adjustments {
            self.remember(judged, this);
        }
    }

    fn remember(&mut self, judged: &Judged, this: AdjustmentTarget) {
        self.conversions.insert(this.seq, this);
        if let Some(order_id) = &judged.fire.order_id {
            self.note(ConversionName::OrderId(order_id.clone()), this.seq, this.advertiser_id);
        }
        if let Some(event_id) = &judged.fire.event_id
            && judged.first_of_event
        {
            self.note(ConversionName::EventId(event_id.clone()), this.seq, this.advertiser_id);
        }
    }

    fn note(&mut self, name: ConversionName, seq: Seq, advertiser: AdvertiserId) {
        if self.has_adjustments {
            self.named.entry(name).or_default().push((advertiser, seq));
        }
    }
}

/// The parent that the explanation names: the latest that counts, or else the latest.
pub(super) fn parent(parents: &[AdjustmentTarget]) -> Option<&AdjustmentTarget> {
    let counts = |parent: &&AdjustmentTarget| parent.outcome.kind() != OutcomeKind::NotCounted;
    parents.iter().rfind(counts).or(parents.last())
}
