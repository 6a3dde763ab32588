//! Decides what becomes of a fire: pure rules over plain data, with the explanation of what was decided and why
//! (`spec/attribution.md`). It must not know the time of day, storage, HTTP or any JSON shape: the same [`Case`]
//! always yields the same [`Judgement`], so that a rebuild reproduces and a what-if is the same call with other rules.
//!
//! The rules whose edges matter:
//!
//! - **Order of judgement.** Test, bot, prefetch (in that precedence); duplicate event; an update of an earlier
//!   conversion, if that is known; duplicate order; pixel
//!   inactive; no line item; no visitor; eligible exposures; repeat rule; credit. The first that decides is the reason.
//! - **Windows** include their last millisecond: an exposure exactly as old as the window counts. A click is counted
//!   from the impression that was clicked where that is known, else from itself ([`Weighed::counted_from`]).
//! - **Choice.** Any eligible click beats every impression. Among one kind the most recent by its *own* time wins (a
//!   click's own time, also where its window runs from the impression); at the same instant the one logged last.
//! - **Exposures that never earn credit**: those marked test, bot or prefetch, those after the fire's own time, and
//!   those on line items where the pixel is not active. For the reasons they do not exist: a visitor with nothing
//!   else has `no_exposure`.
//! - **Duplicate event**: 48 hours, inclusive, in either direction of time, whatever the state of the pixel.
//! - **Repeat rule N** counts when at least N minutes lie between the fire and the nearest counted conversion on
//!   either side; null counts only when there is none on either side.
//! - **A token** names the one exposure that is considered, in place of the visitor.

mod adjust;
mod choose;
mod explain;
mod repeat;
mod steps;
mod window;
pub mod words;

#[cfg(test)]
mod tests;

pub use adjust::adjust;
pub use explain::{
    Against, EventCheck, Explanation, Flag, Identity, OrderCheck, ParentCheck, RepeatCheck, Step, Verdict, Weighed,
};

use crate::domain::{
    CampaignId, Currency, Exposure, ExposureKind, Flags, JudgeFire, LineItemId, LineItemRules, Logged, Micros, Millis,
    Minutes, NotCounted, Outcome, PixelRules, PublisherId, Seq,
};

/// Everything a judgement depends on. The caller loads it; a what-if passes other rules with the same log.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The fire that is judged, at its own time `fire.at`.
    pub fire: &'a JudgeFire,
    /// The version of the pixel's rules that judges it: the one in force at the fire's place in the log.
    pub pixel: &'a PixelRules,
    /// The versions in force of all line items that hold an entry for this pixel, active or not.
    pub line_items: &'a [&'a LineItemRules],
    /// The visitor's exposures that the judge may see (those logged before the fire), on any line item, in any order,
    /// each `seq` once. Those after the fire's time are shown in the explanation and otherwise ignored.
    pub exposures: &'a [Touch],
    /// The exposure that the fire's token names. With a token (`fire.exposure`, or this) nothing else is considered;
    /// a token whose exposure is no longer stored finds `no_exposure`.
    pub named: Option<Touch>,
    /// The fire logged before this one with the same pixel and `event_id` that was not itself a duplicate event,
    /// whichever way it came in; the nearest in time where there are several. Tests, bots and prefetches make no
    /// duplicates: a page that was prefetched is loaded later. Ignored if the fire has no `event_id`.
    pub same_event: Option<Earlier>,
    /// The fire that `parent_reference_id` names, of any pixel of the same advertiser: the one logged last before this
    /// one, leaving out tests, bots and prefetches. Ignored if the fire has no `parent_reference_id`.
    pub parent: Option<Earlier>,
    /// This pixel's attributed conversion with the same `order_id`. Ignored if the fire has no `order_id`.
    pub order_counted: Option<Earlier>,
    /// This pixel's attributed conversion of this visitor that is the latest at or before `fire.at`. With a token, of
    /// the visitor of the named exposure.
    pub counted_before: Option<Earlier>,
    /// The same, earliest after `fire.at`: a late server event finds conversions on either side.
    pub counted_after: Option<Earlier>,
}

/// An exposure, as far as attribution goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    /// Its place in the log, which breaks ties.
    pub seq: Seq,
    /// View or click.
    pub kind: ExposureKind,
    /// When it happened.
    pub at: Millis,
    /// The line item it may earn credit for.
    pub line_item_id: LineItemId,
    /// The campaign, where the tag named one.
    pub campaign_id: Option<CampaignId>,
    /// Where the ad ran.
    pub publisher_id: PublisherId,
    /// The creative, where the tag named one.
    pub creative_id: Option<i64>,
    /// For a click: the impression that was clicked, where known. Ignored on impressions.
    pub impression: Option<(Seq, Millis)>,
    /// Marked test, bot or prefetch, it never earns credit.
    pub flags: Flags,
}

impl From<&Logged<Exposure>> for Touch {
    fn from(exposure: &Logged<Exposure>) -> Self {
        Touch {
            seq: exposure.seq,
            kind: exposure.kind,
            at: exposure.at,
            line_item_id: exposure.line_item_id,
            campaign_id: exposure.campaign_id,
            publisher_id: exposure.publisher_id,
            creative_id: exposure.creative_id,
            impression: exposure.impression,
            flags: exposure.flags,
        }
    }
}

/// A fire or conversion that was judged already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The fire's place in the log.
    pub seq: Seq,
    /// The fire's own time; may lie after that of the fire being judged.
    pub at: Millis,
}

/// The verdict on a fire, with everything that a conversion keeps of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The outcome with its one reason.
    pub outcome: Outcome,
    /// What earned it; present just when the outcome is attributed.
    pub credit: Option<Credit>,
    /// Why.
    pub explanation: Explanation,
}

/// What earned an attributed conversion, and the settings that were in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credit {
    /// The exposure: its line item, campaign, creative and publisher are the conversion's.
    pub touch: Touch,
    /// The window in force for its kind.
    pub window: Minutes,
    /// From when the window was counted: the clicked impression's time where known, else the exposure's own.
    pub counted_from: Millis,
    /// The version of the line item's rules.
    pub line_item_version: Seq,
    /// What the line item's entry says a conversion of this kind is worth, else the pixel; none if neither does.
    pub static_value: Option<Micros>,
    /// The line item's currency, also for a value that comes from the pixel.
    pub static_currency: Currency,
}

/// Judges one fire.
pub fn judge(case: &Case) -> Judgement {
    let mut survey = choose::survey(case);
    let mut steps = Vec::with_capacity(9);
    let (outcome, credit) = decide(case, &survey, &mut steps);
    if credit.is_some() {
        survey.confirm();
    }
    Judgement { outcome, credit, explanation: Explanation { at: case.fire.at, steps, touches: survey.weighed } }
}

/// Walks the steps in the spec's order and notes each, the deciding one last.
fn decide(case: &Case, survey: &choose::Survey, steps: &mut Vec<Step>) -> (Outcome, Option<Credit>) {
    for step in steps::BEFORE_EXPOSURES.iter().filter_map(|check| check(case)) {
        steps.push(step);
        if let Some(outcome) = step.outcome() {
            return (outcome, None);
        }
    }
    steps.push(survey.step());
    let best = match survey.best {
        Ok(best) => best,
        Err(lack) => return (Outcome::Unattributed(lack), None),
    };
    let repeat = repeat::check(case);
    steps.push(Step::Repeat(repeat));
    if repeat.blocks {
        return (Outcome::NotCounted(NotCounted::Repeat), None);
    }
    let credit = best.credit(case.pixel);
    steps.push(Step::Credit { touch: credit.touch });
    (Outcome::Attributed(credit.touch.kind), Some(credit))
}
