//! Judges arrivals: gathers what is known before each, from the store and from the present batch, and notes what it leaves
//! behind for later ones.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};

use super::rules::Rules;
use crate::attribution::{ArrivalCase, ArrivalDecision, ClickIdUse, KnownClickId, NamedAd, Touch, arrive, sources};
use crate::domain::{
    AdParameter, AdvertiserId, Arrival, ArrivalContent, ArrivalFate, ClickIdValue, Exposure, LineItemRules, Logged,
    Millis, PublisherId, Seq, SourceId, SourceRules, VisitorId,
};
use crate::store::{
    ArrivalClick, BroughtClickId, ClickIdOwner, EarlierArrival, JudgeArrival, JudgeExposure, JudgedArrival, LookUps,
    MOST_EARLIER_ARRIVALS, MOST_UNMATCHED_A_DAY, Slice, StoreError,
};

/// What the arrivals of the present batch left behind. The store does not have it yet.
#[derive(Default)]
pub(super) struct ArrivalBook {
    visitors: HashMap<VisitorId, Vec<EarlierArrival>>,
    adopted: HashSet<(VisitorId, Seq)>,
    click_ids: HashMap<(AdvertiserId, String, String), Vec<(VisitorId, bool)>>,
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

impl Arriving<'_, '_> {
    pub(super) fn arrival<'r>(
        &mut self,
        exposure: &JudgeExposure,
        came: &JudgeArrival,
        rules: &'r Rules,
    ) -> Result<Arrived<'r>, StoreError> {
        let (arrival, touch) = (&came.arrival, exposure.touch);
        // Only a real visit finds out what was before, and is found by later ones.
        let visitor = exposure.visitor_id.filter(|_| touch.flags.is_real());
        let named_row = self.named(arrival, touch.seq, rules)?;
        let named = named_row.as_ref().map(|row| self.named_ad(row, visitor)).transpose()?;
        let known = self.known(arrival, visitor)?;
        let source = sources::choose(rules.sources(arrival.advertiser_id), arrival);
        let source_id = source.map(|source| source.source_id);
        let hash = alike(arrival);
        let before = match visitor {
            Some(visitor) => self.earlier(visitor)?,
            None => Vec::new(),
        };
        let same = before.iter().filter(|earlier| earlier.alike == Some(hash) && earlier.source_id == source_id);
        let decision = arrive(&ArrivalCase {
            arrival,
            at: touch.at,
            visitor_id: exposure.visitor_id,
            flags: touch.flags,
            named,
            click_ids: &known,
            source_id,
            alike: &same.map(|earlier| earlier.at).collect::<Vec<_>>(),
        });
        let click =
            source.filter(|_| decision.fate == ArrivalFate::Click).map(|source| click_of(source, arrival, rules));
        if let Some(visitor) = visitor {
            self.note(visitor, exposure, arrival, &decision, source_id, hash);
        }
        if touch.flags.is_real() && matches!(decision.fate, ArrivalFate::Unmatched | ArrivalFate::Empty) {
            self.unmatched(came, touch.at)?;
        }
        let kept = decision.click_ids.iter().filter(|used| **used == ClickIdUse::Kept).count();
        self.slice.arrival(JudgedArrival {
            seq: touch.seq,
            at: touch.at,
            visitor_id: exposure.visitor_id,
            advertiser_id: arrival.advertiser_id,
            fate: decision.fate,
            source_id,
            click,
            named: named.map(|named| named.seq),
            adopts: decision.adopts,
            click_ids: u32::try_from(kept).unwrap_or(u32::MAX),
            alike: decision.is_first.then_some(hash),
        });
        let adopted = named_row.filter(|_| decision.adopts);
        Ok(Arrived {
            adopted: adopted.map(|row| Touch { adopted_by: Some(touch.seq), ..Touch::from(&row) }),
            click: click.map(|click| {
                let ArrivalClick { line_item_id, campaign_id, publisher_id, .. } = click;
                let touch = Touch { line_item_id, campaign_id, publisher_id, source_id, ..touch };
                (touch, rules.known_line_item(line_item_id))
            }),
        })
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
    fn known(&mut self, arrival: &Arrival, visitor: Option<VisitorId>) -> Result<Vec<KnownClickId>, StoreError> {
        arrival
            .click_ids
            .iter()
            .map(|id| match (visitor, &id.value) {
                (Some(visitor), Some(value)) => {
                    let owner = self.owner(arrival.advertiser_id, &id.name, value, visitor)?;
                    Ok(match (owner, is_shared(id)) {
                        (ClickIdOwner::Visitor { .. }, true) => KnownClickId::HadShared,
                        (_, true) => KnownClickId::NewShared,
                        (ClickIdOwner::Visitor { was_click: true }, false) => KnownClickId::Clicked,
                        (ClickIdOwner::Visitor { was_click: false }, false) => KnownClickId::NoClick,
                        (ClickIdOwner::Others, false) => KnownClickId::OfOthers,
                        (ClickIdOwner::Nobody, false) => KnownClickId::New,
                    })
                }
                _ => Ok(KnownClickId::New),
            })
            .collect()
    }

    fn owner(
        &mut self,
        advertiser: AdvertiserId,
        name: &str,
        value: &str,
        visitor: VisitorId,
    ) -> Result<ClickIdOwner, StoreError> {
        let pending = self.book.click_ids.get(&(advertiser, name.to_owned(), value.to_owned()));
        if let Some((_, was_click)) = pending.into_iter().flatten().find(|(owner, _)| *owner == visitor) {
            return Ok(ClickIdOwner::Visitor { was_click: *was_click });
        }
        let owner = self.look_ups.click_id_owner(advertiser, name, value, visitor)?;
        Ok(if owner == ClickIdOwner::Nobody && pending.is_some() { ClickIdOwner::Others } else { owner })
    }

    /// The visitor's last arrivals.
    fn earlier(&mut self, visitor: VisitorId) -> Result<Vec<EarlierArrival>, StoreError> {
        let stored = self.look_ups.earlier_arrivals(visitor)?;
        let pending = self.book.visitors.get(&visitor);
        let all = pending.into_iter().flatten().rev().copied().chain(stored);
        Ok(all.take(usize::try_from(MOST_EARLIER_ARRIVALS).unwrap_or(usize::MAX)).collect())
    }

    fn note(
        &mut self,
        visitor: VisitorId,
        exposure: &JudgeExposure,
        arrival: &Arrival,
        decision: &ArrivalDecision,
        source_id: Option<SourceId>,
        hash: i64,
    ) {
        let earlier = EarlierArrival { at: exposure.touch.at, source_id, alike: decision.is_first.then_some(hash) };
        self.book.visitors.entry(visitor).or_default().push(earlier);
        if let (true, Some(named)) = (decision.adopts, arrival.named) {
            self.book.adopted.insert((visitor, named));
        }
        for (id, used) in arrival.click_ids.iter().zip(&decision.click_ids) {
            let (ClickIdValue { name, value: Some(value) }, false) = (id, *used == ClickIdUse::Nothing) else {
                continue;
            };
            let brought = BroughtClickId {
                advertiser_id: arrival.advertiser_id,
                name: name.clone(),
                value: value.clone(),
                visitor_id: visitor,
                seq: exposure.touch.seq,
                kept: *used == ClickIdUse::Kept,
                was_click: decision.is_click,
            };
            let pending = self.book.click_ids.entry((arrival.advertiser_id, name.clone(), value.clone())).or_default();
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
        let (advertiser, day, carried) = (came.arrival.advertiser_id, at.day(), content(came));
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

/// A hash of the advertiser, parameters and click ids, whatever their order in the address.
fn alike(arrival: &Arrival) -> i64 {
    let mut parts: Vec<(&str, &str)> =
        arrival.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    parts.extend(arrival.click_ids.iter().map(|id| (id.name.as_str(), id.value.as_deref().unwrap_or_default())));
    parts.sort_unstable();
    let mut hash = Sha256::new();
    hash.update(arrival.advertiser_id.0.to_le_bytes());
    for text in parts.iter().flat_map(|(name, value)| [name, value]) {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    }
    let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(hash.finalize());
    i64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// What an unmatched arrival is counted by.
fn content(came: &JudgeArrival) -> ArrivalContent {
    let arrival = &came.arrival;
    let mut content = ArrivalContent {
        parameters: arrival.parameters.clone(),
        click_ids: arrival.click_ids.iter().map(|id| id.name.clone()).collect(),
        problems: came.problems.clone(),
        referrer_host: None,
    };
    let is_bare = content.parameters.is_empty() && content.click_ids.is_empty();
    if is_bare && arrival.named.is_some() {
        content.problems.push(("token".to_owned(), "unknown_exposure".to_owned()));
    }
    if is_bare && content.problems.is_empty() {
        content.referrer_host.clone_from(&arrival.referrer_host);
    }
    content.parameters.sort_unstable();
    content.click_ids.sort_unstable();
    content.problems.sort_unstable();
    content.problems.dedup();
    content
}
