//! Chooses the source of an arrival: the first one in its advertiser's order that matches. The work of a choice is bounded
//! by the bounds of sources.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::domain::{Arrival, ParameterMatch, Pattern, Source, SourceMatch, SourceRules, Status};

/// A source, in whichever form one has it.
pub trait Candidate {
    fn is_active(&self) -> bool;
    fn condition(&self) -> &SourceMatch;
}

impl Candidate for SourceRules {
    fn is_active(&self) -> bool {
        self.active
    }

    fn condition(&self) -> &SourceMatch {
        &self.condition
    }
}

impl Candidate for Source {
    fn is_active(&self) -> bool {
        self.state == Status::Active
    }

    fn condition(&self) -> &SourceMatch {
        &self.condition
    }
}

/// One part of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'s> {
    /// The arrival carries one of these click ids.
    ClickId(&'s [&'static str]),
    Parameter(&'s ParameterMatch),
    /// The page before is of one of these hosts, or of one below them.
    ReferrerHost(&'s [String]),
}

/// A part of a source's condition, tried on an arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriedPart<'s> {
    pub part: Part<'s>,
    pub holds: bool,
    /// What the arrival carries that the part is about: a name and its value.
    pub found: Option<(String, String)>,
}

/// A source, tried on an arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried<'s, S> {
    pub source: &'s S,
    pub parts: Vec<TriedPart<'s>>,
}

impl<S: Candidate> Tried<'_, S> {
    pub fn matches(&self) -> bool {
        self.source.is_active() && self.parts.iter().all(|part| part.holds)
    }
}

/// The first of these sources that matches. They are of the arrival's advertiser, in their order.
pub fn choose<'s, S: Candidate>(sources: &'s [S], arrival: &Arrival) -> Option<&'s S> {
    if sources.is_empty() {
        return None;
    }
    let seen = Seen::of(arrival);
    sources.iter().find(|source| source.is_active() && parts(source.condition()).all(|part| seen.has(part)))
}

/// All of these sources with what of their conditions holds, in their order.
pub fn try_all<'s, S: Candidate>(sources: &'s [S], arrival: &Arrival) -> Vec<Tried<'s, S>> {
    let seen = Seen::of(arrival);
    let tried = |part| TriedPart { part, holds: seen.has(part), found: seen.found(part) };
    sources.iter().map(|source| Tried { source, parts: parts(source.condition()).map(tried).collect() }).collect()
}

/// Puts a version into an advertiser's sources, which are in their order. It takes the place of the one before; a deleted
/// source leaves.
pub fn put(sources: &mut Vec<SourceRules>, version: SourceRules) {
    sources.retain(|source| source.source_id != version.source_id);
    if !version.deleted {
        let place = sources.partition_point(|source| order(source, &version) == Ordering::Less);
        sources.insert(place, version);
    }
}

/// The order of matching.
fn order(one: &SourceRules, other: &SourceRules) -> Ordering {
    (one.position, one.source_id).cmp(&(other.position, other.source_id))
}

/// Whether the first condition takes every arrival that the second takes, as far as their texts show.
pub fn covers(wide: &SourceMatch, narrow: &SourceMatch) -> bool {
    parts(wide).all(|wide| parts(narrow).any(|narrow| implies(narrow, wide)))
}

/// Whether each arrival with the first part has the second, too.
fn implies(narrow: Part<'_>, wide: Part<'_>) -> bool {
    match (narrow, wide) {
        (Part::ClickId(narrow), Part::ClickId(wide)) => narrow.iter().all(|name| wide.contains(name)),
        (Part::Parameter(narrow), Part::Parameter(wide)) => {
            let takes = |pattern: &Pattern, of: &Pattern| {
                pattern.takes_all() || pattern == of || (!of.0.contains('*') && pattern.takes(&of.0))
            };
            narrow.names.iter().all(|name| wide.names.contains(name))
                && narrow.values.iter().all(|of| wide.values.iter().any(|pattern| takes(pattern, of)))
        }
        (Part::ReferrerHost(narrow), Part::ReferrerHost(wide)) => {
            narrow.iter().all(|host| wide.iter().any(|parent| is_below(parent, host)))
        }
        _ => false,
    }
}

/// The parts of a condition.
pub fn parts(condition: &SourceMatch) -> impl Iterator<Item = Part<'_>> {
    let click_id = (!condition.click_ids.is_empty()).then_some(Part::ClickId(&condition.click_ids));
    let host = (!condition.referrer_hosts.is_empty()).then_some(Part::ReferrerHost(&condition.referrer_hosts));
    click_id.into_iter().chain(condition.parameters.iter().map(Part::Parameter)).chain(host)
}

/// An arrival whose values are in lower case.
struct Seen<'a> {
    arrival: &'a Arrival,
    parameters: Vec<(&'a str, Cow<'a, str>)>,
}

impl<'a> Seen<'a> {
    fn of(arrival: &'a Arrival) -> Self {
        let lower = |value: &'a str| match value.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
            true => Cow::Borrowed(value),
            false => Cow::Owned(value.to_lowercase()),
        };
        let parameters = arrival.parameters.iter().map(|(name, value)| (name.as_str(), lower(value))).collect();
        Seen { arrival, parameters }
    }

    fn has(&self, part: Part<'_>) -> bool {
        match part {
            Part::ClickId(names) => self.arrival.click_ids.iter().any(|id| is_named(names, &id.name)),
            Part::Parameter(wanted) => {
                let asked = self.parameters.iter().filter(|(name, _)| wanted.names.iter().any(|asked| asked == name));
                asked.into_iter().any(|(_, value)| wanted.values.iter().any(|pattern| pattern.takes(value)))
            }
            Part::ReferrerHost(hosts) => {
                let host = self.arrival.referrer_host.as_deref();
                host.is_some_and(|host| hosts.iter().any(|wanted| is_below(wanted, host)))
            }
        }
    }

    fn found(&self, part: Part<'_>) -> Option<(String, String)> {
        match part {
            Part::ClickId(names) => {
                let id = self.arrival.click_ids.iter().find(|id| is_named(names, &id.name))?;
                Some((id.name.clone(), id.value.clone().unwrap_or_default()))
            }
            Part::Parameter(wanted) => {
                let of = |name: &String| Some((name.clone(), self.arrival.parameter(name)?.to_owned()));
                let takes = |(_, value): &(String, String)| {
                    let value = value.to_lowercase();
                    wanted.values.iter().any(|pattern| pattern.takes(&value))
                };
                wanted.names.iter().filter_map(of).find(takes).or_else(|| wanted.names.iter().find_map(of))
            }
            Part::ReferrerHost(_) => Some(("referrer_host".to_owned(), self.arrival.referrer_host.clone()?)),
        }
    }
}

fn is_named(names: &[&'static str], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether a host is this one, or below it.
fn is_below(parent: &str, host: &str) -> bool {
    host.strip_suffix(parent).is_some_and(|below| below.is_empty() || below.ends_with('.'))
}
