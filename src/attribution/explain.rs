//! The explanation of a judgement as data: the steps that the fire passed, the one that decided, and a verdict on each
//! exposure. `words.rs` holds the sentences. The names are stable (`docs/rules/attribution.md`, *Explain*).

use super::namesake::NameKind;
use super::{EarlierFire, Touch};
use crate::domain::{
    Flags, MaxValue, Micros, Millis, Minutes, NotCounted, Outcome, RepeatRule, TriggerType, Unattributed,
};

/// Why a fire got its outcome. Every exposure has a verdict, whichever step decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The fire's own time. All ages and gaps refer to it.
    pub at: Millis,
    /// The steps in the order of judgement. The last one decides; later steps do not appear.
    pub steps: Vec<Step>,
    /// The exposures in order of time, then of the log.
    pub touches: Vec<WeighedTouch>,
}

/// An exposure with its verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeighedTouch {
    pub touch: Touch,
    /// Milliseconds from the exposure's own time to the fire; negative if it came after.
    pub age_ms: i64,
    /// The window in force for its kind.
    pub window: Minutes,
    /// The start of the window: the clicked impression's time if known, else the exposure's own.
    pub counted_from: Millis,
    /// Milliseconds from `counted_from` to the fire. The exposure is too old if they exceed the window.
    pub counted_age_ms: i64,
    pub verdict: Verdict,
}

/// The verdict on an exposure. From `NotNamed` on, the first variant that applies is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Chosen,
    /// The best exposure, but another step decided: a duplicate, a repeat, an inactive pixel.
    WouldBeChosen,
    /// An eligible impression, but there is an eligible click.
    BeatenByClick,
    /// Eligible, but one of its kind is more recent.
    Older,
    /// Eligible, but one of its kind at the same instant was logged later.
    LoggedEarlier,
    /// The fire's token names another exposure.
    NotNamed,
    /// It came after the fire's own time.
    Later,
    /// Its line item holds no entry for this pixel.
    NotOnPixel,
    /// Its line item is inactive.
    LineItemInactive,
    /// The pixel's entry on its line item is inactive.
    EntryInactive,
    Flagged(Flag),
    /// The trigger type does not admit its kind.
    WrongKind,
    TooOld,
}

impl Verdict {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Chosen => "chosen",
            Verdict::WouldBeChosen => "would_be_chosen",
            Verdict::BeatenByClick => "beaten_by_click",
            Verdict::Older => "older",
            Verdict::LoggedEarlier => "logged_earlier",
            Verdict::NotNamed => "not_named",
            Verdict::Later => "later",
            Verdict::NotOnPixel => "not_on_pixel",
            Verdict::LineItemInactive => "line_item_inactive",
            Verdict::EntryInactive => "entry_inactive",
            Verdict::Flagged(Flag::Test) => "test",
            Verdict::Flagged(Flag::Bot) => "bot",
            Verdict::Flagged(Flag::Prefetch) => "prefetch",
            Verdict::WrongKind => "wrong_kind",
            Verdict::TooOld => "too_old",
        }
    }

    /// Whether the exposure alone could earn the credit.
    pub fn is_eligible(self) -> bool {
        match self {
            Verdict::Chosen
            | Verdict::WouldBeChosen
            | Verdict::BeatenByClick
            | Verdict::Older
            | Verdict::LoggedEarlier => true,
            Verdict::NotNamed
            | Verdict::Later
            | Verdict::NotOnPixel
            | Verdict::LineItemInactive
            | Verdict::EntryInactive
            | Verdict::Flagged(_)
            | Verdict::WrongKind
            | Verdict::TooOld => false,
        }
    }
}

/// A mark that keeps a fire or an exposure out of every count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    Test,
    Bot,
    Prefetch,
}

impl Flag {
    /// Of several marks the first decides: test, then bot, then prefetch.
    pub fn of(flags: Flags) -> Option<Flag> {
        match flags {
            Flags { test: true, .. } => Some(Flag::Test),
            Flags { bot: true, .. } => Some(Flag::Bot),
            Flags { prefetch: true, .. } => Some(Flag::Prefetch),
            _ => None,
        }
    }
}

/// One step of the judgement with its finding. [`Step::outcome`] says whether it decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The fire's value is larger than the pixel's largest believable value, so it counts without it. Never decides. Only
    /// such fires take this step.
    Value { value: Micros, max: MaxValue },
    /// Is it a test, a bot, a prefetch?
    Flags(Option<Flag>),
    /// Does it update an earlier conversion? Only fires with a `parent_reference_id` take this step.
    Parent(ParentCheck),
    /// Is it the same event as an earlier fire?
    Event(EventCheck),
    /// Is it the same order as an earlier fire?
    Order(OrderCheck),
    /// Is the pixel active?
    Pixel { active: bool },
    /// Is the pixel on an active line item?
    LineItems {
        /// Active line items with an active entry of the pixel. Zero decides.
        active: usize,
        inactive: usize,
        /// Active line items where the pixel's entry is inactive.
        entry_inactive: usize,
    },
    /// Is there a visitor or a token whose exposures count?
    Visitor(Identity),
    /// Which exposures may earn the credit?
    Exposures {
        trigger_type: TriggerType,
        /// Exposures at or before the fire on the pixel's active line items, without tests, bots and prefetches.
        on_line_items: usize,
        /// Of these, the ones whose kind the trigger type admits.
        admitted: usize,
        /// Of these, the ones within their window.
        eligible: usize,
        /// The reason if none is eligible; it decides.
        lack: Option<Unattributed>,
    },
    /// May the visitor convert again?
    Repeat(RepeatCheck),
    /// This exposure gets the credit; always decides.
    Credit { touch: Touch },
    /// Another fire of the same name counts, after an earlier step would have decided otherwise; always decides.
    Twin {
        name: NameKind,
        /// The fire that counts.
        counts: Gap,
        /// Whether that fire was logged later and credited. Else it came earlier, and neither is credited.
        is_credited: bool,
    },
}

impl Step {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Step::Value { .. } => "value",
            Step::Flags(_) => "flags",
            Step::Event(_) => "event",
            Step::Parent(_) => "parent",
            Step::Order(_) => "order",
            Step::Pixel { .. } => "pixel",
            Step::LineItems { .. } => "line_items",
            Step::Visitor(_) => "visitor",
            Step::Exposures { .. } => "exposures",
            Step::Repeat(_) => "repeat",
            Step::Credit { .. } => "credit",
            Step::Twin { .. } => "twin",
        }
    }

    /// The outcome if this step decided; none if the fire passed it.
    pub fn outcome(self) -> Option<Outcome> {
        match self {
            Step::Value { .. } => None,
            Step::Flags(flag) => flag.map(|flag| {
                Outcome::NotCounted(match flag {
                    Flag::Test => NotCounted::Test,
                    Flag::Bot => NotCounted::Bot,
                    Flag::Prefetch => NotCounted::Prefetch,
                })
            }),
            Step::Event(EventCheck::Duplicate(_) | EventCheck::Retracted(_)) => {
                Some(Outcome::NotCounted(NotCounted::DuplicateEvent))
            }
            Step::Event(_) => None,
            Step::Parent(ParentCheck::Updates(_)) => Some(Outcome::NotCounted(NotCounted::Adjustment)),
            Step::Parent(ParentCheck::Unknown) => None,
            Step::Order(OrderCheck::Duplicate(_)) => Some(Outcome::NotCounted(NotCounted::DuplicateOrder)),
            Step::Order(_) => None,
            Step::Pixel { active } => (!active).then_some(Outcome::Unattributed(Unattributed::PixelInactive)),
            Step::LineItems { active, .. } => (active == 0).then_some(Outcome::Unattributed(Unattributed::NoLineItem)),
            Step::Visitor(Identity::Unknown) => Some(Outcome::Unattributed(Unattributed::NoVisitor)),
            Step::Visitor(Identity::Visitor | Identity::NewVisitor | Identity::Token) => None,
            Step::Exposures { lack, .. } => lack.map(Outcome::Unattributed),
            Step::Repeat(check) => check.blocks.then_some(Outcome::NotCounted(NotCounted::Repeat)),
            Step::Credit { touch } => Some(Outcome::Attributed(touch.kind)),
            Step::Twin { name, .. } => Some(Outcome::NotCounted(name.duplicate())),
        }
    }
}

/// The distance in time to an earlier fire or conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    pub earlier: EarlierFire,
    /// Milliseconds from its own time to that of the fire to judge; negative if it happened later.
    pub ms: i64,
}

/// The finding of the event step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventCheck {
    /// The fire has no `event_id`.
    NoId,
    /// No other fire has it.
    First,
    /// Another fire has it, but more than 48 hours apart.
    Apart(Gap),
    /// Several visitors sent it within an hour, so it names no event.
    Shared,
    /// An unattributed fire has it: this one is judged by itself.
    Twin(Gap),
    /// Another fire has it, but the order id leads to a credited one, which decides.
    Outranked(Gap),
    /// A fire has it that was retracted before any other of the event came: decides.
    Retracted(Gap),
    /// A fire has it that is credited, or that the repeat rule stopped: decides.
    Duplicate(Gap),
}

/// The finding of the parent step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParentCheck {
    /// No earlier fire has the reference that it names: it is judged as a conversion of its own.
    Unknown,
    /// It updates this fire: decides.
    Updates(Gap),
}

/// The finding of the order step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderCheck {
    /// The pixel does not count each order once.
    NotAsked,
    /// The fire has no `order_id`.
    NoId,
    First,
    /// Several visitors sent it within an hour, so it names no order.
    Shared,
    /// An unattributed fire has it: this one is judged by itself.
    Twin(Gap),
    /// A fire has it that is credited, or that the repeat rule stopped: decides.
    Duplicate(Gap),
}

/// The finding of the visitor step: whose exposures count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    Visitor,
    /// The request itself created the visitor, since it brought no cookie. Exposures that came in later than they
    /// happened may be found all the same.
    NewVisitor,
    /// Only the exposure that a token names.
    Token,
    /// Neither a visitor nor a token: decides.
    Unknown,
}

/// The finding of the repeat step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RepeatCheck {
    pub rule: RepeatRule,
    /// The counted conversion that is nearest in time, on either side; at equal distance the one before.
    pub nearest: Option<Gap>,
    /// Whether it keeps this fire from counting: decides.
    pub blocks: bool,
}
