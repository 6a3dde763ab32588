//! Judges arrivals: gathers what is known before each, from the store and from the present batch, and notes what it leaves
//! behind for later ones.

use std::collections::{HashMap, HashSet};

use super::rules::Rules;
use crate::attribution::{
    ArrivalCase, ArrivalDecision, ClickIdUse, KnownClickId, NamedAd, SAME_ARRIVAL_MS, Touch, arrive, sources,
};
use crate::domain::{
    AdParameter, AdvertiserId, Arrival, ArrivalContent, ArrivalFate, ClickIdValue, Exposure, ExposureKind,
    LineItemRules, Logged, Millis, PublisherId, Seq, SourceId, SourceRules, VisitorId,
};
use crate::store::{
    ArrivalClick, BroughtClickId, ClickIdKey, ClickIdOwner, EarlierArrival, EarlierQuery, JudgeArrival, JudgeExposure,
    JudgedArrival, LookUps, MAX_TOUCHES_OF_A_KIND, MOST_EARLIER_ARRIVALS, MOST_UNMATCHED_A_DAY, Slice, StoreError,
    TextHash,
};

/// What the arrivals of the present batch left behind. The store does not have it yet.
#[derive(Default)]
pub(super) struct ArrivalBook {
    visitors: HashMap<VisitorId, Vec<Come>>,
    adopted: HashSet<(VisitorId, Seq)>,
    click_ids: HashMap<ClickIdKey, Vec<(VisitorId, bool)>>,
    unmatched: HashMap<(AdvertiserId, Millis), UnmatchedDay>,
}

/// An arrival of the batch.
struct Come {
    earlier: EarlierArrival,
    /// Of a click: how many clicks of its visitor the slice has before it.
    click: Option<u32>,
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
        if let Some(visitor) = real_visitor(exposure) {
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
        let before = match visitor.filter(|_| !exposure.touch.flags.new_visitor) {
            Some(visitor) => self.earlier(visitor, exposure.touch.at)?,
            None => Vec::new(),
        };
        let same = before.iter().filter(|earlier| earlier.alike == Some(hash) && earlier.source_id == source_id);
        let alike = same.map(|earlier| earlier.at).collect();
        let click_ids = self.known(arrival, &keys, visitor)?;
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

    /// What is known of each click id.
    fn known(
        &mut self,
        arrival: &Arrival,
        keys: &[Option<ClickIdKey>],
        visitor: Option<VisitorId>,
    ) -> Result<Vec<KnownClickId>, StoreError> {
        let ids = arrival.click_ids.iter().zip(keys);
        ids.map(|(id, key)| {
            let (Some(visitor), Some(key)) = (visitor, key) else { return Ok(KnownClickId::New) };
            Ok(match (self.owner(*key, visitor)?, is_shared(id)) {
                (ClickIdOwner::Visitor { .. }, true) => KnownClickId::HadShared,
                (_, true) => KnownClickId::NewShared,
                (ClickIdOwner::Visitor { was_click: true }, false) => KnownClickId::Clicked,
                (ClickIdOwner::Visitor { was_click: false }, false) => KnownClickId::NoClick,
                (ClickIdOwner::Others, false) => KnownClickId::OfOthers,
                (ClickIdOwner::Nobody, false) => KnownClickId::New,
            })
        })
        .collect()
    }

    fn owner(&mut self, key: ClickIdKey, visitor: VisitorId) -> Result<ClickIdOwner, StoreError> {
        let pending = self.book.click_ids.get(&key);
        if let Some((_, was_click)) = pending.into_iter().flatten().find(|(owner, _)| *owner == visitor) {
            return Ok(ClickIdOwner::Visitor { was_click: *was_click });
        }
        let owner = self.look_ups.click_id_owner(key, visitor)?;
        Ok(if owner == ClickIdOwner::Nobody && pending.is_some() { ClickIdOwner::Others } else { owner })
    }

    /// The visitor's last arrivals, without those that are too far away to be repeated.
    fn earlier(&mut self, visitor: VisitorId, at: Millis) -> Result<Vec<EarlierArrival>, StoreError> {
        let clicks = self.slice.clicks_of(visitor);
        let is_near_enough = |come: &&Come| come.click.is_none_or(|click| clicks - click <= MAX_TOUCHES_OF_A_KIND);
        let pending = self.book.visitors.get(&visitor).into_iter().flatten().rev().filter(is_near_enough);
        let mut all: Vec<_> = pending.take(MOST_EARLIER_ARRIVALS).map(|come| come.earlier).collect();
        let most_clicks = MAX_TOUCHES_OF_A_KIND.saturating_sub(clicks);
        let (from, to) = (at.plus(-SAME_ARRIVAL_MS), at.plus(SAME_ARRIVAL_MS));
        let most = MOST_EARLIER_ARRIVALS - all.len();
        all.extend(self.look_ups.earlier_arrivals(&EarlierQuery {
            visitor_id: visitor,
            most,
            most_clicks,
            from,
            to,
        })?);
        Ok(all)
    }

    /// Notes what later arrivals of the batch find.
    fn note(
        &mut self,
        visitor: VisitorId,
        exposure: &JudgeExposure,
        arrival: &Arrival,
        decision: &ArrivalDecision,
        known: &Gathered<'_>,
    ) {
        let (at, alike) = (exposure.touch.at, decision.is_first.then_some(known.hash));
        let earlier = EarlierArrival { at, source_id: known.source_id(), alike };
        let brings_click = decision.adopts && known.named.is_some_and(|named| named.kind == ExposureKind::Click);
        let before = || self.slice.clicks_of(visitor) + u32::from(brings_click);
        let click = (decision.fate == ArrivalFate::Click).then(before);
        self.book.visitors.entry(visitor).or_default().push(Come { earlier, click });
        if let (true, Some(named)) = (decision.adopts, arrival.named) {
            self.book.adopted.insert((visitor, named));
        }
        for (key, used) in known.keys.iter().zip(&decision.click_ids) {
            let (Some(key), false) = (*key, *used == ClickIdUse::Nothing) else { continue };
            let brought = BroughtClickId {
                key,
                visitor_id: visitor,
                seq: exposure.touch.seq,
                kept: *used == ClickIdUse::Kept,
                was_click: decision.is_click,
            };
            let pending = self.book.click_ids.entry(key).or_default();
            pending.retain(|(owner, _)| *owner != visitor);
            pending.push((visitor, decision.is_click));
            match used {
                ClickIdUse::Clicked => self.slice.click_id_clicked(brought),
                _ => self.slice.click_id(brought),
            }
        }
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
    let kept = decision.click_ids.iter().filter(|used| **used == ClickIdUse::Kept).count();
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
        click_ids: u32::try_from(kept).unwrap_or(u32::MAX),
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

/// Whether many clicks share this kind of id.
fn is_shared(id: &ClickIdValue) -> bool {
    matches!(AdParameter::of(&id.name), Some(AdParameter::ClickId(known)) if known.is_shared)
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
