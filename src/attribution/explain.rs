//! Why a fire was judged as it was, as data: which steps it passed and which decided, and how each exposure fared.
//! It holds no prose (`words.rs` says it to people) and no JSON shape; the names here are stable and documented.

use super::{Earlier, Touch};
use crate::domain::{Flags, Millis, Minutes, NotCounted, Outcome, RepeatRule, TriggerType, Unattributed};

/// Why a fire was judged as it was. Complete whichever step decided: the exposures are always weighed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The fire's own time, which all ages and gaps are measured to.
    pub at: Millis,
    /// The steps taken, in the spec's order. Just the last one decides; what follows it was not asked.
    pub steps: Vec<Step>,
    /// The exposures in order of time, those of the same instant in order of the log.
    pub touches: Vec<Weighed>,
}

/// An exposure with what was found of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// The exposure.
    pub touch: Touch,
    /// Milliseconds from the exposure's own time to the fire; negative if it came after.
    pub age_ms: i64,
    /// The window in force for its kind.
    pub window: Minutes,
    /// From when the window is counted: the clicked impression's time where known, else the exposure's own.
    pub counted_from: Millis,
    /// Milliseconds from `counted_from` to the fire: what is held against the window.
    pub counted_age_ms: i64,
    /// How it fared.
    pub verdict: Verdict,
}

/// How an exposure fared. Where several apply, the first in this order is given, from `NotNamed` to `TooOld`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It earned the credit.
    Chosen,
    /// It would have earned the credit, had not another step decided (a duplicate, a repeat, an inactive pixel ...).
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
    /// It was marked so, and never earns credit.
    Flagged(Flag),
    /// The trigger type does not admit its kind.
    WrongKind,
    /// Older than its window.
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

    /// Whether the exposure could earn the credit by itself, whatever became of it.
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

/// What keeps a fire or an exposure out of every count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// `test=1`.
    Test,
    /// A known bot.
    Bot,
    /// Fetched in advance.
    Prefetch,
}

impl Flag {
    /// The one that decides where several are set: test, then bot, then prefetch.
    pub fn of(flags: Flags) -> Option<Flag> {
        match flags {
            Flags { test: true, .. } => Some(Flag::Test),
            Flags { bot: true, .. } => Some(Flag::Bot),
            Flags { prefetch: true, .. } => Some(Flag::Prefetch),
            _ => None,
        }
    }
}

/// One step of the judgement with what it found. [`Step::outcome`] says whether it decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Is it a test, a bot, a prefetch?
    Flags(Option<Flag>),
    /// Is it the same event as an earlier fire?
    Event(EventCheck),
    /// Does it update an earlier conversion? Asked only of fires with a `parent_reference_id`.
    Parent(ParentCheck),
    /// Was the order counted already?
    Order(OrderCheck),
    /// Is the pixel active?
    Pixel {
        /// It is.
        active: bool,
    },
    /// Is the pixel on an active line item?
    LineItems {
        /// Line items where it and its entry are active; none decides.
        active: usize,
        /// Line items that are inactive.
        inactive: usize,
        /// Active line items where the pixel's entry is inactive.
        entry_inactive: usize,
    },
    /// Whose exposures are looked at?
    Visitor(Identity),
    /// Which exposures may earn the credit?
    Exposures {
        /// The trigger type in force.
        trigger_type: TriggerType,
        /// Those at or before the fire on the pixel's active line items, leaving out marked ones.
        on_line_items: usize,
        /// Of these, those of a kind that the trigger type admits.
        admitted: usize,
        /// Of these, those within their window.
        eligible: usize,
        /// What decides where none is eligible.
        lack: Option<Unattributed>,
    },
    /// May the visitor convert again?
    Repeat(RepeatCheck),
    /// Credited to this exposure; always decides.
    Credit {
        /// The exposure.
        touch: Touch,
    },
}

impl Step {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
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
        }
    }

    /// The outcome if this step decided, none if the fire passed it.
    pub fn outcome(self) -> Option<Outcome> {
        match self {
            Step::Flags(flag) => flag.map(|flag| {
                Outcome::NotCounted(match flag {
                    Flag::Test => NotCounted::Test,
                    Flag::Bot => NotCounted::Bot,
                    Flag::Prefetch => NotCounted::Prefetch,
                })
            }),
            Step::Event(EventCheck::Duplicate(_)) => Some(Outcome::NotCounted(NotCounted::DuplicateEvent)),
            Step::Event(EventCheck::NoId | EventCheck::First | EventCheck::Apart(_)) => None,
            Step::Parent(ParentCheck::Updates(_)) => Some(Outcome::NotCounted(NotCounted::Adjustment)),
            Step::Parent(ParentCheck::Unknown) => None,
            Step::Order(OrderCheck::Duplicate(_)) => Some(Outcome::NotCounted(NotCounted::DuplicateOrder)),
            Step::Order(OrderCheck::NotAsked | OrderCheck::NoId | OrderCheck::First) => None,
            Step::Pixel { active } => (!active).then_some(Outcome::Unattributed(Unattributed::PixelInactive)),
            Step::LineItems { active, .. } => (active == 0).then_some(Outcome::Unattributed(Unattributed::NoLineItem)),
            Step::Visitor(Identity::Unknown) => Some(Outcome::Unattributed(Unattributed::NoVisitor)),
            Step::Visitor(Identity::Visitor | Identity::Token) => None,
            Step::Exposures { lack, .. } => lack.map(Outcome::Unattributed),
            Step::Repeat(check) => check.blocks.then_some(Outcome::NotCounted(NotCounted::Repeat)),
            Step::Credit { touch } => Some(Outcome::Attributed(touch.kind)),
        }
    }
}

/// Another fire or conversion that a rule looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Against {
    /// That fire.
    pub earlier: Earlier,
    /// Milliseconds from its own time to that of the fire being judged; negative if it happened after.
    pub gap_ms: i64,
}

/// What became of the question whether the same event came before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventCheck {
    /// The fire has no `event_id`.
    NoId,
    /// No other fire has it.
    First,
    /// Another has it, but more than 48 hours apart.
    Apart(Against),
    /// Another has it, at most 48 hours apart: decides.
    Duplicate(Against),
}

/// What became of the question whether it updates an earlier conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParentCheck {
    /// No earlier fire has the reference that it names: it is a conversion of its own.
    Unknown,
    /// It updates this one: decides.
    Updates(Against),
}

/// What became of the question whether the order was counted already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderCheck {
    /// The pixel does not say *count each order once*.
    NotAsked,
    /// The fire has no `order_id`.
    NoId,
    /// The pixel has not counted it.
    First,
    /// The pixel has counted it: decides.
    Duplicate(Against),
}

/// Whose exposures are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The visitor's.
    Visitor,
    /// The one that a token names.
    Token,
    /// Nobody is known: decides.
    Unknown,
}

/// What became of the repeat rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RepeatCheck {
    /// The rule in force.
    pub rule: RepeatRule,
    /// The counted conversion nearest in time, on either side; the one before where both are as near.
    pub nearest: Option<Against>,
    /// Whether it keeps this fire from counting.
    pub blocks: bool,
}
