//! Judged rows of the present batch. The store does not have them yet, but judgements of later rows of the batch depend on
//! them.

use std::collections::HashMap;

use crate::attribution::{EarlierFire, Touch};
use crate::domain::{ExposureKind, PixelId, Seq, VisitorId};
use crate::store::{Judged, LookUps, MAX_TOUCHES_OF_A_KIND, StoreError};

#[derive(Default)]
pub(super) struct PendingBatch {
    /// Only visitors with a fire in the batch, since no judgement needs the others.
    visitors: HashMap<VisitorId, VisitorTouches>,
    counted: HashMap<(PixelId, VisitorId), Vec<EarlierFire>>,
    /// The store has all exposures up to this row, so they are not kept here.
    touched: Option<Seq>,
}

#[derive(Default)]
struct VisitorTouches {
    /// The store's touches, loaded for the first judgement that needs them.
    stored: Option<Vec<Touch>>,
    /// The batch's touches, in the log's order.
    pending: Vec<Touch>,
}

impl PendingBatch {
    /// Begins a batch with fires of these visitors. The store has the exposures up to `touched`.
    pub(super) fn new(visitors: impl Iterator<Item = VisitorId>, touched: Seq) -> Self {
        let visitors = visitors.map(|visitor| (visitor, VisitorTouches::default())).collect();
        PendingBatch { visitors, touched: Some(touched), ..PendingBatch::default() }
    }

    pub(super) fn exposure(&mut self, visitor: VisitorId, touch: Touch) {
        if Some(touch.since()) > self.touched
            && let Some(touches) = self.visitors.get_mut(&visitor)
        {
            touches.pending.push(touch);
        }
    }

    pub(super) fn judged(&mut self, judged: &Judged) {
        let fire = &judged.fire;
        let this = EarlierFire { seq: fire.seq, at: fire.at };
        if let Some(visitor) = judged.counted_for {
            self.counted.entry((fire.pixel_id, visitor)).or_default().push(this);
        }
    }

    /// The visitor's exposures of the store and the batch that were logged before `before`.
    pub(super) fn touches(
        &mut self,
        look_ups: &mut LookUps,
        visitor: VisitorId,
        before: Seq,
    ) -> Result<Vec<Touch>, StoreError> {
        let all_stored = self.touched.is_some_and(|touched| before.0 - 1 <= touched.0);
        let touches = self.visitors.get_mut(&visitor).filter(|_| !all_stored);
        let Some(touches) = touches else { return look_ups.touches(visitor, before) };
        if touches.stored.is_none() {
            touches.stored = Some(look_ups.touches(visitor, before)?);
        }
        let stored = touches.stored.as_deref().unwrap_or_default();
        if touches.pending.is_empty() {
            return Ok(stored.to_vec());
        }
        // The latest first, as the store has them. Touches beyond the most of a kind fall off the end.
        let all = touches.pending.iter().rev().chain(stored);
        let (mut impressions, mut clicks) = (0, 0);
        let kept = all.filter(|touch| {
            let of_kind = match touch.kind {
                ExposureKind::Impression => &mut impressions,
                ExposureKind::Click => &mut clicks,
            };
            *of_kind += 1;
            *of_kind <= MAX_TOUCHES_OF_A_KIND
        });
        Ok(kept.copied().collect())
    }

    pub(super) fn counted(&self, pixel: PixelId, visitor: VisitorId) -> impl Iterator<Item = EarlierFire> {
        self.counted.get(&(pixel, visitor)).into_iter().flatten().copied()
    }
}
