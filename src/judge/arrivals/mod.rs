//! Judges arrivals: gathers what is known before each, from the store and from the present batch, and notes what it leaves
//! behind for later ones.

mod earlier;

use std::collections::{HashMap, HashSet};

use self::earlier::EarlierArrivals;
use super::rules::Rules;
use crate::attribution::{ArrivalCase, ArrivalDecision, ClickIdUse, KnownClickId, NamedAd, Touch, arrive, sources};
use crate::domain::{
    AdParameter, AdvertiserId, Arrival, ArrivalContent, ArrivalFate, ClickIdValue, Exposure, ExposureKind,
    LineItemRules, Logged, Millis, PublisherId, Seq, SourceId, SourceRules, VisitorId,
};
use crate::store::{
    ArrivalClick, ClickIdKey, EarlierArrival, JudgeArrival, JudgeExposure, JudgedArrival, LookUps,
    MOST_UNMATCHED_A_DAY, Slice, StoreError, TextHash,
};

/// What the arrivals of the present batch left behind, which the store does not have yet, and what was found for them.
#[derive(Default)]
pub(super) struct ArrivalBook {
    visitors: HashMap<VisitorId, EarlierArrivals>,
    adopted: HashSet<(VisitorId, Seq)>,
    unmatched: HashMap<(AdvertiserId, Millis), UnmatchedDay>,
}

struct UnmatchedDay {
    /// How many contents are counted, with those of the batch.
    contents: u32,
    known: HashSet<ArrivalContent>,
}

/// What an arrival adds to its visitor's exposures and to the sums.
pub(super) struct Arrived<'r> {
    /// The exposure that its token brought to the visitor.
    pub adopted: Option<Touch>,
    /// The arrival as a click, with its line item.
    pub click: Option<(Touch, Option<&'r LineItemRules>)>,
}

/// Judges one arrival after the other.
pub(super) struct Arriving<'a, 'l> {
    pub look_ups: &'a mut LookUps<'l>,
    pub book: &'a mut ArrivalBook,
    pub slice: &'a mut Slice,
}

/// What is known before an arrival.
struct Gathered<'r> {
    named_row: Option<Logged<Exposure>>,
    named: Option<NamedAd>,
    /// The key of each of its click ids, if it has a value.
    keys: Vec<Option<ClickIdKey>>,
    click_ids: Vec<KnownClickId>,
    source: Option<&'r SourceRules>,
    /// A hash of what it carries.
    hash: i64,
    alike: Vec<Millis>,
}

impl Gathered<'_> {
    fn source_id(&self) -> Option<SourceId> {
        self.source.map(|source| source.source_id)
    }

    fn decide(&self, exposure: &JudgeExposure, arrival: &Arrival) -> ArrivalDecision {
        arrive(&ArrivalCase {
            arrival,
            at: exposure.touch.at,
            visitor_id: exposure.visitor_id,
            flags: exposure.touch.flags,
            named: self.named,
            click_ids: &self.click_ids,
            source_id: self.source_id(),
            alike: &self.alike,
        })
    }
}

/// The visitor of a real visit. Only such a visit finds out what was before, and is found by later ones.
fn real_visitor(exposure: &JudgeExposure) -> Option<VisitorId> {
    exposure.visitor_id.filter(|_| exposure.touch.flags.is_real())
}

impl Arriving<'_, '_> {
    pub(super) fn arrival<'r>(
        &mut self,
        exposure: &JudgeExposure,
        came: &JudgeArrival,
        rules: &'r Rules,
    ) -> Result<Arrived<'r>, StoreError> {
        let (arrival, touch) = (&came.arrival, exposure.touch);
        let known = self.gather(exposure, arrival, rules)?;
        let decision = known.decide(exposure, arrival);
        let click = known.source.filter(|_| decision.fate == ArrivalFate::Click);
        let click = click.map(|source| click_of(source, arrival, rules));
        if let Some(visitor) = exposure.visitor_id {
            self.note(visitor, exposure, arrival, &decision, &known);
        }
        if touch.flags.is_real() && matches!(decision.fate, ArrivalFate::Unmatched | ArrivalFate::Empty) {
            self.unmatched(came, touch.at)?;
        }
        self.slice.arrival(judged(exposure, arrival, &decision, &known, click));
        let source_id = known.source_id();
        let adopted = known.named_row.filter(|_| decision.adopts);
        Ok(Arrived {
            adopted: adopted.map(|row| Touch { adopted_by: Some(touch.seq), ..Touch::from(&row) }),
            click: click.map(|click| {
                let ArrivalClick { line_item_id, campaign_id, publisher_id, .. } = click;
                let touch = Touch { line_item_id, campaign_id, publisher_id, source_id, ..touch };
                (touch, rules.known_line_item(line_item_id))
            }),
        })
    }

    fn gather<'r>(
        &mut self,
        exposure: &JudgeExposure,
        arrival: &Arrival,
        rules: &'r Rules,
    ) -> Result<Gathered<'r>, StoreError> {
        let visitor = real_visitor(exposure);
        let named_row = self.named(arrival, exposure.touch.seq, rules)?;
        let named = named_row.as_ref().map(|row| self.named_ad(row, visitor)).transpose()?;
        let source = sources::choose(rules.sources(arrival.advertiser_id), arrival);
        let (source_id, keys) = (source.map(|source| source.source_id), keys(arrival));
        let hash = hash(arrival, &keys);
        // Most ads bring new visitors, and nothing was before those.
        let returning = visitor.filter(|_| !exposure.touch.flags.new_visitor);
        let clicks = returning.map(|visitor| self.slice.clicks_of(visitor)).unwrap_or_default();
        let earlier = match returning {
            Some(visitor) => Some(self.earlier(visitor)?),
            None => None,
        };
        let alike = earlier.map(|earlier| earlier.alike(hash, source_id, clicks)).unwrap_or_default();
        let had = |key: &Option<ClickIdKey>| earlier?.had((*key)?, clicks);
        let click_ids = arrival.click_ids.iter().zip(&keys).map(|(id, key)| known(id, had(key))).collect();
        Ok(Gathered { named_row, named, keys, click_ids, source, hash, alike })
    }

    /// The exposure that the token names, if it is of the same advertiser.
    fn named(&mut self, arrival: &Arrival, seq: Seq, rules: &Rules) -> Result<Option<Logged<Exposure>>, StoreError> {
        let Some(named) = arrival.named else { return Ok(None) };
        let row = self.look_ups.named_by_arrival(named, seq)?;
        Ok(row.filter(|row| {
            rules.known_line_item(row.line_item_id).is_some_and(|known| known.advertiser_id == arrival.advertiser_id)
        }))
    }

    fn named_ad(&mut self, row: &Logged<Exposure>, visitor: Option<VisitorId>) -> Result<NamedAd, StoreError> {
        let is_own = match visitor {
            None => false,
            Some(visitor) => {
                row.visitor_id == Some(visitor)
                    || self.book.adopted.contains(&(visitor, row.seq))
                    || self.look_ups.has_adopted(visitor, row.seq)?
            }
        };
        Ok(NamedAd { seq: row.seq, at: row.at, kind: row.kind, is_own })
    }

    /// The visitor's earlier arrivals.
    fn earlier(&mut self, visitor: VisitorId) -> Result<&EarlierArrivals, StoreError> {
        let earlier = self.book.visitors.entry(visitor).or_default();
        if !earlier.has_stored() {
            earlier.add_stored(self.look_ups.earlier_arrivals(visitor)?);
        }
        Ok(earlier)
    }

    /// Notes what later arrivals of the batch find, and what the slice writes of click ids.
    fn note(
        &mut self,
        visitor: VisitorId,
        exposure: &JudgeExposure,
        arrival: &Arrival,
        decision: &ArrivalDecision,
        known: &Gathered<'_>,
    ) {
        let new = known.keys.iter().zip(&decision.click_ids).filter(|(_, used)| **used != ClickIdUse::Nothing);
        let click_ids: Vec<ClickIdKey> = new.filter_map(|(key, _)| *key).collect();
        click_ids.iter().for_each(|key| self.slice.click_id(exposure.touch.seq, *key));
        if let (true, Some(named)) = (decision.adopts, arrival.named) {
            self.book.adopted.insert((visitor, named));
        }
        let brings_click = decision.adopts && known.named.is_some_and(|named| named.kind == ExposureKind::Click);
        let clicks = self.slice.clicks_of(visitor) + u32::from(brings_click);
        self.book.visitors.entry(visitor).or_default().add(
            EarlierArrival {
                seq: exposure.touch.seq,
                at: exposure.touch.at,
                source_id: known.source_id(),
                alike: decision.is_first.then_some(known.hash),
                is_click: decision.fate == ArrivalFate::Click,
                stands_for_click: decision.is_click,
                click_ids,
            },
            clicks,
        );
    }

    /// Counts an arrival that no source took by what it carried. There is room for so many contents a day.
    fn unmatched(&mut self, came: &JudgeArrival, at: Millis) -> Result<(), StoreError> {
        let (advertiser, day, carried) =
            (came.arrival.advertiser_id, at.day(), ArrivalContent::of(&came.arrival, &came.problems));
        let contents = match self.book.unmatched.get(&(advertiser, day)) {
            Some(known) if known.known.contains(&carried) => {
                self.slice.unmatched(advertiser, at, Some(carried));
                return Ok(());
            }
            Some(known) => known.contents,
            None => self.look_ups.unmatched_contents(advertiser, day)?,
        };
        let is_stored = self.look_ups.unmatched_of(advertiser, day, &carried)?;
        let known = self.book.unmatched.entry((advertiser, day));
        let known = known.or_insert_with(|| UnmatchedDay { contents, known: HashSet::new() });
        if is_stored || contents < MOST_UNMATCHED_A_DAY {
            known.contents += u32::from(!is_stored);
            known.known.insert(carried.clone());
            self.slice.unmatched(advertiser, at, Some(carried));
        } else {
            self.slice.unmatched(advertiser, at, None);
        }
        Ok(())
    }
}

fn judged(
    exposure: &JudgeExposure,
    arrival: &Arrival,
    decision: &ArrivalDecision,
    known: &Gathered<'_>,
    click: Option<ArrivalClick>,
) -> JudgedArrival {
    JudgedArrival {
        seq: exposure.touch.seq,
        at: exposure.touch.at,
        visitor_id: exposure.visitor_id,
        advertiser_id: arrival.advertiser_id,
        fate: decision.fate,
        source_id: known.source_id(),
        click,
        named: known.named.map(|named| named.seq),
        adopts: decision.adopts,
        alike: decision.is_first.then_some(known.hash),
    }
}

/// What a click by this source counts for.
fn click_of(source: &SourceRules, arrival: &Arrival, rules: &Rules) -> ArrivalClick {
    let named = source.campaign_by.as_deref().and_then(|name| arrival.parameter(name));
    let by_code = named.and_then(|code| rules.campaign(source.line_item_id, code));
    ArrivalClick {
        line_item_id: source.line_item_id,
        line_item_version: rules.known_line_item(source.line_item_id).map(|line_item| line_item.version),
        campaign_id: by_code.or(source.campaign_id),
        publisher_id: source.publisher_id.unwrap_or(PublisherId::NONE),
    }
}

/// What is known of a click id. Its visitor may have come with it before, and that may have been a click.
fn known(id: &ClickIdValue, had: Option<bool>) -> KnownClickId {
    let is_shared = matches!(AdParameter::of(&id.name), Some(AdParameter::ClickId(known)) if known.is_shared);
    match (had, is_shared) {
        (None, false) => KnownClickId::New,
        (None, true) => KnownClickId::NewShared,
        (Some(_), true) => KnownClickId::HadShared,
        (Some(true), false) => KnownClickId::Clicked,
        (Some(false), false) => KnownClickId::NoClick,
    }
}

fn keys(arrival: &Arrival) -> Vec<Option<ClickIdKey>> {
    let key = |id: &ClickIdValue| Some(ClickIdKey::of(arrival.advertiser_id, &id.name, id.value.as_deref()?));
    arrival.click_ids.iter().map(key).collect()
}

/// A hash of the advertiser, parameters and click ids, whatever their order in the address.
fn hash(arrival: &Arrival, keys: &[Option<ClickIdKey>]) -> i64 {
    let mut parts: Vec<(&str, &str)> =
        arrival.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    parts.sort_unstable();
    let mut hash = TextHash::default();
    hash.number(arrival.advertiser_id.0.cast_unsigned());
    for (name, value) in parts {
        hash.text(name);
        hash.text(value);
    }
    let mut ids: Vec<_> =
        arrival.click_ids.iter().zip(keys).map(|(id, key)| (&id.name, key.map(|key| key.hash()))).collect();
    ids.sort_unstable();
    for (name, key) in ids {
        match key {
            Some(key) => hash.number(key.cast_unsigned()),
            None => hash.text(name),
        }
    }
    hash.value()
}
