//! Follows the names of fires in the plainest way: lists that are searched from end to end.

use std::collections::BTreeMap;

use pixeld::attribution::{EarlierFire, NameKind, Namesake, NamesakeState};
use pixeld::domain::JudgeFire;

use super::{Known, Tables};
use crate::judge::*;

/// A pixel, a kind of name and the name.
pub type Name = (i64, NameKind, String);

/// All names so far.
#[derive(Default)]
pub struct Names {
    /// The fires that a name leads to; with the visitor, if it is a name among the fires of that one only.
    leads: Vec<(Name, Option<i64>, i64, i64)>,
    /// The times of visitors' fires: first, last, and the fire logged first, by hour.
    bearers: BTreeMap<(Name, i64, i64), (i64, i64, i64)>,
    shared: BTreeMap<Name, i64>,
}

/// What a name of a fire leads to.
#[derive(Default)]
pub struct Found {
    pub namesakes: Vec<Namesake>,
    pub apart: Option<EarlierFire>,
    pub shared: bool,
}

pub fn counts(known: &Known) -> Option<i64> {
    known.whose.filter(|_| !known.fire.flags.new_visitor || known.fire.exposure.is_some())
}

impl Names {
    /// Finds what the fire's name leads to, and notes the name.
    pub fn follow(
        &mut self,
        known: &[Known],
        fire: &JudgeFire,
        kind: NameKind,
        once: bool,
        (whose, counts): (Option<i64>, Option<i64>),
    ) -> Found {
        let text = if kind == NameKind::Event { &fire.event_id } else { &fire.order_id };
        let Some(text) = text.clone() else { return Found::default() };
        let name: Name = (fire.pixel_id.0, kind, text);
        let of_all: Vec<(i64, i64)> =
            self.leads.iter().filter(|lead| lead.0 == name && lead.1.is_none()).map(|lead| (lead.2, lead.3)).collect();
        let mut found = Found::default();
        let mut leads_here = Some(None);
        if !of_all.is_empty() && kind == NameKind::Order && !once {
            leads_here = leads_here.filter(|_| of_all.len() < 100);
        } else if !of_all.is_empty() {
            found.shared = self.is_shared(known, &name, fire, counts, &of_all);
            let mut led = of_all;
            if found.shared {
                led = whose.map_or(Vec::new(), |whose| self.own(known, &name, whose, &led));
                leads_here = whose.map(Some);
            }
            led.sort_by_key(|(_, seq)| *seq);
            let near = |at: i64| (fire.at.0 - at).abs() <= 48 * HOUR;
            if kind == NameKind::Event && led.iter().all(|(at, _)| !near(*at)) {
                let nearest = led.iter().min_by_key(|(at, seq)| ((fire.at.0 - at).abs(), *at, *seq));
                found.apart = nearest.map(|(at, seq)| EarlierFire { seq: Seq(*seq), at: Millis(*at) });
            }
            for (_, seq) in led.iter().filter(|(at, _)| kind == NameKind::Order || near(*at)) {
                let Some(namesake) = namesake(known, Seq(*seq), kind) else { continue };
                leads_here = None;
                if !found.namesakes.contains(&namesake) && (kind == NameKind::Order || found.namesakes.is_empty()) {
                    found.namesakes.push(namesake);
                }
            }
        }
        if let Some(of) = leads_here {
            self.leads.push((name, of, fire.at.0, fire.seq.0));
        }
        found
    }

    fn is_shared(
        &mut self,
        known: &[Known],
        name: &Name,
        fire: &JudgeFire,
        visitor: Option<i64>,
        of_all: &[(i64, i64)],
    ) -> bool {
        if self.shared.contains_key(name) {
            return true;
        }
        let Some(visitor) = visitor else { return false };
        let mut sent: Vec<(i64, i64)> = Vec::new();
        for ((of, _, visitor), (first, last, _)) in &self.bearers {
            if of == name {
                sent.extend([(*visitor, *first), (*visitor, *last)]);
            }
        }
        for (at, seq) in of_all {
            let lead = known.iter().find(|known| known.fire.seq.0 == *seq).unwrap();
            sent.extend(counts(lead).map(|visitor| (visitor, *at)));
        }
        let others: Vec<_> = sent.into_iter().filter(|(other, _)| *other != visitor).collect();
        let shared = others.iter().any(|one| {
            others.iter().any(|two| {
                let times = [one.1, two.1, fire.at.0];
                one.0 != two.0 && times.iter().max().unwrap() - times.iter().min().unwrap() <= HOUR
            })
        });
        if shared {
            self.shared.insert(name.clone(), fire.seq.0);
        } else {
            let hour = fire.at.0 - fire.at.0.rem_euclid(HOUR);
            let times = self.bearers.entry((name.clone(), hour, visitor)).or_insert((fire.at.0, fire.at.0, fire.seq.0));
            *times = (times.0.min(fire.at.0), times.1.max(fire.at.0), times.2);
        }
        shared
    }

    /// The visitor's own fires with the name.
    fn own(&self, known: &[Known], name: &Name, whose: i64, of_all: &[(i64, i64)]) -> Vec<(i64, i64)> {
        let mut own: Vec<i64> = Vec::new();
        own.extend(self.leads.iter().filter(|lead| lead.0 == *name && lead.1 == Some(whose)).map(|lead| lead.3));
        own.extend(self.bearers.iter().filter(|(key, _)| key.0 == *name && key.2 == whose).map(|(_, sent)| sent.2));
        let is_theirs = |seq: &i64| known.iter().any(|known| known.fire.seq.0 == *seq && known.whose == Some(whose));
        own.extend(of_all.iter().map(|(_, seq)| *seq).filter(is_theirs));
        own.sort_unstable();
        own.dedup();
        own.into_iter()
            .map(|seq| (known.iter().find(|known| known.fire.seq.0 == seq).unwrap().fire.at.0, seq))
            .collect()
    }

    /// The fires that an event id names for adjustments.
    pub fn names_event(&self, pixel: i64, event: &str, seq: Seq) -> bool {
        let name: Name = (pixel, NameKind::Event, event.to_owned());
        self.leads.iter().any(|lead| lead.0 == name && lead.3 == seq.0)
    }

    pub fn fill(&self, tables: &mut Tables) {
        let cells = |name: &Name| format!("{} {} {}", name.0, if name.1 == NameKind::Event { 1 } else { 2 }, name.2);
        let mut put = |table: &str, row: String| tables.get_mut(table).unwrap().push(row);
        for (name, of, at, seq) in &self.leads {
            put("names_seen", format!("{} {} {at} {seq}", cells(name), of.unwrap_or(0)));
        }
        for ((name, hour, visitor), (first, last, seq)) in &self.bearers {
            put("name_bearers", format!("{} {hour} {visitor} {first} {last} {seq}", cells(name)));
        }
        for (name, seq) in &self.shared {
            put("names_shared", format!("{} {seq}", cells(name)));
        }
        for table in ["names_seen", "name_bearers", "names_shared"] {
            tables.get_mut(table).unwrap().sort();
        }
    }
}

/// The fire that counts for this one.
pub fn counting(known: &[Known], seq: Seq) -> &Known {
    let one = known.iter().find(|known| known.fire.seq == seq).unwrap();
    one.duplicate.map_or(one, |(of, _)| counting(known, of))
}

fn namesake(known: &[Known], seq: Seq, kind: NameKind) -> Option<Namesake> {
    let one = counting(known, seq);
    let state = match (one.retracted_by, one.outcome.kind().as_str()) {
        (Some(_), _) if kind == NameKind::Event && !one.had_duplicates => NamesakeState::Retracted,
        (Some(_), _) => return None,
        (None, "attributed") => NamesakeState::Credited,
        (None, "unattributed") => NamesakeState::Open,
        (None, _) => NamesakeState::Repeat,
    };
    Some(Namesake { name: kind, fire: EarlierFire { seq: one.fire.seq, at: one.fire.at }, state })
}
