//! Computes adjustments in the plainest way: each in the order of the log, compared with everything before it.

use std::collections::BTreeMap;

use pixeld::domain::{AdvertiserId, Currency, CurrentValue, MaxValue, Micros, PixelId, Seq};

use super::log::SentAdjustment;
use super::names::counting;
use super::{Known, Tables, World};

/// A name that a fire brought, and the fire that is meant.
pub struct Reference {
    pub advertiser: AdvertiserId,
    pub name: String,
    named_by: Seq,
    pub seq: Seq,
}

/// A change that is asked for.
pub struct Asked {
    pub by: Seq,
    pub retract: bool,
    pub value: Option<i64>,
    pub currency: Option<String>,
    /// Whether the value is beyond the bound of the fire's own pixel.
    pub beyond: bool,
    /// The bounds of pixels at that row.
    pub bounds: BTreeMap<PixelId, MaxValue>,
}

impl Asked {
    fn is_beyond(&self, one: &Known) -> bool {
        let currency = self.currency.as_deref().and_then(Currency::parse).or(one.current.currency);
        let bound = self.bounds.get(&one.fire.pixel_id);
        let exceeds = |max: &MaxValue| {
            self.value.is_some_and(|value| value > max.amount.0) && currency.is_none_or(|code| code == max.currency)
        };
        self.beyond || bound.is_some_and(exceeds)
    }
}

fn reason(known: &Known) -> &'static str {
    known.outcome.reason().as_str()
}

pub fn is_flagged(known: &Known) -> bool {
    ["test", "bot", "prefetch"].contains(&reason(known))
}

/// The names that a judged fire brings.
pub fn references(known: &Known) -> Vec<Reference> {
    let Some(name) = known.fire.reference_id.clone().filter(|_| !is_flagged(known)) else { return Vec::new() };
    let meant = if reason(known) == "adjustment" { known.parents.clone() } else { vec![known.fire.seq] };
    let (advertiser, named_by) = (known.advertiser, known.fire.seq);
    meant.into_iter().map(|seq| Reference { advertiser, name: name.clone(), named_by, seq }).collect()
}

impl World {
    /// Applies one change to the conversions at `of`.
    pub fn adjust(&mut self, asked: &Asked, of: Vec<Seq>) {
        let mut targets: Vec<Seq> = of.into_iter().map(|seq| counting(&self.known, seq).fire.seq).collect();
        targets.sort();
        targets.dedup();
        for seq in targets {
            let has_duplicates = self.known.iter().any(|known| known.duplicate.is_some_and(|(of, _)| of == seq));
            let one = self.known.iter_mut().find(|known| known.fire.seq == seq).unwrap();
            let effect = if one.outcome.kind().as_str() == "not_counted" {
                "not_counted"
            } else if one.retracted_by.is_some() {
                "already_retracted"
            } else if asked.retract {
                one.current.retracted = true;
                (one.retracted_by, one.had_duplicates, one.adjusted) = (Some(asked.by), has_duplicates, true);
                "retracted"
            } else if asked.is_beyond(one) {
                "over_max_value"
            } else {
                let value = asked.value.map(Micros).or(one.current.value);
                let currency = asked.currency.as_deref().and_then(Currency::parse).or(one.current.currency);
                one.current = CurrentValue { retracted: false, value, currency };
                one.adjusted = true;
                "restated"
            };
            one.stand();
            self.effects.push((seq, asked.by, effect));
        }
    }

    /// The conversions that an adjustment names.
    pub fn meant_by(&self, adjustment: &SentAdjustment) -> Vec<Seq> {
        let is_meant = |known: &&Known| {
            let names_event = |event: &String| {
                known.fire.event_id.as_ref() == Some(event)
                    && self.names.names_event(known.fire.pixel_id.0, event, known.fire.seq)
            };
            known.advertiser == adjustment.advertiser
                && adjustment.pixel.is_none_or(|pixel| known.fire.pixel_id == pixel)
                && !is_flagged(known)
                && reason(known) != "adjustment"
                && ((adjustment.order.is_some() && known.order == adjustment.order)
                    || adjustment.event.as_ref().is_some_and(names_event)
                    || adjustment.number == Some(known.fire.seq)
                    || self.references.iter().any(|r| {
                        let named =
                            r.advertiser == adjustment.advertiser && Some(&r.name) == adjustment.reference.as_ref();
                        named && r.named_by < adjustment.seq && r.seq == known.fire.seq
                    }))
        };
        self.known.iter().filter(is_meant).map(|known| known.fire.seq).collect()
    }

    /// Fills in the tables of adjustments.
    pub fn fill_adjustments(&self, tables: &mut Tables) {
        let mut put = |table: &str, row: String| tables.get_mut(table).unwrap().push(row);
        for Reference { advertiser, name, named_by, seq } in &self.references {
            put("references_seen", format!("{advertiser} {name} {named_by} {seq}"));
        }
        for (conversion, adjustment, effect) in &self.effects {
            put("adjustment_effects", format!("{conversion} {adjustment} {effect}"));
        }
        for one in self.known.iter().filter(|known| known.adjusted) {
            let CurrentValue { retracted, value, currency } = one.current;
            let value = value.map_or("-".to_owned(), |value| value.0.to_string());
            let currency = currency.map_or("-".to_owned(), |code| code.to_string());
            put("adjusted", format!("{} {} {value} {currency}", one.fire.seq, i64::from(retracted)));
        }
        for table in ["references_seen", "adjustment_effects", "adjusted"] {
            tables.get_mut(table).unwrap().sort();
        }
    }
}
