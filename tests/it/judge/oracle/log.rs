//! The log as the oracle reads it: every row and every version of a definition.

use std::collections::BTreeMap;

use pixeld::attribution::Touch;
use pixeld::domain::{
    AdvertiserId, Arrival, CampaignId, ClickIdValue, Currency, Flags, JudgeFire, LineItemEntry, LineItemRules,
    MaxValue, Micros, Minutes, PixelRules, RepeatRule, SourceId, SourceMatch, SourceRules, TriggerType,
};
use rusqlite::{Connection, Row};
use serde_json::Value;

use super::arrivals::Came;
use crate::judge::*;

/// The log, table by table, each in the order of the log.
pub struct Log {
    /// Without arrivals.
    pub shown: Vec<Shown>,
    pub came: Vec<Came>,
    pub fires: Vec<JudgeFire>,
    pub pixels: Vec<(AdvertiserId, PixelRules)>,
    pub line_items: Vec<LineItemRules>,
    pub decisions: Vec<Decision>,
    pub adjustments: Vec<SentAdjustment>,
    pub requests: Vec<Request>,
    pub segments: Vec<SegmentVersion>,
    pub sources: Vec<SourceRules>,
    pub codes: Vec<CodeVersion>,
}

/// A decision to judge fires again up to a place in the log.
pub struct Decision {
    pub upto: i64,
    pub from: i64,
    pub settings: bool,
    pub exposures: bool,
}

/// An adjustment that was sent.
pub struct SentAdjustment {
    pub seq: Seq,
    pub at: i64,
    pub received: i64,
    pub advertiser: AdvertiserId,
    pub pixel: Option<PixelId>,
    pub order: Option<String>,
    pub event: Option<String>,
    pub reference: Option<String>,
    /// The fire that it names by its number.
    pub number: Option<Seq>,
    pub retract: bool,
    pub value: Option<i64>,
    pub currency: Option<String>,
}

/// A fire or a load of the segment pixel.
pub struct Request {
    pub seq: i64,
    pub at: i64,
    pub logged: i64,
    pub visitor: Option<i64>,
    pub counts: bool,
    pub segments: String,
}

/// A version of a segment.
pub struct SegmentVersion {
    pub seq: i64,
    pub segment: i64,
    pub deleted: bool,
    pub active: bool,
    pub minutes: i64,
}

/// A version of a campaign's code.
pub struct CodeVersion {
    pub seq: i64,
    pub campaign: CampaignId,
    pub line_item: LineItemId,
    pub code: Option<String>,
    pub deleted: bool,
}

/// An exposure.
#[derive(Clone)]
pub struct Shown {
    pub visitor: Option<i64>,
    pub touch: Touch,
    pub ancost: Option<i64>,
    pub tracker: i64,
}

impl Log {
    pub fn read(conn: &Connection) -> Self {
        Log {
            shown: all(conn, "SELECT * FROM exposures WHERE advertiser_id IS NULL ORDER BY seq", shown_of),
            came: all(conn, "SELECT * FROM exposures WHERE advertiser_id IS NOT NULL ORDER BY seq", came_of),
            fires: all(conn, "SELECT * FROM fires ORDER BY seq", fire_of),
            pixels: all(conn, "SELECT * FROM pixel_versions ORDER BY seq", pixel_of),
            line_items: all(conn, "SELECT * FROM line_item_versions ORDER BY seq", |row| line_item_of(conn, row)),
            decisions: all(conn, "SELECT * FROM rejudgements ORDER BY seq", decision_of),
            adjustments: all(conn, "SELECT * FROM adjustments ORDER BY seq", adjustment_of),
            requests: all(conn, REQUESTS, request_of),
            segments: all(conn, "SELECT * FROM segment_versions ORDER BY seq", segment_of),
            sources: all(conn, "SELECT * FROM source_versions ORDER BY seq", source_of),
            codes: all(conn, "SELECT * FROM campaign_versions ORDER BY seq", code_of),
        }
    }
}

impl Log {
    /// The place whose settings judge a row, and the last exposure that it sees.
    pub fn under(&self, seq: i64, at: i64) -> (i64, i64) {
        let (mut settings, mut sees) = (seq, seq - 1);
        for decision in self.decisions.iter().filter(|d| d.upto >= seq && d.from <= at) {
            settings = if decision.settings { decision.upto } else { settings };
            sees = if decision.exposures { decision.upto } else { sees };
        }
        (settings, sees)
    }

    /// The largest believable value of each pixel that has one, for a row.
    pub fn bounds(&self, seq: i64, at: i64) -> BTreeMap<PixelId, MaxValue> {
        let (settings, _) = self.under(seq, at);
        let mut bounds = BTreeMap::new();
        for (_, rules) in self.pixels.iter().filter(|(_, rules)| rules.version.0 <= settings) {
            bounds.remove(&rules.pixel_id);
            bounds.extend(rules.max_value.map(|max| (rules.pixel_id, max)));
        }
        bounds
    }
}

const REQUESTS: &str = "SELECT seq, at, received, visitor_id, flags, segments FROM fires
    UNION ALL SELECT seq, at, at AS received, visitor_id, flags, segments FROM segment_loads ORDER BY seq";

fn request_of(row: &Row<'_>) -> Request {
    Request {
        seq: int(row, "seq"),
        at: int(row, "at"),
        logged: int(row, "received"),
        visitor: maybe(row, "visitor_id"),
        counts: int(row, "flags") & 7 == 0,
        segments: text(row, "segments").unwrap_or_default(),
    }
}

fn segment_of(row: &Row<'_>) -> SegmentVersion {
    SegmentVersion {
        seq: int(row, "seq"),
        segment: int(row, "segment_id"),
        deleted: int(row, "deleted") == 1,
        active: text(row, "state").as_deref() == Some("active"),
        minutes: maybe(row, "expire_minutes").unwrap_or(180 * 24 * 60),
    }
}

fn adjustment_of(row: &Row<'_>) -> SentAdjustment {
    SentAdjustment {
        seq: Seq(int(row, "seq")),
        at: int(row, "at"),
        received: int(row, "received"),
        advertiser: AdvertiserId(int(row, "advertiser_id")),
        pixel: maybe(row, "pixel_id").map(PixelId),
        order: text(row, "order_id"),
        event: text(row, "event_id"),
        reference: text(row, "reference_id"),
        number: maybe(row, "conversion_seq").map(Seq),
        retract: text(row, "kind").as_deref() == Some("retract"),
        value: maybe(row, "value"),
        currency: text(row, "currency"),
    }
}

fn decision_of(row: &Row<'_>) -> Decision {
    Decision {
        upto: int(row, "upto"),
        from: int(row, "from_at"),
        settings: int(row, "settings") == 1,
        exposures: int(row, "exposures") == 1,
    }
}

fn all<T>(conn: &Connection, sql: &str, read: impl Fn(&Row<'_>) -> T) -> Vec<T> {
    let mut statement = conn.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok(read(row))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

fn int(row: &Row<'_>, column: &str) -> i64 {
    row.get(column).unwrap()
}

fn maybe(row: &Row<'_>, column: &str) -> Option<i64> {
    row.get(column).unwrap()
}

fn text(row: &Row<'_>, column: &str) -> Option<String> {
    row.get(column).unwrap()
}

fn fire_of(row: &Row<'_>) -> JudgeFire {
    JudgeFire {
        seq: Seq(int(row, "seq")),
        at: Millis(int(row, "at")),
        received: Millis(int(row, "received")),
        pixel_id: PixelId(int(row, "pixel_id")),
        visitor_id: maybe(row, "visitor_id").map(VisitorId),
        flags: Flags::from_bits(int(row, "flags")),
        tag: row.get("tag").unwrap(),
        order_id: text(row, "order_id"),
        value: maybe(row, "value").map(Micros),
        currency: text(row, "currency").and_then(|code| Currency::parse(&code)),
        event_id: text(row, "event_id"),
        exposure: maybe(row, "exposure_seq").map(Seq),
        // `super::segments` computes segments from rows of its own.
        segments: Vec::new(),
        reference_id: text(row, "reference_id"),
        parent_reference_id: text(row, "parent_reference_id"),
        has_content_ids: text(row, "content_ids").is_some(),
        has_num_items: maybe(row, "num_items").is_some(),
        has_warnings: text(row, "warnings").is_some(),
    }
}

fn shown_of(row: &Row<'_>) -> Shown {
    let touch = Touch {
        seq: Seq(int(row, "seq")),
        kind: if int(row, "kind") == 1 { ExposureKind::Impression } else { ExposureKind::Click },
        at: Millis(int(row, "at")),
        line_item_id: LineItemId(int(row, "line_item_id")),
        campaign_id: maybe(row, "campaign_id").map(CampaignId),
        publisher_id: PublisherId(int(row, "publisher_id")),
        source_id: None,
        creative_id: maybe(row, "creative_id"),
        impression: maybe(row, "imp_seq").map(Seq).zip(maybe(row, "imp_at").map(Millis)),
        flags: Flags::from_bits(int(row, "flags")),
        adopted_by: None,
    };
    Shown { visitor: maybe(row, "visitor_id"), touch, ancost: maybe(row, "ancost"), tracker: int(row, "tracker_id") }
}

fn came_of(row: &Row<'_>) -> Came {
    let Shown { visitor, touch, ancost, .. } = shown_of(row);
    let carried: Value = serde_json::from_str(&text(row, "arrival").unwrap()).unwrap();
    let pairs = |name: &str| -> Vec<(String, Option<String>)> {
        carried.get(name).cloned().map(|pairs| serde_json::from_value(pairs).unwrap()).unwrap_or_default()
    };
    let arrival = Arrival {
        advertiser_id: AdvertiserId(int(row, "advertiser_id")),
        parameters: pairs("parameters").into_iter().map(|(name, value)| (name, value.unwrap())).collect(),
        click_ids: pairs("click_ids").into_iter().map(|(name, value)| ClickIdValue { name, value }).collect(),
        referrer_host: carried.get("referrer_host").and_then(Value::as_str).map(str::to_owned),
        named: carried.get("named").and_then(Value::as_i64).map(Seq),
    };
    let problems: Vec<(String, String, String)> =
        text(row, "warnings").map(|text| serde_json::from_str(&text).unwrap()).unwrap_or_default();
    let problems = problems.into_iter().map(|(parameter, _, rule)| (parameter, rule)).collect();
    Came { touch, visitor, ancost, arrival, problems }
}

fn source_of(row: &Row<'_>) -> SourceRules {
    let conditions: BTreeMap<String, Vec<String>> = serde_json::from_str(&text(row, "match").unwrap()).unwrap();
    let deleted = int(row, "deleted") == 1;
    SourceRules {
        source_id: SourceId(int(row, "source_id")),
        advertiser_id: AdvertiserId(int(row, "advertiser_id")),
        version: Seq(int(row, "seq")),
        deleted,
        active: text(row, "state").unwrap() == "active" && !deleted,
        position: u32::try_from(int(row, "position")).unwrap(),
        name: text(row, "name").unwrap(),
        condition: SourceMatch::of(conditions).unwrap(),
        line_item_id: LineItemId(int(row, "line_item_id")),
        publisher_id: maybe(row, "publisher_id").map(PublisherId),
        campaign_id: maybe(row, "campaign_id").map(CampaignId),
        campaign_by: text(row, "campaign_by"),
    }
}

fn code_of(row: &Row<'_>) -> CodeVersion {
    CodeVersion {
        seq: int(row, "seq"),
        campaign: CampaignId(int(row, "campaign_id")),
        line_item: LineItemId(int(row, "line_item_id")),
        code: text(row, "code"),
        deleted: int(row, "deleted") == 1,
    }
}

fn pixel_of(row: &Row<'_>) -> (AdvertiserId, PixelRules) {
    let minutes = |column| Minutes(u32::try_from(maybe(row, column).unwrap_or(0)).unwrap());
    let rules = PixelRules {
        pixel_id: PixelId(int(row, "pixel_id")),
        version: Seq(int(row, "seq")),
        active: text(row, "state").unwrap() == "active" && int(row, "deleted") == 0,
        trigger_type: TriggerType::parse(&text(row, "trigger_type").unwrap()).unwrap(),
        repeat: RepeatRule::from(maybe(row, "min_minutes_per_conv").map(|mins| u32::try_from(mins).unwrap())),
        click_window: minutes("post_click_expire_mins"),
        view_window: minutes("post_view_expire_mins"),
        count_each_order_once: int(row, "count_each_order_once") == 1,
        post_click_value: maybe(row, "post_click_value").map(Micros),
        post_view_value: maybe(row, "post_view_value").map(Micros),
        max_value: maybe(row, "max_value").map(|amount| MaxValue {
            amount: Micros(amount),
            currency: Currency::parse(&text(row, "max_value_currency").unwrap()).unwrap(),
        }),
    };
    (AdvertiserId(int(row, "advertiser_id")), rules)
}

fn line_item_of(conn: &Connection, row: &Row<'_>) -> LineItemRules {
    let version = int(row, "seq");
    let deleted = int(row, "deleted") == 1;
    let sql = format!("SELECT * FROM line_item_version_pixels WHERE version_seq = {version} AND NOT {deleted}");
    LineItemRules {
        line_item_id: LineItemId(int(row, "line_item_id")),
        advertiser_id: AdvertiserId(int(row, "advertiser_id")),
        version: Seq(version),
        active: text(row, "state").unwrap() == "active" && !deleted,
        currency: Currency::parse(&text(row, "currency").unwrap()).unwrap(),
        entries: all(conn, &sql, |row| LineItemEntry {
            pixel_id: PixelId(int(row, "pixel_id")),
            active: text(row, "state").unwrap() == "active",
            post_click_revenue: maybe(row, "post_click_revenue").map(Micros),
            post_view_revenue: maybe(row, "post_view_revenue").map(Micros),
        }),
    }
}
