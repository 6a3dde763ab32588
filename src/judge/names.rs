//! Follows the names of fires (`docs/rules/attribution.md`, *One name, one conversion*): finds the earlier fires that a
//! fire's event id and order id lead to, in the store and in the batch, and notes the names that it brings itself.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::states::{Sources, States};
use crate::attribution::{EarlierFire, NameKind, Namesake, NamesakeState, SAME_EVENT_MS};
use crate::domain::{JudgeFire, Millis, Seq, VisitorId};
use crate::store::{Bearer, ConversionState, LookUps, Name, NamedFire, Slice, StoreError};

/// An id that this many visitors sent within an hour is no name any more.
const VISITORS_THAT_SHARE: usize = 3;

/// An order id leads to at most so many fires that count beside each other, the first by the log's order.
const MOST_OF_AN_ORDER: usize = 100;

/// The names of the batch's fires, each with what the store and the batch know of it.
#[derive(Default)]
pub(super) struct NameBook {
    names: HashMap<Name, Known>,
}

/// What is known of one name.
#[derive(Default)]
struct Known {
    /// The fires that it leads to: the store's, which it leads to among all visitors, and all of the batch.
    fires: Vec<NamedFire>,
    /// None until it matters.
    is_shared: Option<bool>,
    /// The visitors who sent it, in the hours that were loaded, and whether the batch brought them.
    bearers: Vec<(Bearer, bool)>,
    loaded_hours: Vec<Millis>,
}

impl Known {
    fn of_all(&self) -> impl Iterator<Item = &NamedFire> {
        self.fires.iter().filter(|fire| fire.visitor_id.is_none())
    }

    /// Loads the visitors around an hour, once.
    fn load_bearers(&mut self, look_ups: &mut LookUps, name: &Name, hour: Millis) -> Result<(), StoreError> {
        let (first, last) = (hour.plus(-Millis::HOUR), hour.plus(Millis::HOUR));
        let hours = [first, hour, last].into_iter().filter(|hour| !self.loaded_hours.contains(hour));
        let missing: Vec<_> = hours.collect();
        if !missing.is_empty() {
            let stored = look_ups.bearers(name, first, last)?;
            let stored = stored.into_iter().filter(|bearer| missing.contains(&bearer.hour));
            self.bearers.extend(stored.map(|bearer| (bearer, false)));
            self.loaded_hours.extend(missing);
        }
        Ok(())
    }

    fn set_bearer(&mut self, bearer: Bearer) {
        self.bearers.retain(|(other, _)| (other.hour, other.visitor_id) != (bearer.hour, bearer.visitor_id));
        self.bearers.push((bearer, true));
    }
}

/// What one name of a fire leads to.
pub(super) struct Finding {
    name: Name,
    /// The fire that bears the name.
    by: Seq,
    pub namesakes: Vec<Namesake>,
    pub is_shared: bool,
    /// Of an event: the nearest fire with this id, if it is more than 48 hours away.
    pub apart: Option<EarlierFire>,
    /// Whether this fire is the one that makes it shared.
    begins_sharing: bool,
    /// The fire's visitor, as one who sent the name.
    bearer: Option<Bearer>,
    /// The fire itself, if the name is to lead to it from now on.
    leads_here: Option<NamedFire>,
}

/// A fire whose names are followed.
#[derive(Clone, Copy)]
pub(super) struct Bearing<'a> {
    pub fire: &'a JudgeFire,
    /// The fire's visitor; with a token, the visitor of the exposure that it names.
    pub visitor: Option<VisitorId>,
    pub is_new_visitor: bool,
    pub counts_each_order_once: bool,
    /// Whether the fire was judged before: then the store knows already which names are shared.
    pub is_past: bool,
}

impl Finding {
    pub(super) fn kind(&self) -> NameKind {
        self.name.kind
    }
}

impl Bearing<'_> {
    fn name(&self, kind: NameKind) -> Option<Name> {
        let id = match kind {
            NameKind::Event => self.fire.event_id.as_ref(),
            NameKind::Order => self.fire.order_id.as_ref(),
        };
        Some(Name { pixel_id: self.fire.pixel_id, kind, text: id?.clone() })
    }

    /// Whether the pixel asks for the fires of this name.
    fn asks(&self, kind: NameKind) -> bool {
        kind == NameKind::Event || self.counts_each_order_once
    }
}

impl NameBook {
    /// What the fire's name of this kind leads to; none if the fire has none.
    pub(super) fn find(
        &mut self,
        from: &mut Sources,
        states: &mut States,
        bearing: Bearing,
        kind: NameKind,
    ) -> Result<Option<Finding>, StoreError> {
        let Some(name) = bearing.name(kind) else { return Ok(None) };
        let fire = bearing.fire;
        let known = match self.names.entry(name.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let fires = from.look_ups.named_fires(&name, fire.seq)?;
                unknown.insert(Known { fires, ..Known::default() })
            }
        };
        let here = NamedFire { visitor_id: None, at: fire.at, seq: fire.seq };
        let mut finding = Finding {
            name,
            by: fire.seq,
            namesakes: Vec::new(),
            is_shared: false,
            apart: None,
            begins_sharing: false,
            bearer: None,
            leads_here: Some(here),
        };
        if known.of_all().next().is_none() {
            return Ok(Some(finding));
        }
        if !bearing.asks(kind) {
            finding.leads_here = (known.of_all().count() < MOST_OF_AN_ORDER).then_some(here);
            return Ok(Some(finding));
        }
        look_for_visitors(from, states, bearing, known, &mut finding)?;
        let fires = match (finding.is_shared, bearing.visitor) {
            (false, _) => known.of_all().copied().collect(),
            (true, Some(visitor)) => own_fires(from, states, (visitor, fire.seq), &finding.name, known)?,
            (true, None) => Vec::new(),
        };
        if finding.is_shared {
            finding.leads_here = bearing.visitor.map(|_| NamedFire { visitor_id: bearing.visitor, ..here });
        }
        follow(from, states, fire, fires, &mut finding)?;
        Ok(Some(finding))
    }

    /// Notes the names that a judged fire brings. Returns whether its event id leads to it.
    pub(super) fn note(&mut self, findings: Vec<Finding>, slice: &mut Slice) -> bool {
        let mut is_event_named = false;
        for Finding { name, by, begins_sharing, bearer, leads_here, .. } in findings {
            is_event_named |= name.kind == NameKind::Event && leads_here.is_some();
            let Some(known) = self.names.get_mut(&name) else { continue };
            known.fires.extend(leads_here);
            if let Some(bearer) = bearer {
                known.set_bearer(bearer);
            }
            if begins_sharing {
                known.is_shared = Some(true);
                slice.share(name.clone(), by);
            }
            if let Some(fire) = leads_here {
                slice.name(name, fire);
            }
        }
        is_event_named
    }

    /// Adds the visitors of the batch's names to the slice.
    pub(super) fn end(self, slice: &mut Slice) {
        for (name, known) in self.names {
            for (bearer, is_new) in known.bearers {
                if is_new {
                    slice.bearer(name.clone(), bearer);
                }
            }
        }
    }
}

/// Finds out whether several visitors send the name, and notes this one.
fn look_for_visitors(
    from: &mut Sources,
    states: &mut States,
    bearing: Bearing,
    known: &mut Known,
    finding: &mut Finding,
) -> Result<(), StoreError> {
    let fire = bearing.fire;
    let is_shared = match known.is_shared {
        Some(is_shared) => is_shared,
        None => from.look_ups.is_shared(&finding.name, fire.seq)?,
    };
    known.is_shared = Some(is_shared);
    finding.is_shared = is_shared;
    let visitor = bearing.visitor.filter(|_| !is_shared && !bearing.is_new_visitor && !bearing.is_past);
    let Some(visitor) = visitor else { return Ok(()) };
    let hour = fire.at.hour();
    known.load_bearers(from.look_ups, &finding.name, hour)?;
    let own = known.bearers.iter().map(|(bearer, _)| *bearer).find(|own| own.hour == hour && own.visitor_id == visitor);
    let sent = Bearer { hour, visitor_id: visitor, first_at: fire.at, last_at: fire.at, seq: fire.seq };
    let sent = own.map_or(sent, |own| Bearer {
        first_at: own.first_at.min(fire.at),
        last_at: own.last_at.max(fire.at),
        ..own
    });
    let sent_by = known.bearers.iter().map(|(bearer, _)| *bearer);
    let mut others: Vec<Bearer> = sent_by.filter(|other| other.visitor_id != visitor).collect();
    for NamedFire { at, seq, .. } in known.of_all().filter(|known| is_within_an_hour(&[known.at, fire.at])) {
        if let Some(state) = states.get(from, *seq, fire.seq)?
            && let Some(visitor_id) = state.visitor_id.filter(|other| !state.is_new_visitor && *other != visitor)
        {
            others.push(Bearer { hour, visitor_id, first_at: *at, last_at: *at, seq: *seq });
        }
    }
    if is_shared_by(fire.at, &others) {
        (finding.is_shared, finding.begins_sharing) = (true, true);
    } else {
        finding.bearer = Some(sent).filter(|sent| own != Some(*sent));
    }
    Ok(())
}

/// The visitor's own fires with a name that several visitors sent.
fn own_fires(
    from: &mut Sources,
    states: &mut States,
    (visitor, before): (VisitorId, Seq),
    name: &Name,
    known: &Known,
) -> Result<Vec<NamedFire>, StoreError> {
    let mut own = from.look_ups.fires_named_by(name, visitor, before)?;
    own.extend(known.fires.iter().filter(|fire| fire.visitor_id == Some(visitor)));
    let sent = known.bearers.iter().filter(|(bearer, _)| bearer.visitor_id == visitor).map(|(bearer, _)| bearer.seq);
    for seq in sent.chain(known.of_all().map(|fire| fire.seq)) {
        if own.iter().all(|fire| fire.seq != seq)
            && let Some(state) = states.get(from, seq, before)?
            && state.visitor_id == Some(visitor)
        {
            own.push(NamedFire { visitor_id: Some(visitor), at: state.at, seq });
        }
    }
    Ok(own)
}

/// Follows the fires that a name leads to. One that was retracted counts as absent, except the half of an event.
fn follow(
    from: &mut Sources,
    states: &mut States,
    fire: &JudgeFire,
    mut known: Vec<NamedFire>,
    finding: &mut Finding,
) -> Result<(), StoreError> {
    let kind = finding.name.kind;
    let gap = |known: &NamedFire| fire.at.since(known.at).saturating_abs();
    if kind == NameKind::Event {
        let nearest = known.iter().min_by_key(|known| (gap(known), known.at, known.seq)).copied();
        known.retain(|known| gap(known) <= SAME_EVENT_MS);
        if known.is_empty() {
            finding.apart = nearest.map(|nearest| EarlierFire { seq: nearest.seq, at: nearest.at });
        }
    }
    known.sort_by_key(|known| known.seq);
    for NamedFire { seq, .. } in known {
        let Some(state) = states.counting(from, seq, fire.seq)? else { continue };
        let Some(meaning) = meaning(state, kind) else { continue };
        finding.leads_here = None;
        let namesake = Namesake { name: kind, fire: EarlierFire { seq: state.seq, at: state.at }, state: meaning };
        if !finding.namesakes.contains(&namesake) {
            finding.namesakes.push(namesake);
        }
        if kind == NameKind::Event {
            break;
        }
    }
    Ok(())
}

fn meaning(state: &ConversionState, kind: NameKind) -> Option<NamesakeState> {
    match state.retraction {
        None => state.as_namesake(),
        Some(retraction) if kind == NameKind::Event && !retraction.had_duplicates => Some(NamesakeState::Retracted),
        Some(_) => None,
    }
}

/// Whether a fire at this time and those of enough other visitors lie within an hour.
fn is_shared_by(at: Millis, others: &[Bearer]) -> bool {
    let times: Vec<_> = others
        .iter()
        .flat_map(|other| [(other.visitor_id, other.first_at), (other.visitor_id, other.last_at)])
        .filter(|(_, other)| is_within_an_hour(&[*other, at]))
        .collect();
    // Each window of an hour that holds the fire begins with the fire or with one of the others.
    times.iter().map(|(_, begin)| (*begin).min(at)).any(|begin| {
        let mut visitors: Vec<_> = times
            .iter()
            .filter(|(_, other)| *other >= begin && is_within_an_hour(&[begin, *other, at]))
            .map(|(visitor, _)| *visitor)
            .collect();
        visitors.sort_unstable();
        visitors.dedup();
        visitors.len() + 1 >= VISITORS_THAT_SHARE
    })
}

fn is_within_an_hour(times: &[Millis]) -> bool {
    match (times.iter().min(), times.iter().max()) {
        (Some(first), Some(last)) => last.since(*first) <= Millis::HOUR,
        _ => true,
    }
}
