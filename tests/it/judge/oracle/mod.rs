//! Computes the derived tables from the whole log in the plainest way: each fire is compared with everything before it.
//! The oracle shares only the rules themselves (`attribution::judge`) with the judge.

mod adjust;
mod log;
mod segments;
mod stored;
mod tables;

use std::collections::BTreeMap;

use pixeld::attribution::{Case, EarlierFire, Judgement, Touch, judge};
use pixeld::domain::{AdvertiserId, JudgeFire, LineItemRules, Minutes, PixelRules, RepeatRule, TriggerType};
use rusqlite::Connection;

use adjust::Reference;
use log::{Log, Shown};
pub use stored::{Tables, forget, stored};
use tables::tables;

use crate::judge::*;

/// A fire, its judgement, and what later fires need to know of both.
pub struct Known {
    pub fire: JudgeFire,
    pub advertiser: AdvertiserId,
    pub whose: Option<i64>,
    pub counts_for: Option<i64>,
    pub version: i64,
    pub judgement: Judgement,
    /// The fires that its `parent_reference_id` names.
    pub parents: Vec<Seq>,
}

/// The tables as they ought to be, with every fire's judgement by its place.
pub fn expected(conn: &Connection) -> (Tables, BTreeMap<Seq, Judgement>) {
    let log = Log::read(conn);
    let Log { shown, pixels, line_items, decisions, .. } = &log;
    let mut known: Vec<Known> = Vec::new();
    let mut references = Vec::new();
    for fire in log.fires.iter().cloned() {
        let (mut settings, mut sees) = (fire.seq.0, fire.seq.0 - 1);
        for decision in decisions.iter().filter(|d| d.upto >= fire.seq.0 && d.from <= fire.at.0) {
            settings = if decision.settings { decision.upto } else { settings };
            sees = if decision.exposures { decision.upto } else { sees };
        }
        let visible: Vec<&Shown> = shown.iter().filter(|shown| shown.touch.seq.0 <= sees).collect();
        let pixels: Vec<_> = pixels.iter().filter(|(_, rules)| rules.version.0 <= settings).collect();
        let line_items: Vec<_> = line_items.iter().filter(|rules| rules.version.0 <= settings).collect();
        let done = decide(fire, &visible, &pixels, &line_items, &known, &references);
        references.extend(adjust::references(&done));
        known.push(done);
    }
    let judgements = known.iter().map(|known| (known.fire.seq, known.judgement.clone())).collect();
    let adjusted = adjust::adjust(&log, &known, &references);
    let mut tables = tables(shown, line_items, &known, &adjusted.standings);
    adjusted.fill(&references, &mut tables);
    segments::fill(&log, &mut tables);
    (tables, judgements)
}

fn decide(
    fire: JudgeFire,
    shown: &[&Shown],
    pixels: &[&(AdvertiserId, PixelRules)],
    line_items: &[&LineItemRules],
    known: &[Known],
    references: &[Reference],
) -> Known {
    let unknown = PixelRules {
        pixel_id: fire.pixel_id,
        version: Seq(0),
        active: false,
        trigger_type: TriggerType::Hybrid,
        repeat: RepeatRule::All,
        click_window: Minutes(0),
        view_window: Minutes(0),
        count_each_order_once: false,
        post_click_value: None,
        post_view_value: None,
    };
    let of_pixel = |version: &&&(AdvertiserId, PixelRules)| version.1.pixel_id == fire.pixel_id;
    let (advertiser, pixel) =
        pixels.iter().rfind(of_pixel).map_or((AdvertiserId(0), unknown), |version| (*version).clone());
    let mut in_force: BTreeMap<LineItemId, &LineItemRules> = BTreeMap::new();
    for rules in line_items {
        in_force.insert(rules.line_item_id, rules);
    }
    let in_force: Vec<&LineItemRules> = in_force.into_values().collect();

    let named = shown.iter().find(|shown| Some(shown.touch.seq) == fire.exposure && shown.touch.seq < fire.seq);
    let exposures: Vec<Touch> = shown
        .iter()
        .filter(|shown| shown.visitor.is_some() && shown.visitor == fire.visitor_id.map(|visitor| visitor.0))
        .map(|shown| shown.touch)
        .collect();
    let (whose, counts_for) = match (fire.exposure, named) {
        (Some(_), Some(named)) => (named.visitor, Some(named.visitor.unwrap_or(-named.touch.seq.0))),
        (Some(_), None) => (fire.visitor_id.map(|visitor| visitor.0), None),
        (None, _) => (fire.visitor_id.map(|visitor| visitor.0), fire.visitor_id.map(|visitor| visitor.0)),
    };
    let same_pixel = || known.iter().filter(|known| known.fire.pixel_id == fire.pixel_id);
    let earlier = |known: &Known| EarlierFire { seq: known.fire.seq, at: known.fire.at };
    let same_event = same_pixel()
        .filter(|known| marks_event(known) && known.fire.event_id == fire.event_id)
        .map(earlier)
        .min_by_key(|other| ((fire.at.0 - other.at.0).abs(), other.at));
    let order_counted = same_pixel()
        .find(|known| known.judgement.credit.is_some() && known.fire.order_id == fire.order_id)
        .map(earlier);
    let counted: Vec<EarlierFire> = same_pixel()
        .filter(|known| known.judgement.credit.is_some() && known.counts_for == counts_for)
        .map(earlier)
        .collect();
    let parents: Vec<Seq> = match &fire.parent_reference_id {
        None => Vec::new(),
        Some(name) => {
            let named = |r: &&Reference| r.advertiser == advertiser && r.name == *name;
            let mut parents: Vec<Seq> = references.iter().filter(named).map(|r| r.seq).collect();
            parents.sort();
            parents.dedup();
            parents
        }
    };
    let parent = known.iter().rfind(|known| {
        let counts = known.judgement.outcome.kind().as_str() != "not_counted";
        parents.contains(&known.fire.seq) && counts
    });
    let parent = parent.or(known.iter().rfind(|known| parents.contains(&known.fire.seq)));
    let judgement = judge(&Case {
        parent: parent.map(earlier),
        fire: &fire,
        pixel: &pixel,
        line_items: &in_force,
        exposures: &exposures,
        named: named.map(|named| named.touch),
        same_event,
        order_counted,
        counted_before: counted.iter().filter(|other| other.at <= fire.at).max_by_key(|other| other.at).copied(),
        counted_after: counted.iter().filter(|other| other.at > fire.at).min_by_key(|other| other.at).copied(),
    });
    Known { fire, advertiser, whose, counts_for, version: pixel.version.0, judgement, parents }
}

fn marks_event(known: &Known) -> bool {
    let reason = known.judgement.outcome.reason().as_str();
    known.fire.event_id.is_some() && !["test", "bot", "prefetch", "duplicate_event"].contains(&reason)
}
