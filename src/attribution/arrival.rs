//! Decides what becomes of an arrival (`docs/rules/attribution.md`, *Arrivals*): whether it is a click, and what its visitor
//! has from it. The module does not know sources' conditions, storage or the time of day.

use crate::domain::{Arrival, ArrivalFate, ExposureKind, Flags, Millis, Seq, SourceId, VisitorId};

/// So long after a click its token still stands for it, and so long the same arrival is a repeat.
pub const SAME_ARRIVAL_MS: i64 = 30 * 60_000;

/// Everything that the fate of an arrival depends on. The caller loads it.
#[derive(Clone, Copy, Debug)]
pub struct ArrivalCase<'a> {
    pub arrival: &'a Arrival,
    pub at: Millis,
    /// None for a private visitor.
    pub visitor_id: Option<VisitorId>,
    pub flags: Flags,
    /// The exposure that its token names: of the same advertiser, and logged before it.
    pub named: Option<NamedAd>,
    /// What is known of each of its click ids, in its order.
    pub click_ids: &'a [KnownClickId],
    /// The first source in force that takes it.
    pub source_id: Option<SourceId>,
    /// When the visitor arrived before with the same source, parameters and click ids, without repeats.
    pub alike: &'a [Millis],
}

/// An exposure that an arrival's token names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedAd {
    pub seq: Seq,
    pub at: Millis,
    pub kind: ExposureKind,
    /// Whether the arrival's visitor has it already: as its own, or by an earlier token.
    pub is_own: bool,
}

/// What earlier arrivals of its visitor say about a click id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownClickId {
    New,
    /// The visitor came with it, and that was a click.
    Clicked,
    /// The visitor came with it, and no source took that arrival.
    NoClick,
    /// Many clicks share it, and the visitor does not have it yet.
    NewShared,
    /// Many clicks share it, and the visitor has it.
    HadShared,
}

/// What an arrival does with one of its click ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClickIdUse {
    /// Nothing: it has no value, its visitor is unknown, or it was there before.
    Nothing,
    /// The visitor came with it for the first time.
    Brought,
    /// The visitor had it, and now it stands for a click.
    Clicked,
}

/// The decision about an arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrivalDecision {
    pub fate: ArrivalFate,
    /// Whether the exposure that its token names counts for its visitor from here on.
    pub adopts: bool,
    /// What it does with each of its click ids, in its order.
    pub click_ids: Vec<ClickIdUse>,
    /// Whether its click ids stand for a click that counted.
    pub is_click: bool,
    /// Whether the same arrival within 30 minutes is a repeat of it.
    pub is_first: bool,
}

/// Decides. A test, a bot or a prefetch has a fate, and no consequence.
pub fn arrive(case: &ArrivalCase) -> ArrivalDecision {
    let fate = fate(case);
    let is_click = match fate {
        ArrivalFate::Click | ArrivalFate::Token => true,
        ArrivalFate::Repeat => case.source_id.is_some(),
        ArrivalFate::Unmatched | ArrivalFate::Empty => false,
    };
    let values = case.arrival.click_ids.iter().map(|id| id.value.is_some());
    let uses = case.click_ids.iter().zip(values).map(|(known, has_value)| match known {
        _ if !case.has_consequences() || !has_value => ClickIdUse::Nothing,
        KnownClickId::New | KnownClickId::NewShared => ClickIdUse::Brought,
        KnownClickId::NoClick if is_click => ClickIdUse::Clicked,
        KnownClickId::Clicked | KnownClickId::NoClick | KnownClickId::HadShared => ClickIdUse::Nothing,
    });
    ArrivalDecision {
        fate,
        adopts: case.has_consequences() && case.named.is_some_and(|named| !named.is_own),
        click_ids: uses.collect(),
        is_click,
        is_first: case.has_consequences()
            && matches!(fate, ArrivalFate::Click | ArrivalFate::Token | ArrivalFate::Unmatched),
    }
}

fn fate(case: &ArrivalCase) -> ArrivalFate {
    let arrival = case.arrival;
    let carries_nothing = arrival.parameters.is_empty() && arrival.click_ids.is_empty();
    if case.named.is_some_and(|named| carries_nothing || is_this_click(case, &named)) {
        return ArrivalFate::Token;
    }
    if case.is_repeat() {
        return ArrivalFate::Repeat;
    }
    match case.source_id {
        Some(_) => ArrivalFate::Click,
        // A page before it that no source asks for is no sign of an ad.
        None if carries_nothing => ArrivalFate::Empty,
        None => ArrivalFate::Unmatched,
    }
}

/// Whether the token's exposure is the click that led here.
fn is_this_click(case: &ArrivalCase, named: &NamedAd) -> bool {
    named.kind == ExposureKind::Click && case.at.since(named.at) <= SAME_ARRIVAL_MS
}

impl ArrivalCase<'_> {
    /// Whether a visitor has something from it.
    fn has_consequences(&self) -> bool {
        self.visitor_id.is_some() && self.flags.is_real()
    }

    fn is_repeat(&self) -> bool {
        // Where no source took the arrival before, the same id with a source is a first click.
        let same_id = self.click_ids.iter().any(|known| match known {
            KnownClickId::Clicked => true,
            KnownClickId::NoClick => self.source_id.is_none(),
            _ => false,
        });
        let is_again = || self.alike.iter().any(|before| self.at.since(*before).abs() <= SAME_ARRIVAL_MS);
        self.has_consequences() && (same_id || is_again())
    }
}
