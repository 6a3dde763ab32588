//! The derived tables once more, worked out naively: the whole log is loaded, each fire is held against everything
//! before it, and only the rules themselves (`attribution::judge`) are shared with the judge.

use std::collections::BTreeMap;

use super::naive_adjust::{self, Reference, Standings};
use pixeld::attribution::{Case, EarlierFire, Judgement, Touch, judge};
use pixeld::domain::{
    AdvertiserId, CampaignId, Currency, CurrentValue, Flags, JudgeFire, LineItemEntry, LineItemRules, Micros, Minutes,
    PixelRules, RepeatRule, TriggerType,
};
use rusqlite::{Connection, Row};

use super::*;

/// Every derived table, each row as one text, in the order of its key.
pub type Tables = BTreeMap<&'static str, Vec<String>>;

const DERIVED: [&str; 16] = [
    "touches",
    "events_seen",
    "conversions",
    "counted",
    "orders_counted",
    "conversions_hourly",
    "pixels_hourly",
    "exposures_hourly",
    "pixel_last_fired",
    "references_seen",
    "adjustment_effects",
    "adjusted",
    "memberships",
    "segment_sizes",
    "segment_loads_daily",
    "segment_visitors",
];

/// The tables as they stand; of rows that are swept sooner or later, those that mean something.
pub fn stored(conn: &Connection) -> Tables {
    let rows = |table: &&'static str| {
        let lasting = match *table {
            "memberships" => {
                "WHERE expires_at > (SELECT day FROM judge_cursor)
                    AND segment_id NOT IN (SELECT segment_id FROM segment_versions WHERE deleted)"
            }
            "segment_visitors" => "WHERE day >= (SELECT day FROM judge_cursor) - 9 * 86400000",
            _ => "",
        };
        let mut statement = conn.prepare(&format!("SELECT * FROM {table} {lasting}")).unwrap();
        let columns = statement.column_count();
        let mut rows: Vec<String> = statement
            .query_map([], |row| {
                let cell = |column| match row.get_ref(column).unwrap() {
                    rusqlite::types::ValueRef::Null => "-".to_owned(),
                    rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                    rusqlite::types::ValueRef::Text(text) => String::from_utf8(text.to_vec()).unwrap(),
                    other => format!("{other:?}"),
                };
                Ok((0..columns).map(cell).collect::<Vec<_>>().join(" "))
            })
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        rows.sort();
        (*table, rows)
    };
    DERIVED.iter().map(rows).collect()
}

/// Empties them, as if nothing had been judged yet.
pub fn forget(conn: &Connection) {
    for table in DERIVED {
        conn.execute(&format!("DELETE FROM {table}"), []).unwrap();
    }
    conn.execute("UPDATE judge_cursor SET seq = 0, day = 0, touched = 0", []).unwrap();
}

/// A decision to judge fires up to a place anew.
struct Decision {
    upto: i64,
    from: i64,
    settings: bool,
    exposures: bool,
}

struct Shown {
    visitor: Option<i64>,
    touch: Touch,
    ancost: Option<i64>,
}

pub struct Known {
    pub fire: JudgeFire,
    pub advertiser: AdvertiserId,
    whose: Option<i64>,
    counts_for: Option<i64>,
    version: i64,
    pub judgement: Judgement,
    /// What its `parent_reference_id` names.
    pub parents: Vec<Seq>,
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
        order_id: text(row, "order_id"),
        value: maybe(row, "value").map(Micros),
        currency: text(row, "currency").and_then(|code| Currency::parse(&code)),
        event_id: text(row, "event_id"),
        exposure: maybe(row, "exposure_seq").map(Seq),
        // Segments are worked out on their own, in `naive_segments`.
        segments: Vec::new(),
        reference_id: text(row, "reference_id"),
        parent_reference_id: text(row, "parent_reference_id"),
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
        creative_id: maybe(row, "creative_id"),
        impression: maybe(row, "imp_seq").map(Seq).zip(maybe(row, "imp_at").map(Millis)),
        flags: Flags::from_bits(int(row, "flags")),
    };
    Shown { visitor: maybe(row, "visitor_id"), touch, ancost: maybe(row, "ancost") }
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
    };
    (AdvertiserId(int(row, "advertiser_id")), rules)
}

fn line_item_of(conn: &Connection, row: &Row<'_>) -> LineItemRules {
    let version = int(row, "seq");
    let deleted = int(row, "deleted") == 1;
    let sql = format!("SELECT * FROM line_item_version_pixels WHERE version_seq = {version} AND NOT {deleted}");
    LineItemRules {
        line_item_id: LineItemId(int(row, "line_item_id")),
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

/// The tables as they ought to be, with every fire's judgement by its place.
pub fn expected(conn: &Connection) -> (Tables, BTreeMap<Seq, Judgement>) {
    let shown = all(conn, "SELECT * FROM exposures ORDER BY seq", shown_of);
    let fires = all(conn, "SELECT * FROM fires ORDER BY seq", fire_of);
    let pixels = all(conn, "SELECT * FROM pixel_versions ORDER BY seq", pixel_of);
    let line_items = all(conn, "SELECT * FROM line_item_versions ORDER BY seq", |row| line_item_of(conn, row));
    let decisions = all(conn, "SELECT * FROM rejudgements ORDER BY seq", |row| Decision {
        upto: int(row, "upto"),
        from: int(row, "from_at"),
        settings: int(row, "settings") == 1,
        exposures: int(row, "exposures") == 1,
    });
    let mut known: Vec<Known> = Vec::new();
    let mut references = Vec::new();
    for fire in fires {
        let (mut settings, mut sees) = (fire.seq.0, fire.seq.0 - 1);
        for decision in decisions.iter().filter(|d| d.upto >= fire.seq.0 && d.from <= fire.at.0) {
            settings = if decision.settings { decision.upto } else { settings };
            sees = if decision.exposures { decision.upto } else { sees };
        }
        let visible: Vec<&Shown> = shown.iter().filter(|shown| shown.touch.seq.0 <= sees).collect();
        let pixels: Vec<_> = pixels.iter().filter(|(_, rules)| rules.version.0 <= settings).collect();
        let line_items: Vec<_> = line_items.iter().filter(|rules| rules.version.0 <= settings).collect();
        let done = decide(fire, &visible, &pixels, &line_items, &known, &references);
        references.extend(naive_adjust::references(&done));
        known.push(done);
    }
    let judgements = known.iter().map(|known| (known.fire.seq, known.judgement.clone())).collect();
    let adjusted = naive_adjust::adjust(conn, &known, &references);
    let mut tables = tables(&shown, &known, &adjusted.standings);
    adjusted.fill(&references, &mut tables);
    super::naive_segments::fill(conn, &mut tables);
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
    let nobody = PixelRules {
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
        pixels.iter().rfind(of_pixel).map_or((AdvertiserId(0), nobody), |version| (*version).clone());
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

/// A cell that may be null.
fn cell(value: Option<impl ToString>) -> String {
    value.map_or("-".to_owned(), |value| value.to_string())
}

/// An amount as sums keep it: thousands of units, and the rest in micros.
fn parts(micros: i64) -> [i64; 2] {
    [micros.div_euclid(1_000_000_000), micros.rem_euclid(1_000_000_000)]
}

/// Adds numbers to the sums from this place on.
fn add(sums: &mut [i64], from: usize, more: &[i64]) {
    sums.iter_mut().skip(from).zip(more).for_each(|(sum, more)| *sum += more);
}

fn hour(at: Millis) -> i64 {
    at.0 - at.0.rem_euclid(3_600_000)
}

fn tables(shown: &[Shown], known: &[Known], standings: &Standings) -> Tables {
    let mut tables: Tables = DERIVED.iter().map(|table| (*table, Vec::new())).collect();
    let mut put = |table: &str, row: String| tables.get_mut(table).unwrap().push(row);
    let mut exposures: BTreeMap<String, [i64; 4]> = BTreeMap::new();
    for Shown { visitor, touch, ancost } in shown {
        let (kind, clicks) = if touch.kind == ExposureKind::Impression { (1, 0) } else { (2, 1) };
        let campaign = cell(touch.campaign_id);
        if let Some(visitor) = visitor {
            let impression =
                format!("{} {}", cell(touch.impression.map(|i| i.0)), cell(touch.impression.map(|i| i.1.0)));
            let ad = format!("{} {campaign} {} {}", touch.line_item_id, touch.publisher_id, cell(touch.creative_id));
            let row = format!("{visitor} {kind} {} {} {ad} {impression} {}", touch.seq, touch.at.0, touch.flags.bits());
            put("touches", row);
        }
        if touch.flags.bits() & 7 == 0 {
            let campaign = touch.campaign_id.map_or(0, |id| id.0);
            let key = format!("{} {} {campaign} {}", hour(touch.at), touch.line_item_id, touch.publisher_id);
            let sums = exposures.entry(key).or_default();
            let [thousands, rest] = parts(ancost.unwrap_or(0));
            *sums = [sums[0] + 1 - clicks, sums[1] + clicks, sums[2] + thousands, sums[3] + rest];
        }
    }
    for (key, sums) in exposures {
        put("exposures_hourly", format!("{key} {}", sums.map(|sum| sum.to_string()).join(" ")));
    }

    let mut hours: BTreeMap<String, [i64; 11]> = BTreeMap::new();
    let mut loads: BTreeMap<String, [i64; 3]> = BTreeMap::new();
    let mut last: BTreeMap<i64, i64> = BTreeMap::new();
    for one in known {
        let Known { fire, judgement, .. } = one;
        let (reason, credit) = (judgement.outcome.reason().as_str(), judgement.credit);
        let earned = credit.map_or("- - - - - - - - - -".to_owned(), |credit| {
            let touch = credit.touch;
            let ad = format!("{} {} {}", touch.line_item_id, cell(touch.campaign_id), touch.publisher_id);
            let worth = format!("{} {}", cell(credit.static_value.map(|value| value.0)), credit.static_currency);
            let when = format!("{} {} {} {}", credit.line_item_version, touch.seq, touch.at.0, credit.window.0);
            format!("{when} {ad} {} {worth}", cell(touch.creative_id))
        });
        let what = format!("{} {} {}", cell(fire.order_id.clone()), cell(fire.value.map(|v| v.0)), cell(fire.currency));
        let place = format!("{} {} {} {} {}", fire.seq, fire.at.0, fire.pixel_id, one.advertiser, cell(one.whose));
        put("conversions", format!("{place} {} {reason} {what} {} {earned}", judgement.outcome.kind(), one.version));
        let mark = format!("{} {}", fire.at.0, fire.seq);
        if marks_event(one) {
            put("events_seen", format!("{} {} {mark}", fire.pixel_id, cell(fire.event_id.clone())));
        }
        if credit.is_some() {
            put("counted", format!("{} {} {mark}", fire.pixel_id, cell(one.counts_for)));
            if let Some(order) = &fire.order_id {
                put("orders_counted", format!("{} {order} {} {}", fire.pixel_id, fire.seq, fire.at.0));
            }
        }
        if reason == "test" {
            continue;
        }
        let stands = standings.get(&fire.seq).map_or(&[][..], Vec::as_slice);
        let retracted = stands.last().is_some_and(|last| last.retracted);
        let unknown_parent = fire.parent_reference_id.is_some()
            && !["adjustment", "bot", "prefetch", "duplicate_event"].contains(&reason);
        let warned = i64::from(fire.has_warnings || unknown_parent);
        if reason != "bot" && reason != "prefetch" {
            let latest = last.entry(fire.pixel_id.0).or_insert(fire.at.0);
            *latest = fire.at.0.max(*latest);
            let sums = loads.entry(format!("{} {}", fire.pixel_id, hour(fire.at))).or_default();
            *sums = [sums[0] + 1, sums[1] + warned, sums[2] + i64::from(credit.is_some() && !retracted)];
        }
        let ad = credit.map_or("0 0 0".to_owned(), |credit| {
            let campaign = credit.touch.campaign_id.map_or(0, |id| id.0);
            format!("{} {campaign} {}", credit.touch.line_item_id, credit.touch.publisher_id)
        });
        let code = |value: Option<Micros>, currency: Option<Currency>| {
            value.map_or(String::new(), |_| currency.map_or("XXX".into(), |code| code.to_string()))
        };
        let worth = credit.and_then(|credit| Some((credit.static_value?.0, credit.static_currency.to_string())));
        let (worth, static_code) = worth.unwrap_or_default();
        let at = format!("{} {} {reason}", hour(fire.at), fire.pixel_id);
        let key = |code: String| format!("{at} {ad} {code} {static_code} {}", one.advertiser);
        let sent = CurrentValue { retracted: false, value: fire.value, currency: fire.currency };
        let sums = hours.entry(key(code(sent.value, sent.currency))).or_default();
        let ([value, value_rest], [worth, worth_rest]) = (parts(fire.value.map_or(0, |value| value.0)), parts(worth));
        add(sums, 0, &[1, warned, value, value_rest, worth, worth_rest]);
        // Every row that it ever stood in is there, and it counts in the last.
        for stood in stands {
            hours.entry(key(code(stood.value, stood.currency))).or_default();
        }
        let stands = stands.last().copied().unwrap_or(sent);
        if !stands.retracted {
            let sums = hours.entry(key(code(stands.value, stands.currency))).or_default();
            let [value, value_rest] = parts(stands.value.map_or(0, |value| value.0));
            add(sums, 6, &[1, value, value_rest, worth, worth_rest]);
        }
    }
    for (key, sums) in hours {
        put("conversions_hourly", format!("{key} {}", sums.map(|sum| sum.to_string()).join(" ")));
    }
    for (key, [loads, warned, attributed]) in loads {
        put("pixels_hourly", format!("{key} {loads} {warned} {attributed}"));
    }
    for (pixel, at) in last {
        put("pixel_last_fired", format!("{pixel} {at}"));
    }
    for rows in tables.values_mut() {
        rows.sort();
    }
    tables
}
