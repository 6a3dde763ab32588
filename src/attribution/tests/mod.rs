//! Tests of the judgement. This file builds the cases. Times are ages: milliseconds before the fire, negative after it.

mod arrival;
mod cases;
mod names;
mod oracle;
mod order;
mod properties;
mod sources;
mod wording;

use super::*;
use crate::domain::{AdvertiserId, LineItemEntry, PixelId, RepeatRule, TagKind, TriggerType, VisitorId};

/// The fire's time in every built case.
pub(super) const T: Millis = Millis(1_700_000_000_000);
pub(super) const MIN: i64 = 60_000;
pub(super) const HOUR: i64 = Millis::HOUR;
pub(super) const DAY: i64 = Millis::DAY;

/// An owned [`Case`]. The default: fire 1000 at [`T`] of visitor 1 with event `e` and order `o`, without exposures.
/// Pixel 1 is active and hybrid, on line item 1, with windows of 14 days (click) and 1 day (view); every conversion
/// counts.
#[derive(Clone, Debug)]
pub(super) struct Setup {
    pub fire: JudgeFire,
    pub pixel: PixelRules,
    pub line_items: Vec<LineItemRules>,
    pub exposures: Vec<Touch>,
    pub named: Option<Touch>,
    pub namesakes: Vec<Namesake>,
    pub event_apart: Option<EarlierFire>,
    pub shared: bool,
    pub parent: Option<EarlierFire>,
    pub counted_before: Option<EarlierFire>,
    pub counted_after: Option<EarlierFire>,
}

pub(super) fn setup() -> Setup {
    Setup {
        fire: JudgeFire {
            seq: Seq(1000),
            at: T,
            received: T,
            pixel_id: PixelId(1),
            visitor_id: Some(VisitorId(1)),
            flags: Flags::default(),
            tag: TagKind::Image,
            order_id: Some("o".to_owned()),
            value: None,
            currency: None,
            event_id: Some("e".to_owned()),
            exposure: None,
            segments: Vec::new(),
            reference_id: None,
            parent_reference_id: None,
            has_content_ids: false,
            has_num_items: false,
            has_warnings: false,
        },
        pixel: PixelRules {
            pixel_id: PixelId(1),
            version: Seq(1),
            active: true,
            trigger_type: TriggerType::Hybrid,
            repeat: RepeatRule::All,
            click_window: Minutes(14 * 1440),
            view_window: Minutes(1440),
            count_each_order_once: false,
            post_click_value: None,
            post_view_value: None,
            max_value: None,
        },
        line_items: vec![line_item(1)],
        exposures: Vec::new(),
        named: None,
        namesakes: Vec::new(),
        event_apart: None,
        shared: false,
        parent: None,
        counted_before: None,
        counted_after: None,
    }
}

/// An active line item with an active entry for pixel 1.
pub(super) fn line_item(id: i64) -> LineItemRules {
    LineItemRules {
        line_item_id: LineItemId(id),
        advertiser_id: AdvertiserId(1),
        version: Seq(id + 10),
        active: true,
        currency: Currency::USD,
        entries: vec![LineItemEntry {
            pixel_id: PixelId(1),
            active: true,
            post_click_revenue: None,
            post_view_revenue: None,
        }],
    }
}

fn exposure(seq: i64, kind: ExposureKind, age_ms: i64) -> Touch {
    Touch {
        seq: Seq(seq),
        kind,
        at: T.plus(-age_ms),
        line_item_id: LineItemId(1),
        campaign_id: None,
        publisher_id: PublisherId(1),
        source_id: None,
        creative_id: None,
        impression: None,
        flags: Flags::default(),
        adopted_by: None,
    }
}

/// A click `age_ms` before the fire, on line item 1.
pub(super) fn click(seq: i64, age_ms: i64) -> Touch {
    exposure(seq, ExposureKind::Click, age_ms)
}

/// An impression `age_ms` before the fire, on line item 1.
pub(super) fn view(seq: i64, age_ms: i64) -> Touch {
    exposure(seq, ExposureKind::Impression, age_ms)
}

impl Touch {
    /// The same exposure on another line item.
    pub(super) fn on(self, line_item_id: i64) -> Touch {
        Touch { line_item_id: LineItemId(line_item_id), ..self }
    }

    /// The same click, tied to an impression of this age.
    pub(super) fn tied(self, age_ms: i64) -> Touch {
        Touch { impression: Some((Seq(900), T.plus(-age_ms))), ..self }
    }

    pub(super) fn marked(self, test: bool, bot: bool, prefetch: bool) -> Touch {
        Touch { flags: Flags { test, bot, prefetch, new_visitor: false }, ..self }
    }
}

/// A fire or conversion `age_ms` before the fire.
pub(super) fn earlier(seq: i64, age_ms: i64) -> Option<EarlierFire> {
    Some(EarlierFire { seq: Seq(seq), at: T.plus(-age_ms) })
}

/// A fire of the same event in this state, `age_ms` before the fire.
pub(super) fn event(seq: i64, state: NamesakeState, age_ms: i64) -> Namesake {
    Namesake { name: NameKind::Event, fire: EarlierFire { seq: Seq(seq), at: T.plus(-age_ms) }, state }
}

/// A fire of the same order in this state, `age_ms` before the fire.
pub(super) fn order(seq: i64, state: NamesakeState, age_ms: i64) -> Namesake {
    Namesake { name: NameKind::Order, ..event(seq, state, age_ms) }
}

impl Setup {
    /// On a pixel that counts each order once.
    pub(super) fn once(mut self) -> Self {
        self.pixel.count_each_order_once = true;
        self
    }

    pub(super) fn named(mut self, namesakes: impl IntoIterator<Item = Namesake>) -> Self {
        self.namesakes.extend(namesakes);
        self
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut Setup)) -> Self {
        change(&mut self);
        self
    }

    pub(super) fn saw(mut self, touches: impl IntoIterator<Item = Touch>) -> Self {
        self.exposures.extend(touches);
        self
    }

    pub(super) fn trigger(mut self, trigger_type: TriggerType) -> Self {
        self.pixel.trigger_type = trigger_type;
        self
    }

    pub(super) fn judge(&self) -> Judgement {
        let line_items: Vec<&LineItemRules> = self.line_items.iter().collect();
        judge(&Case {
            fire: &self.fire,
            pixel: &self.pixel,
            line_items: &line_items,
            exposures: &self.exposures,
            named: self.named,
            namesakes: &self.namesakes,
            event_apart: self.event_apart,
            event_shared: self.shared,
            order_shared: self.shared,
            parent: self.parent,
            counted_before: self.counted_before,
            counted_after: self.counted_after,
        })
    }

    /// The reason, with the credited exposure if there is one: `post_click 5`.
    pub(super) fn short(&self) -> String {
        let judgement = self.judge();
        let reason = judgement.outcome.reason();
        judgement.credit.map_or(reason.to_string(), |credit| format!("{reason} {}", credit.touch.seq))
    }

    /// The verdicts on the exposures, in their order: `5 chosen, 6 older`.
    pub(super) fn verdicts(&self) -> String {
        let touches = self.judge().explanation.touches;
        let verdicts: Vec<String> =
            touches.iter().map(|line| format!("{} {}", line.touch.seq, line.verdict.as_str())).collect();
        verdicts.join(", ")
    }
}

/// Judges each case and names all that differ.
pub(super) fn assert_table(cases: &[(&str, Setup, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter(|(_, case, wanted)| case.short() != *wanted)
        .map(|(name, case, wanted)| format!("{name}: wanted {wanted}, got {}", case.short()))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
