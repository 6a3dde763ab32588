//! What becomes of arrivals: each is compared with everything before it. The oracle shares only the rules themselves
//! (`attribution::arrive` and `attribution::sources`) with the judge.

use std::collections::{BTreeMap, BTreeSet};

use pixeld::attribution::{ArrivalCase, ArrivalDecision, ClickIdUse, KnownClickId, NamedAd, Touch, arrive, sources};
use pixeld::domain::{
    Arrival, ArrivalFate, CampaignId, ClickIdValue, LineItemRules, PublisherId, SourceId, SourceRules,
};
use pixeld::store::ClickIdKey;

use super::log::{CodeVersion, Log, Shown};
use super::stored::Tables;
use super::tables::cell;
use crate::judge::*;

/// The click ids that many clicks share.
const SHARED: [&str; 3] = ["gbraid", "wbraid", "mc_cid"];

/// An arrival as it was logged.
pub struct Came {
    pub touch: Touch,
    pub visitor: Option<i64>,
    pub ancost: Option<i64>,
    pub arrival: Arrival,
    /// The parameters that broke a rule, and the rule.
    pub problems: Vec<(String, String)>,
}

/// An arrival that was judged.
struct Past<'a> {
    came: &'a Came,
    named: Option<Seq>,
    source: Option<SourceId>,
    click: Option<(Touch, Option<i64>)>,
    decision: ArrivalDecision,
}

impl Past<'_> {
    /// Whether later arrivals of this visitor look at it.
    fn is_of(&self, visitor: i64) -> bool {
        self.came.visitor == Some(visitor) && self.came.touch.flags.is_real()
    }

    fn brought(&self, to: AdvertiserId, id: &ClickIdValue) -> bool {
        self.came.arrival.advertiser_id == to && self.came.arrival.click_ids.contains(id)
    }
}

/// What exposures and arrivals come to.
#[derive(Default)]
pub struct Seen {
    /// The exposures of visitors.
    pub touches: Vec<Shown>,
    /// What the sums count, with the version of its line item that they go by.
    pub counted: Vec<(Touch, Option<i64>, Option<LineItemRules>)>,
    tables: Vec<(&'static str, String)>,
}

pub fn seen(log: &Log) -> Seen {
    let mut seen = Seen::default();
    let mut past: Vec<Past> = Vec::new();
    for shown in &log.shown {
        seen.touches.extend(shown.visitor.map(|_| shown.clone()));
        let line_item = line_item(log, shown.touch.line_item_id, shown.touch.seq.0).cloned();
        seen.counted.push((shown.touch, shown.ancost, line_item));
    }
    for came in &log.came {
        let one = judge_one(log, came, &past);
        if let Some((touch, version)) = one.click {
            seen.touches.extend(came.visitor.map(|visitor| Shown {
                visitor: Some(visitor),
                touch,
                ancost: None,
                tracker: 0,
            }));
            let version = version.and_then(|seq| log.line_items.iter().find(|rules| rules.version.0 == seq));
            seen.counted.push((touch, came.ancost, version.cloned()));
        }
        if one.decision.adopts {
            let named = log.shown.iter().find(|shown| Some(shown.touch.seq) == one.named).unwrap();
            let touch = Touch { adopted_by: Some(came.touch.seq), ..named.touch };
            seen.touches.push(Shown { visitor: came.visitor, touch, ancost: None, tracker: 0 });
        }
        past.push(one);
    }
    fill(&past, &mut seen);
    seen
}

impl Seen {
    pub fn fill(&self, tables: &mut Tables) {
        for (table, row) in &self.tables {
            tables.get_mut(table).unwrap().push(row.clone());
        }
        tables.values_mut().for_each(|rows| rows.sort());
    }
}

/// The version of a line item in force at a place.
fn line_item(log: &Log, id: LineItemId, before: i64) -> Option<&LineItemRules> {
    log.line_items.iter().rfind(|rules| rules.line_item_id == id && rules.version.0 <= before)
}

fn judge_one<'a>(log: &Log, came: &'a Came, past: &[Past]) -> Past<'a> {
    let Came { touch, visitor, arrival, .. } = came;
    let (settings, _) = log.under(touch.seq.0, touch.at.0);
    let named = log.shown.iter().find(|shown| {
        let owner = line_item(log, shown.touch.line_item_id, settings).map(|rules| rules.advertiser_id);
        Some(shown.touch.seq) == arrival.named && shown.touch.seq < touch.seq && owner == Some(arrival.advertiser_id)
    });
    let real = visitor.filter(|_| touch.flags.is_real());
    let own: Vec<&Past> = past.iter().filter(|past| real.is_some_and(|visitor| past.is_of(visitor))).collect();
    let named_ad = named.map(|shown| NamedAd {
        seq: shown.touch.seq,
        at: shown.touch.at,
        kind: shown.touch.kind,
        is_own: real.is_some()
            && (shown.visitor == *visitor
                || own.iter().any(|past| past.decision.adopts && past.named == Some(shown.touch.seq))),
    });
    let known = |id: &ClickIdValue| {
        let shared = SHARED.contains(&id.name.as_str());
        let to = arrival.advertiser_id;
        let mine: Vec<_> = own.iter().filter(|past| past.brought(to, id)).collect();
        match (id.value.is_some() && real.is_some(), !mine.is_empty(), shared) {
            (false, ..) => KnownClickId::New,
            (_, true, true) => KnownClickId::HadShared,
            (_, false, true) => KnownClickId::NewShared,
            (_, true, false) if mine.iter().any(|past| past.decision.is_click) => KnownClickId::Clicked,
            (_, true, false) => KnownClickId::NoClick,
            (_, false, false) => KnownClickId::New,
        }
    };
    let in_force = sources_of(log, arrival, settings);
    let source = sources::choose(&in_force, arrival);
    let contents = |arrival: &Arrival| -> (AdvertiserId, BTreeSet<_>, BTreeSet<_>) {
        let ids = arrival.click_ids.iter().map(|id| (id.name.clone(), id.value.clone()));
        (arrival.advertiser_id, arrival.parameters.iter().cloned().collect(), ids.collect())
    };
    let last = past.iter().rev().filter(|past| real.is_some() && past.came.visitor == real).take(100);
    let alike = last.filter(|past| {
        past.decision.is_first
            && past.source == source.map(|source| source.source_id)
            && contents(&past.came.arrival) == contents(arrival)
    });
    let decision = arrive(&ArrivalCase {
        arrival,
        at: touch.at,
        visitor_id: visitor.map(VisitorId),
        flags: touch.flags,
        named: named_ad,
        click_ids: &arrival.click_ids.iter().map(known).collect::<Vec<_>>(),
        source_id: source.map(|source| source.source_id),
        alike: &alike.map(|past| past.came.touch.at).collect::<Vec<_>>(),
    });
    let click = source.filter(|_| decision.fate == ArrivalFate::Click).map(|source| {
        let credited = Touch {
            line_item_id: source.line_item_id,
            publisher_id: source.publisher_id.unwrap_or(PublisherId(0)),
            campaign_id: campaign(log, source, arrival, settings).or(source.campaign_id),
            source_id: Some(source.source_id),
            ..*touch
        };
        (credited, line_item(log, source.line_item_id, settings).map(|rules| rules.version.0))
    });
    let (named, source) = (named.map(|shown| shown.touch.seq), source.map(|source| source.source_id));
    Past { came, named, source, click, decision }
}

/// The advertiser's sources in force at a place, in their order.
fn sources_of(log: &Log, arrival: &Arrival, settings: i64) -> Vec<SourceRules> {
    let mut in_force: BTreeMap<SourceId, &SourceRules> = BTreeMap::new();
    for rules in log.sources.iter().filter(|rules| rules.version.0 <= settings) {
        in_force.insert(rules.source_id, rules);
    }
    let of_advertiser = |rules: &&SourceRules| rules.advertiser_id == arrival.advertiser_id && !rules.deleted;
    let mut sources: Vec<SourceRules> = in_force.into_values().filter(of_advertiser).cloned().collect();
    sources.sort_by_key(|rules| (rules.position, rules.source_id));
    sources
}

fn campaign(log: &Log, source: &SourceRules, arrival: &Arrival, settings: i64) -> Option<CampaignId> {
    let code = arrival.parameter(source.campaign_by.as_deref()?)?;
    let mut in_force: BTreeMap<CampaignId, &CodeVersion> = BTreeMap::new();
    for version in log.codes.iter().filter(|version| version.seq <= settings) {
        in_force.insert(version.campaign, version);
    }
    let mut found = in_force.into_values().filter(|version| {
        !version.deleted && version.code.as_deref() == Some(code) && version.line_item == source.line_item_id
    });
    found.next().map(|version| version.campaign)
}

fn fill(past: &[Past], seen: &mut Seen) {
    let mut unmatched: BTreeMap<(i64, i64, String), (i64, i64)> = BTreeMap::new();
    for one in past {
        let Past { came, named, source, click, decision } = one;
        let (touch, arrival) = (came.touch, &came.arrival);
        let earned = click.map_or("- - - -".to_owned(), |(touch, version)| {
            format!("{} {} {} {}", touch.line_item_id, cell(touch.campaign_id), touch.publisher_id, cell(version))
        });
        let visitor = came.visitor.unwrap_or(0);
        let adopts = i64::from(decision.adopts);
        let place_of = format!("{visitor} {} {} {}", touch.seq, touch.at.0, arrival.advertiser_id);
        let found = format!("{} {} {earned} {}", decision.fate, cell(*source), cell(*named));
        let row = format!("{place_of} {found} {adopts} {}", i64::from(decision.is_first));
        seen.tables.push(("arrivals", row));
        if decision.adopts {
            seen.tables.push(("adoptions", format!("{visitor} {} {}", cell(*named), touch.seq)));
        }
        let to = arrival.advertiser_id;
        for (id, used) in arrival.click_ids.iter().zip(&decision.click_ids) {
            if *used != ClickIdUse::Nothing {
                let hash = ClickIdKey::of(to, &id.name, id.value.as_deref().unwrap_or_default()).hash();
                seen.tables.push(("click_ids", format!("{} {hash} {to}", touch.seq)));
            }
        }
        if touch.flags.is_real() && matches!(decision.fate, ArrivalFate::Unmatched | ArrivalFate::Empty) {
            let day = touch.at.0 - touch.at.0.rem_euclid(DAY);
            let counted = unmatched.entry((arrival.advertiser_id.0, day, carried(came)));
            let (arrivals, last) = counted.or_insert((0, touch.at.0));
            (*arrivals, *last) = (*arrivals + 1, touch.at.0.max(*last));
        }
    }
    for ((advertiser, day, carried), (arrivals, last)) in unmatched {
        seen.tables.push(("unmatched_arrivals", format!("{advertiser} {day} {carried} {arrivals} {last}")));
    }
}

fn carried(came: &Came) -> String {
    let Arrival { parameters, click_ids, referrer_host, named, .. } = &came.arrival;
    let parameters: BTreeSet<_> = parameters.iter().collect();
    let names: BTreeSet<_> = click_ids.iter().map(|id| &id.name).collect();
    let mut problems: BTreeSet<_> = came.problems.iter().cloned().collect();
    let bare = parameters.is_empty() && names.is_empty();
    if bare && named.is_some() {
        problems.insert(("token".into(), "unknown_exposure".into()));
    }
    let host = referrer_host.as_ref().filter(|_| bare && problems.is_empty());
    serde_json::json!([parameters, names, problems, host]).to_string()
}
