//! Adjustments as the judge meets them: finds the conversions that are meant, in the store and in the rows of the same
//! batch, and hands the slice what `attribution::amend` makes of each.
//!
//! - An adjustment reaches what was logged before it. What nothing before it has the name of stays *unmatched*, also if
//!   such a conversion comes later: the sender is told, and may send it again.
//! - A fire whose `parent_reference_id` is known updates that conversion (its value, if it brings one) and names it by
//!   its own `reference_id` too, so that updates can follow one another.

use std::collections::{BTreeMap, HashMap};

use crate::attribution::{Flag, amend};
use crate::domain::{AdvertiserId, Amendment, ConversionName, Fire, NotCounted, Outcome, OutcomeKind, PixelId, Seq};
use crate::store::{Adjustable, Batch, Judged, LookUps, MAX_ADJUSTED_AT_ONCE, Slice, StoreError};

/// What a batch's adjustments must know of the batch itself. In one without adjustments it takes no note of anything.
#[derive(Default)]
pub(super) struct Adjusting {
    adjusts: bool,
    /// Those of the batch, and those of the store that were adjusted in it: as they stand.
    conversions: HashMap<Seq, Adjustable>,
    /// Those of the batch by their names.
    named: HashMap<ConversionName, Vec<(AdvertiserId, Seq)>>,
}

impl Adjusting {
    pub(super) fn new(batch: &Batch) -> Self {
        Adjusting { adjusts: batch.adjusts(), ..Adjusting::default() }
    }

    /// The conversions that a name stands for just before `before`, the latest last.
    pub(super) fn find(
        &self,
        look: &mut LookUps,
        of: &ConversionName,
        advertiser: AdvertiserId,
        pixel: Option<PixelId>,
        before: Seq,
    ) -> Result<Vec<Adjustable>, StoreError> {
        let stored = look.named_conversions(of, advertiser, pixel, before)?;
        let mut found: BTreeMap<Seq, Adjustable> = stored.into_iter().map(|found| (found.seq, found)).collect();
        for (seq, known) in &mut found {
            *known = self.conversions.get(seq).copied().unwrap_or(*known);
        }
        for (_, seq) in self.named.get(of).into_iter().flatten().filter(|(of, _)| *of == advertiser) {
            if let Some(fresh) = self.conversions.get(seq)
                && pixel.is_none_or(|pixel| pixel == fresh.pixel_id)
            {
                found.insert(*seq, *fresh);
            }
        }
        let most = usize::try_from(MAX_ADJUSTED_AT_ONCE).unwrap_or(usize::MAX);
        let surplus = found.len().saturating_sub(most);
        Ok(found.into_values().skip(surplus).collect())
    }

    /// Amends what was found.
    pub(super) fn amend(&mut self, slice: &mut Slice, by: Seq, found: &[Adjustable], amendment: Amendment) {
        for conversion in found {
            let (standing, effect) = amend(conversion.standing, conversion.outcome, amendment);
            slice.amended(by, conversion, standing, effect);
            self.conversions.insert(conversion.seq, Adjustable { standing, ..*conversion });
        }
    }

    /// Takes note of a judged fire, with the conversions that its `parent_reference_id` names.
    pub(super) fn judged(&mut self, slice: &mut Slice, judged: &Judged, parents: &[Adjustable]) {
        let (fire, outcome) = (&judged.conversion.fire, judged.conversion.outcome);
        if Flag::of(fire.flags).is_some() {
            return;
        }
        let this = Adjustable::from(&judged.conversion);
        let updates = outcome == Outcome::NotCounted(NotCounted::Adjustment);
        if updates {
            let currency = fire.value.and(fire.currency);
            self.amend(slice, fire.seq, parents, Amendment::Restate { value: fire.value, currency });
        }
        let meant = if updates { parents } else { std::slice::from_ref(&this) };
        if let Some(reference) = &fire.details.reference_id {
            for conversion in meant {
                slice.name(this.advertiser_id, reference.clone(), fire.seq, conversion.seq);
                self.note(ConversionName::ReferenceId(reference.clone()), conversion.seq, this.advertiser_id);
            }
        }
        if !updates && self.adjusts {
            self.conversions.insert(this.seq, this);
            if let Some(order_id) = &fire.order_id {
                self.note(ConversionName::OrderId(order_id.clone()), this.seq, this.advertiser_id);
            }
            if let Some(event_id) = &fire.event_id
                && judged.first_of_event
            {
                self.note(ConversionName::EventId(event_id.clone()), this.seq, this.advertiser_id);
            }
        }
    }

    fn note(&mut self, name: ConversionName, seq: Seq, advertiser: AdvertiserId) {
        if self.adjusts {
            self.named.entry(name).or_default().push((advertiser, seq));
        }
    }
}

/// The conversions that the fire's `parent_reference_id` names, the latest last.
pub(super) fn parents(
    adjusting: &Adjusting,
    look: &mut LookUps,
    advertiser: AdvertiserId,
    fire: &Fire,
) -> Result<Vec<Adjustable>, StoreError> {
    match &fire.details.parent_reference_id {
        None => Ok(Vec::new()),
        Some(parent) => adjusting.find(look, &ConversionName::ReferenceId(parent.clone()), advertiser, None, fire.seq),
    }
}

/// The one that the explanation speaks of: the latest that counts, or else the latest.
pub(super) fn parent(parents: &[Adjustable]) -> Option<&Adjustable> {
    let counts = |parent: &&Adjustable| parent.outcome.kind() != OutcomeKind::NotCounted;
    parents.iter().rfind(counts).or(parents.last())
}
