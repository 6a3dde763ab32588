//! Decides what a fire's names mean for it (`docs/rules/attribution.md`, *One name, one conversion*). The caller finds the
//! earlier fires that the names lead to.

use super::explain::{EventCheck, Gap, OrderCheck};
use super::namesake::{NameKind, Namesake, NamesakeState};
use super::repeat::gap;
use super::{Case, Displaced};
use crate::domain::Millis;

/// The same event counts once within this many milliseconds of the first fire that bears its id, inclusive: 48 hours.
pub const SAME_EVENT_MS: i64 = 48 * Millis::HOUR;

/// The namesakes by the names that apply to the fire.
fn applicable<'c>(case: &'c Case<'_>) -> impl Iterator<Item = &'c Namesake> {
    case.namesakes.iter().filter(|namesake| match namesake.name {
        NameKind::Event => case.fire.event_id.is_some(),
        NameKind::Order => case.pixel.count_each_order_once && case.fire.order_id.is_some(),
    })
}

/// The first that is credited decides, else the first by event id.
fn first<'c>(namesakes: impl Iterator<Item = &'c Namesake>) -> Option<&'c Namesake> {
    namesakes.min_by_key(|namesake| (namesake.state != NamesakeState::Credited, namesake.name, namesake.fire.seq))
}

/// The namesake that makes the fire a duplicate, however the fire would be judged.
pub(super) fn deciding<'c>(case: &'c Case<'_>) -> Option<&'c Namesake> {
    first(applicable(case).filter(|namesake| namesake.state.decides()))
}

/// The unattributed namesake that counts unless the fire is attributed.
pub(super) fn twin<'c>(case: &'c Case<'_>) -> Option<&'c Namesake> {
    first(applicable(case))
}

/// The unattributed namesakes that become duplicates of `counts`, or of the fire itself.
pub(super) fn displaced(case: &Case, counts: Option<&Namesake>) -> Vec<Displaced> {
    if counts.is_some_and(|counts| counts.state == NamesakeState::Retracted) {
        return Vec::new();
    }
    let mut displaced: Vec<Displaced> = Vec::new();
    let mut open: Vec<_> = applicable(case).filter(|namesake| !namesake.state.decides()).collect();
    open.sort_by_key(|namesake| (namesake.name, namesake.fire.seq));
    for namesake in open {
        let seq = namesake.fire.seq;
        let is_known = displaced.iter().any(|other| other.seq == seq);
        if !is_known && counts.is_none_or(|counts| counts.fire.seq != seq) {
            displaced.push(Displaced { seq, reason: namesake.name.duplicate() });
        }
    }
    displaced
}

pub(super) fn event_check(case: &Case) -> EventCheck {
    if case.fire.event_id.is_none() {
        return EventCheck::NoId;
    }
    let gap = |earlier| gap(case.fire.at, earlier);
    match (first_of(case, NameKind::Event), case.event_shared, case.event_apart) {
        (None, true, _) => EventCheck::Shared,
        (None, false, None) => EventCheck::First,
        (None, false, Some(earlier)) => EventCheck::Apart(gap(earlier)),
        (Some(namesake), ..) => match namesake.state {
            NamesakeState::Open => EventCheck::Twin(gap(namesake.fire)),
            _ if deciding(case) != Some(namesake) => EventCheck::Outranked(gap(namesake.fire)),
            NamesakeState::Retracted => EventCheck::Retracted(gap(namesake.fire)),
            NamesakeState::Credited | NamesakeState::Repeat => EventCheck::Duplicate(gap(namesake.fire)),
        },
    }
}

pub(super) fn order_check(case: &Case) -> OrderCheck {
    if !case.pixel.count_each_order_once {
        return OrderCheck::NotAsked;
    }
    if case.fire.order_id.is_none() {
        return OrderCheck::NoId;
    }
    let gap = |namesake: &Namesake| -> Gap { gap(case.fire.at, namesake.fire) };
    match first_of(case, NameKind::Order) {
        None if case.order_shared => OrderCheck::Shared,
        None => OrderCheck::First,
        Some(namesake) if namesake.state.decides() => OrderCheck::Duplicate(gap(namesake)),
        Some(namesake) => OrderCheck::Twin(gap(namesake)),
    }
}

fn first_of<'c>(case: &'c Case<'_>, name: NameKind) -> Option<&'c Namesake> {
    applicable(case).filter(|namesake| namesake.name == name).min_by_key(|namesake| (namesake.state, namesake.fire.seq))
}
