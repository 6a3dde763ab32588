//! Judges a fire by the pure rules of `docs/rules/attribution.md`, and explains the decision. The module does not know
//! the time of day, storage, HTTP or any JSON shape. The same [`Case`] always yields the same [`Judgement`]: a rebuild
//! reproduces every conversion, and a what-if is the same call with other rules.

mod adjust;
mod arrival;
mod choose;
mod cookie;
mod explain;
mod names;
mod namesake;
mod repeat;
pub mod sources;
mod steps;
mod window;
pub mod words;

#[cfg(test)]
mod tests;

pub use adjust::adjust;
pub use arrival::{ArrivalCase, ArrivalDecision, ClickIdUse, KnownClickId, NamedAd, SAME_ARRIVAL_MS, arrive};
pub use cookie::{Cookie, CookieCause, MissingCookie, is_of_browser};
pub use explain::{
    EventCheck, Explanation, Flag, Gap, Identity, OrderCheck, ParentCheck, RepeatCheck, Step, Verdict, WeighedTouch,
};
pub use names::SAME_EVENT_MS;
pub use namesake::{NameKind, Namesake, NamesakeState};

use crate::domain::{
    CampaignId, Currency, Exposure, ExposureKind, Flags, JudgeFire, LineItemId, LineItemRules, Logged, MaxValue,
    Micros, Millis, Minutes, NotCounted, Outcome, PixelRules, PublisherId, Seq, SourceId,
};

/// Everything that a judgement depends on. The caller loads it.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The fire to judge, at its own time `fire.at`.
    pub fire: &'a JudgeFire,
    /// The version of the pixel's rules that is in force at the fire's place in the log.
    pub pixel: &'a PixelRules,
    /// The versions in force of all line items that hold an entry for this pixel, active or not.
    pub line_items: &'a [&'a LineItemRules],
    /// The visitor's exposures that were logged before the fire, on any line item, in any order, each `seq` once.
    /// Those after the fire's own time appear in the explanation and earn nothing.
    pub exposures: &'a [Touch],
    /// The exposure that the fire's token names. With a token (`fire.exposure`, or this) no other exposure counts. A
    /// token whose exposure is no longer stored yields `no_exposure`.
    pub named: Option<Touch>,
    /// The fire that `parent_reference_id` names, of any pixel of the advertiser: of those logged before this one the
    /// last, except tests, bots and prefetches. Ignored if the fire has no `parent_reference_id`.
    pub parent: Option<EarlierFire>,
    /// The earlier fires that the fire's names lead to, in any order. Names that do not apply are ignored: an order id
    /// counts only if the pixel counts each order once.
    pub namesakes: &'a [Namesake],
    /// The nearest fire with the same `event_id`, if each is more than 48 hours away.
    pub event_apart: Option<EarlierFire>,
    /// Whether several visitors sent the `event_id`, so that it is a name among the fires of one visitor only.
    pub event_shared: bool,
    /// The same of the `order_id`.
    pub order_shared: bool,
    /// The latest attributed conversion of this pixel and visitor at or before `fire.at` that was not retracted before
    /// this fire came. With a token, of the visitor of the named exposure.
    pub counted_before: Option<EarlierFire>,
    /// The earliest one after `fire.at`: a late server event can lie between two conversions.
    pub counted_after: Option<EarlierFire>,
}

/// The part of an exposure that attribution looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    /// Breaks ties.
    pub seq: Seq,
    pub kind: ExposureKind,
    /// When it happened.
    pub at: Millis,
    /// The line item that it may earn credit for.
    pub line_item_id: LineItemId,
    pub campaign_id: Option<CampaignId>,
    pub publisher_id: PublisherId,
    /// Of an arrival: the source that took it.
    pub source_id: Option<SourceId>,
    pub creative_id: Option<i64>,
    /// Of a click: the impression that the visitor clicked, if known. Ignored on impressions.
    pub impression: Option<(Seq, Millis)>,
    /// A test, bot or prefetch never earns credit.
    pub flags: Flags,
    /// The arrival whose token brought it to the visitor, if it was another cookie's.
    pub adopted_by: Option<Seq>,
}

impl Touch {
    /// Fires that are logged after this row see it.
    pub fn since(&self) -> Seq {
        self.adopted_by.unwrap_or(self.seq)
    }
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
            source_id: None,
            creative_id: exposure.creative_id,
            impression: exposure.impression,
            flags: exposure.flags,
            adopted_by: None,
        }
    }
}

/// A fire or conversion that is already judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarlierFire {
    pub seq: Seq,
    /// Its own time, which may lie after that of the fire to judge.
    pub at: Millis,
}

/// The decision about a fire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The outcome with its one reason.
    pub outcome: Outcome,
    /// Present exactly when the outcome is attributed.
    pub credit: Option<Credit>,
    /// Present exactly when the outcome is a duplicate: the fire that it duplicates.
    pub duplicate_of: Option<EarlierFire>,
    /// Unattributed fires that become duplicates of `duplicate_of`, or else of this fire.
    pub displaced: Vec<Displaced>,
    /// The pixel's largest believable value, if the fire's value is larger: the fire counts without its value.
    pub exceeded: Option<MaxValue>,
    pub explanation: Explanation,
}

/// An unattributed fire that becomes a duplicate, since another fire of its name counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Displaced {
    pub seq: Seq,
    pub reason: NotCounted,
}

/// The exposure that earned an attributed conversion, and the settings that were in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credit {
    /// Its line item, campaign, creative and publisher become the conversion's.
    pub touch: Touch,
    /// The window in force for its kind.
    pub window: Minutes,
    /// The start of the window: the clicked impression's time if known, else the exposure's own.
    pub counted_from: Millis,
    pub line_item_version: Seq,
    /// The entry's value for this kind, else the pixel's.
    pub static_value: Option<Micros>,
    /// The line item's currency, even for a value that comes from the pixel.
    pub static_currency: Currency,
}

pub fn judge(case: &Case) -> Judgement {
    let mut survey = choose::survey(case);
    let mut steps = Vec::with_capacity(10);
    let exceeded = exceeded(case);
    if let (Some(max), Some(value)) = (exceeded, case.fire.value) {
        steps.push(Step::Value { value, max });
    }
    let (mut outcome, credit) = decide(case, &survey, &mut steps);
    if credit.is_some() {
        survey.confirm();
    }
    let mut counts = None;
    let mut displaced = Vec::new();
    if !is_unnamed(outcome) {
        counts = names::deciding(case);
        if let (None, None, Some(twin)) = (counts, credit, names::twin(case)) {
            outcome = Outcome::NotCounted(twin.name.duplicate());
            let gap = repeat::gap(case.fire.at, twin.fire);
            steps.push(Step::Twin { name: twin.name, counts: gap, is_credited: false });
            counts = Some(twin);
        }
        displaced = names::displaced(case, counts);
    }
    let duplicate_of = counts.map(|counts| counts.fire);
    let explanation = Explanation { at: case.fire.at, steps, touches: survey.touches };
    Judgement { outcome, credit, duplicate_of, displaced, exceeded, explanation }
}

fn exceeded(case: &Case) -> Option<MaxValue> {
    case.pixel.max_value.filter(|max| max.is_exceeded_by(case.fire.value, case.fire.currency))
}

/// Whether the fire's names mean nothing: it is a test, a bot, a prefetch or an update.
fn is_unnamed(outcome: Outcome) -> bool {
    use NotCounted::{Adjustment, Bot, Prefetch, Test};
    matches!(outcome, Outcome::NotCounted(Test | Bot | Prefetch | Adjustment))
}

/// Takes the steps in order and records each. The last one decides.
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
