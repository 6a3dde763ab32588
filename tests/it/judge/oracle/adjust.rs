//! Computes adjustments in the plainest way: every name, every adjustment in the order of the log, each compared with
//! everything before it.

use std::collections::BTreeMap;

use super::log::Log;
use super::{Known, Tables};
use pixeld::domain::{AdvertiserId, Currency, CurrentValue, Micros, Seq};

/// A name that a fire brought, and the fire that is meant.
pub struct Reference {
    pub advertiser: AdvertiserId,
    pub name: String,
    named_by: Seq,
    pub seq: Seq,
}

/// How conversions stood after each of their adjustments.
pub type Standings = BTreeMap<Seq, Vec<CurrentValue>>;

/// The result of all adjustments.
pub struct Adjusted {
    pub standings: Standings,
    effects: Vec<(Seq, Seq, &'static str)>,
}

struct Asked {
    seq: Seq,
    of: Vec<Seq>,
    retract: bool,
    value: Option<i64>,
    currency: Option<String>,
}

fn reason(known: &Known) -> &'static str {
    known.judgement.outcome.reason().as_str()
}

fn is_flagged(known: &Known) -> bool {
    ["test", "bot", "prefetch"].contains(&reason(known))
}

/// The names that a judged fire brings.
pub fn references(known: &Known) -> Vec<Reference> {
    let Some(name) = known.fire.reference_id.clone().filter(|_| !is_flagged(known)) else { return Vec::new() };
    let meant = if reason(known) == "adjustment" { known.parents.clone() } else { vec![known.fire.seq] };
    let (advertiser, named_by) = (known.advertiser, known.fire.seq);
    meant.into_iter().map(|seq| Reference { advertiser, name: name.clone(), named_by, seq }).collect()
}

/// Follows all adjustments.
pub fn adjust(log: &Log, known: &[Known], references: &[Reference]) -> Adjusted {
    let mut asked = asked(log, known, references);
    for update in known.iter().filter(|known| reason(known) == "adjustment") {
        asked.push(Asked {
            seq: update.fire.seq,
            of: update.parents.clone(),
            retract: false,
            value: update.fire.value.map(|value| value.0),
            currency: update.fire.value.and(update.fire.currency).map(|code| code.to_string()),
        });
    }
    asked.sort_by_key(|asked| asked.seq);
    let mut adjusted = Adjusted { standings: Standings::new(), effects: Vec::new() };
    for asked in asked {
        for seq in &asked.of {
            let one = known.iter().find(|known| known.fire.seq == *seq).unwrap();
            let sent = CurrentValue { retracted: false, value: one.fire.value, currency: one.fire.currency };
            let before = adjusted.standings.get(seq).and_then(|all| all.last()).copied().unwrap_or(sent);
            let (after, effect) = if one.judgement.outcome.kind().as_str() == "not_counted" {
                (None, "not_counted")
            } else if before.retracted {
                (None, "already_retracted")
            } else if asked.retract {
                (Some(CurrentValue { retracted: true, ..before }), "retracted")
            } else {
                let value = asked.value.map(Micros).or(before.value);
                let currency = asked.currency.as_deref().and_then(Currency::parse).or(before.currency);
                (Some(CurrentValue { retracted: false, value, currency }), "restated")
            };
            adjusted.effects.push((*seq, asked.seq, effect));
            adjusted.standings.entry(*seq).or_default().extend(after);
        }
    }
    adjusted
}

fn asked(log: &Log, known: &[Known], references: &[Reference]) -> Vec<Asked> {
    let asked = log.adjustments.iter().map(|adjustment| {
        let is_meant = |known: &&Known| {
            let is_first = reason(known) != "duplicate_event";
            known.fire.seq < adjustment.seq
                && known.advertiser == adjustment.advertiser
                && adjustment.pixel.is_none_or(|pixel| known.fire.pixel_id == pixel)
                && !is_flagged(known)
                && reason(known) != "adjustment"
                && ((adjustment.order.is_some() && known.fire.order_id == adjustment.order)
                    || (adjustment.event.is_some() && known.fire.event_id == adjustment.event && is_first)
                    || references.iter().any(|r| {
                        let named =
                            r.advertiser == adjustment.advertiser && Some(&r.name) == adjustment.reference.as_ref();
                        named && r.named_by < adjustment.seq && r.seq == known.fire.seq
                    }))
        };
        Asked {
            seq: adjustment.seq,
            of: known.iter().filter(is_meant).map(|known| known.fire.seq).collect(),
            retract: adjustment.retract,
            value: adjustment.value,
            currency: adjustment.currency.clone(),
        }
    });
    asked.collect()
}

impl Adjusted {
    /// Fills in the tables of adjustments.
    pub fn fill(&self, references: &[Reference], tables: &mut Tables) {
        let mut put = |table: &str, row: String| tables.get_mut(table).unwrap().push(row);
        for Reference { advertiser, name, named_by, seq } in references {
            put("references_seen", format!("{advertiser} {name} {named_by} {seq}"));
        }
        for (conversion, adjustment, effect) in &self.effects {
            put("adjustment_effects", format!("{conversion} {adjustment} {effect}"));
        }
        for (seq, stood) in &self.standings {
            if let Some(CurrentValue { retracted, value, currency }) = stood.last() {
                let value = value.map_or("-".to_owned(), |value| value.0.to_string());
                let currency = currency.map_or("-".to_owned(), |code| code.to_string());
                put("adjusted", format!("{seq} {} {value} {currency}", i64::from(*retracted)));
            }
        }
        for table in ["references_seen", "adjustment_effects", "adjusted"] {
            tables.get_mut(table).unwrap().sort();
        }
    }
}
