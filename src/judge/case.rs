//! Gathers what a judgement depends on: from the store as of the batch's begin, and from the rows of the same batch
//! that came before the fire (`Fresh`). It looks up just what can matter; what it leaves out changes no outcome.

use std::collections::HashMap;

use super::adjust::{self, Adjusting};
use super::rules::InForce;
use crate::attribution::{Case, Earlier, Flag, Touch};
use crate::domain::{ExposureKind, Fire, Millis, PixelId, RepeatRule, Seq, Under, VisitorId};
use crate::store::{Adjustable, Judged, LookUps, MAX_TOUCHES_OF_A_KIND, NamedExposure, StoreError};

/// How much is gathered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// What can decide the outcome.
    Outcome,
    /// All that an explanation shows, also where another step decides.
    Explanation,
}

/// What a judgement depends on beside the fire and the rules.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    pub touches: Vec<Touch>,
    pub named: Option<NamedExposure>,
    pub same_event: Option<Earlier>,
    /// What the fire's `parent_reference_id` names, the latest last.
    pub parents: Vec<Adjustable>,
    pub order_counted: Option<Earlier>,
    pub counted_before: Option<Earlier>,
    pub counted_after: Option<Earlier>,
}

/// What follows from the rows of a batch that were judged already, and is not in the store yet.
#[derive(Default)]
pub(super) struct Fresh {
    /// By visitor of the batch's fires alone: those of others are not asked for.
    visitors: HashMap<VisitorId, Seen>,
    events: HashMap<String, Vec<(PixelId, Earlier)>>,
    orders: HashMap<String, Vec<(PixelId, Earlier)>>,
    counted: HashMap<(PixelId, VisitorId), Vec<Earlier>>,
    /// Exposures up to here are all in the store, and none of them here.
    touched: Option<Seq>,
}

/// A visitor's exposures.
#[derive(Default)]
struct Seen {
    /// Those in the store, once they were asked for.
    stored: Option<Vec<Touch>>,
    /// Those of this batch, in the log's order.
    fresh: Vec<Touch>,
}

impl Fresh {
    /// Begins a batch with fires of these visitors; exposures up to `touched` are in the store.
    pub(super) fn new(visitors: impl Iterator<Item = VisitorId>, touched: Seq) -> Self {
        let visitors = visitors.map(|visitor| (visitor, Seen::default())).collect();
        Fresh { visitors, touched: Some(touched), ..Fresh::default() }
    }

    /// Takes note of an exposure.
    pub(super) fn exposure(&mut self, visitor: VisitorId, touch: Touch) {
        if Some(touch.seq) > self.touched
            && let Some(seen) = self.visitors.get_mut(&visitor)
        {
            seen.fresh.push(touch);
        }
    }

    /// Takes note of a judged fire.
    pub(super) fn judged(&mut self, judged: &Judged) {
        let fire = &judged.conversion.fire;
        let this = Earlier { seq: fire.seq, at: fire.at };
        if judged.first_of_event
            && let Some(event_id) = &fire.event_id
        {
            self.events.entry(event_id.clone()).or_default().push((fire.pixel_id, this));
        }
        if let Some(visitor) = judged.counted_for {
            self.counted.entry((fire.pixel_id, visitor)).or_default().push(this);
            if let Some(order_id) = &fire.order_id {
                self.orders.entry(order_id.clone()).or_default().push((fire.pixel_id, this));
            }
        }
    }

    /// The visitor's exposures that were logged before `before`.
    fn touches(&mut self, look: &mut LookUps, visitor: VisitorId, before: Seq) -> Result<Vec<Touch>, StoreError> {
        let all_stored = self.touched.is_some_and(|touched| before.0 - 1 <= touched.0);
        let seen = self.visitors.get_mut(&visitor).filter(|_| !all_stored);
        let Some(seen) = seen else { return look.touches(visitor, before) };
        if seen.stored.is_none() {
            seen.stored = Some(look.touches(visitor, before)?);
        }
        let stored = seen.stored.as_deref().unwrap_or_default();
        if seen.fresh.is_empty() {
            return Ok(stored.to_vec());
        }
        // The latest first, as they are stored; what is beyond the most of a kind falls off the end.
        let all = seen.fresh.iter().rev().chain(stored);
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

    fn same_event(&self, pixel: PixelId, event_id: &str) -> impl Iterator<Item = Earlier> {
        of_pixel(&self.events, pixel, event_id)
    }

    fn order_counted(&self, pixel: PixelId, order_id: &str) -> Option<Earlier> {
        of_pixel(&self.orders, pixel, order_id).next()
    }
}

fn of_pixel(
    marks: &HashMap<String, Vec<(PixelId, Earlier)>>,
    pixel: PixelId,
    id: &str,
) -> impl Iterator<Item = Earlier> {
    marks.get(id).into_iter().flatten().filter(move |(of, _)| *of == pixel).map(|(_, earlier)| *earlier)
}

impl Inputs {
    /// Gathers them for a fire.
    pub(super) fn gather(
        look: &mut LookUps,
        fresh: &mut Fresh,
        adjusting: &Adjusting,
        (in_force, under): (&InForce, Under),
        fire: &Fire,
        want: Want,
    ) -> Result<Inputs, StoreError> {
        // Always, since it also says whose conversion it is.
        let mut inputs = Inputs { named: look.named(fire)?, ..Inputs::default() };
        let explaining = want == Want::Explanation;
        if Flag::of(fire.flags).is_some() && !explaining {
            return Ok(inputs);
        }
        if let Some(event_id) = &fire.event_id {
            let stored = look.same_event(fire.pixel_id, event_id, fire.seq)?;
            let all = stored.into_iter().chain(fresh.same_event(fire.pixel_id, event_id));
            inputs.same_event = all.min_by_key(|earlier| (apart(fire, earlier), earlier.at, earlier.seq));
        }
        inputs.parents = adjust::parents(adjusting, look, in_force.advertiser_id, fire)?;
        if in_force.pixel.count_each_order_once
            && let Some(order_id) = &fire.order_id
        {
            let stored = look.order_counted(fire.pixel_id, order_id, fire.seq)?;
            inputs.order_counted = stored.or_else(|| fresh.order_counted(fire.pixel_id, order_id));
        }
        if !in_force.is_running() && !explaining {
            return Ok(inputs);
        }
        if fire.exposure.is_none() || explaining {
            let visitor = inputs.named.map_or(fire.visitor_id, |named| named.visitor_id);
            if let Some(visitor) = visitor {
                inputs.touches = fresh.touches(look, visitor, under.exposures_before)?;
            }
            if !explaining {
                inputs.touches.retain(|touch| in_force.holds(touch.line_item_id));
            }
        }
        let nothing_to_credit = inputs.touches.is_empty() && inputs.named.is_none();
        let asks_for_counted = in_force.pixel.repeat != RepeatRule::All && !nothing_to_credit;
        if let Some(visitor) = inputs.counts_for(fire)
            && (asks_for_counted || explaining)
        {
            let stored = look.counted(fire.pixel_id, visitor, fire.at, fire.seq)?;
            (inputs.counted_before, inputs.counted_after) = stored;
            for earlier in fresh.counted.get(&(fire.pixel_id, visitor)).into_iter().flatten() {
                inputs.counted(fire.at, *earlier);
            }
        }
        Ok(inputs)
    }

    /// Takes a counted conversion into account: the nearest before and after stay.
    fn counted(&mut self, at: Millis, earlier: Earlier) {
        if earlier.at <= at {
            let nearer = |nearest: Earlier| (earlier.at, earlier.seq) > (nearest.at, nearest.seq);
            if self.counted_before.is_none_or(nearer) {
                self.counted_before = Some(earlier);
            }
        } else if self.counted_after.is_none_or(|nearest| (earlier.at, earlier.seq) < (nearest.at, nearest.seq)) {
            self.counted_after = Some(earlier);
        }
    }

    /// For whom the fire counts under the repeat rule: its visitor; with a token, the visitor of the exposure that it
    /// names. Where that exposure has none (opted out), the exposure itself stands in for the visitor, as its number
    /// negated, so that one token sent twice does not count twice.
    pub(super) fn counts_for(&self, fire: &Fire) -> Option<VisitorId> {
        match (fire.exposure, self.named) {
            (None, _) => fire.visitor_id,
            (Some(_), None) => None,
            (Some(_), Some(named)) => Some(named.visitor_id.unwrap_or(VisitorId(-named.touch.seq.0))),
        }
    }

    /// The case to judge.
    pub(super) fn case<'a>(&'a self, fire: &'a Fire, in_force: &'a InForce) -> Case<'a> {
        Case {
            fire,
            pixel: in_force.pixel,
            line_items: &in_force.line_items,
            exposures: &self.touches,
            named: self.named.map(|named| named.touch),
            same_event: self.same_event,
            parent: adjust::parent(&self.parents).map(|parent| Earlier { seq: parent.seq, at: parent.at }),
            order_counted: self.order_counted,
            counted_before: self.counted_before,
            counted_after: self.counted_after,
        }
    }
}

fn apart(fire: &Fire, earlier: &Earlier) -> i64 {
    fire.at.since(earlier.at).saturating_abs()
}
