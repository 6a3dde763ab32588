//! Computes the derived tables from the whole log in the plainest way: each fire is compared with everything before it.
//! The oracle shares only the rules themselves (`attribution::judge`) with the judge.

mod adjust;
mod arrivals;
mod log;
mod names;
mod segments;
mod stored;
mod tables;
mod twins;

use std::collections::BTreeMap;

use pixeld::attribution::{Case, EarlierFire, Judgement, NameKind, Touch, judge};
use pixeld::domain::{
    AdvertiserId, Currency, CurrentValue, JudgeFire, LineItemRules, Micros, Minutes, Outcome, PixelRules, RepeatRule,
    TakenField, TriggerType,
};
use rusqlite::Connection;

use adjust::{Asked, Reference};
use log::{Log, Shown};
use names::Names;
pub use stored::{Tables, forget, stored};
use tables::tables;

use crate::judge::*;

/// A fire, its judgement, and what became of it.
pub struct Known {
    pub fire: JudgeFire,
    pub advertiser: AdvertiserId,
    pub whose: Option<i64>,
    pub counts_for: Option<i64>,
    pub version: i64,
    /// With the step that a later fire added.
    pub judgement: Judgement,
    /// The fires that its `parent_reference_id` names.
    pub parents: Vec<Seq>,
    pub outcome: Outcome,
    /// The fire that it is a duplicate of, and the one that made it so.
    pub duplicate: Option<(Seq, Seq)>,
    pub value: Option<Micros>,
    pub currency: Option<Currency>,
    pub order: Option<String>,
    /// The bound that its own value is beyond.
    pub max: Option<i64>,
    /// The fires that brought value, order id, products and their number.
    pub bringers: [Option<Seq>; 4],
    pub current: CurrentValue,
    pub adjusted: bool,
    pub retracted_by: Option<Seq>,
    /// Whether it had duplicates when it was retracted.
    pub had_duplicates: bool,
    /// The reasons and currencies of the sums that it was ever in.
    pub stood: Vec<(&'static str, String)>,
}

/// Everything that is known at one row of the log.
#[derive(Default)]
pub struct World {
    pub known: Vec<Known>,
    pub references: Vec<Reference>,
    pub names: Names,
    pub effects: Vec<(Seq, Seq, &'static str)>,
    pub taken: Vec<(Seq, TakenField, Seq)>,
}

/// The tables as they ought to be, with every fire's judgement by its place.
pub fn expected(conn: &Connection) -> (Tables, BTreeMap<Seq, Judgement>) {
    let log = Log::read(conn);
    let seen = arrivals::seen(&log);
    let mut world = World::default();
    let mut adjustments = log.adjustments.iter().peekable();
    for fire in log.fires.iter().cloned() {
        while let Some(adjustment) = adjustments.next_if(|adjustment| adjustment.seq < fire.seq) {
            world.adjustment(&log, adjustment);
        }
        world.fire(&log, &seen.touches, fire);
    }
    adjustments.for_each(|adjustment| world.adjustment(&log, adjustment));
    let mut tables = tables(&log.shown, &seen, &world);
    seen.fill(&mut tables);
    world.fill_adjustments(&mut tables);
    world.names.fill(&mut tables);
    segments::fill(&log, &mut tables);
    let judgements = world.known.into_iter().map(|known| (known.fire.seq, known.judgement)).collect();
    (tables, judgements)
}

impl World {
    fn adjustment(&mut self, log: &Log, adjustment: &log::SentAdjustment) {
        let asked = Asked {
            by: adjustment.seq,
            retract: adjustment.retract,
            value: adjustment.value,
            currency: adjustment.currency.clone(),
            beyond: false,
            bounds: log.bounds(adjustment.seq.0, adjustment.at),
        };
        self.adjust(&asked, self.meant_by(adjustment));
    }

    fn fire(&mut self, log: &Log, touches: &[Shown], fire: JudgeFire) {
        let Log { shown, pixels, line_items, .. } = log;
        let (settings, sees) = log.under(fire.seq.0, fire.at.0);
        let bounds = log.bounds(fire.seq.0, fire.at.0);
        let visible: Vec<&Shown> = touches.iter().filter(|shown| shown.touch.since().0 <= sees).collect();
        let named = shown.iter().find(|shown| Some(shown.touch.seq) == fire.exposure && shown.touch.seq < fire.seq);
        let pixels: Vec<_> = pixels.iter().filter(|(_, rules)| rules.version.0 <= settings).collect();
        let line_items: Vec<_> = line_items.iter().filter(|rules| rules.version.0 <= settings).collect();
        let done = self.decide(fire, &visible, named, &pixels, &line_items);
        let is_update = done.outcome.reason().as_str() == "adjustment";
        let asked = Asked {
            by: done.fire.seq,
            retract: false,
            value: done.fire.value.map(|value| value.0),
            currency: done.fire.value.and(done.fire.currency).map(|code| code.to_string()),
            beyond: done.max.is_some(),
            bounds,
        };
        let parents = done.parents.clone();
        self.references.extend(adjust::references(&done));
        self.known.push(done);
        self.settle();
        if is_update {
            self.adjust(&asked, parents);
        }
    }

    fn decide(
        &mut self,
        fire: JudgeFire,
        shown: &[&Shown],
        named: Option<&Shown>,
        pixels: &[&(AdvertiserId, PixelRules)],
        line_items: &[&LineItemRules],
    ) -> Known {
        let (known, references) = (&self.known, &self.references);
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
            max_value: None,
        };
        let of_pixel = |version: &&&(AdvertiserId, PixelRules)| version.1.pixel_id == fire.pixel_id;
        let (advertiser, pixel) =
            pixels.iter().rfind(of_pixel).map_or((AdvertiserId(0), unknown), |version| (*version).clone());
        let mut in_force: BTreeMap<LineItemId, &LineItemRules> = BTreeMap::new();
        for rules in line_items {
            in_force.insert(rules.line_item_id, rules);
        }
        let in_force: Vec<&LineItemRules> = in_force.into_values().collect();

        let exposures: Vec<Touch> = shown
            .iter()
            .filter(|shown| shown.visitor.is_some() && shown.visitor == fire.visitor_id.map(|visitor| visitor.0))
            .filter(|shown| named.is_none_or(|named| named.touch.seq != shown.touch.seq))
            .map(|shown| shown.touch)
            .collect();
        let (whose, counts_for) = match (fire.exposure, named) {
            (Some(_), Some(named)) => (named.visitor, Some(named.visitor.unwrap_or(-named.touch.seq.0))),
            (Some(_), None) => (fire.visitor_id.map(|visitor| visitor.0), None),
            (None, _) => (fire.visitor_id.map(|visitor| visitor.0), fire.visitor_id.map(|visitor| visitor.0)),
        };
        let same_pixel = || known.iter().filter(|known| known.fire.pixel_id == fire.pixel_id);
        let earlier = |known: &Known| EarlierFire { seq: known.fire.seq, at: known.fire.at };
        let counted: Vec<EarlierFire> = same_pixel()
            .filter(|known| {
                known.judgement.credit.is_some() && known.counts_for == counts_for && known.retracted_by.is_none()
            })
            .map(earlier)
            .collect();
        let parents: Vec<Seq> = match &fire.parent_reference_id {
            None => Vec::new(),
            Some(name) => {
                let named = |r: &&Reference| r.advertiser == advertiser && r.name == *name;
                let counting = |r: &Reference| names::counting(known, r.seq).fire.seq;
                let mut parents: Vec<Seq> = references.iter().filter(named).map(counting).collect();
                parents.sort();
                parents.dedup();
                parents
            }
        };
        let parent = known.iter().rfind(|known| {
            let counts = known.outcome.kind().as_str() != "not_counted";
            parents.contains(&known.fire.seq) && counts
        });
        let parent = parent.or(known.iter().rfind(|known| parents.contains(&known.fire.seq)));
        let parent = parent.map(earlier);
        let (mut event, mut order) = (names::Found::default(), names::Found::default());
        if fire.flags.is_real() && parents.is_empty() {
            let counts = whose.filter(|_| !fire.flags.new_visitor || fire.exposure.is_some());
            let once = pixel.count_each_order_once;
            event = self.names.follow(known, &fire, NameKind::Event, once, (whose, counts));
            order = self.names.follow(known, &fire, NameKind::Order, once, (whose, counts));
        }
        let namesakes: Vec<_> = event.namesakes.iter().chain(&order.namesakes).copied().collect();
        let judgement = judge(&Case {
            parent,
            fire: &fire,
            pixel: &pixel,
            line_items: &in_force,
            exposures: &exposures,
            named: named.map(|named| named.touch),
            namesakes: &namesakes,
            event_apart: event.apart,
            event_shared: event.shared,
            order_shared: order.shared,
            counted_before: counted.iter().filter(|other| other.at <= fire.at).max_by_key(|other| other.at).copied(),
            counted_after: counted.iter().filter(|other| other.at > fire.at).min_by_key(|other| other.at).copied(),
        });
        let max = pixel.max_value.filter(|max| {
            let comparable = fire.currency.is_none() || fire.currency == Some(max.currency);
            comparable && fire.value.is_some_and(|value| value.0 > max.amount.0)
        });
        let (value, currency) = if max.is_some() { (None, None) } else { (fire.value, fire.currency) };
        let current = CurrentValue { retracted: false, value, currency };
        let own = [value.is_some(), fire.order_id.is_some(), fire.has_content_ids, fire.has_num_items];
        Known {
            advertiser,
            whose,
            counts_for,
            version: pixel.version.0,
            parents,
            outcome: judgement.outcome,
            judgement,
            duplicate: None,
            value,
            currency,
            max: max.map(|max| max.amount.0),
            order: fire.order_id.clone(),
            bringers: own.map(|has| has.then_some(fire.seq)),
            current,
            adjusted: false,
            retracted_by: None,
            had_duplicates: false,
            stood: Vec::new(),
            fire,
        }
    }
}
