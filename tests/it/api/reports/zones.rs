//! Hours, days and months of time zones: reports that add up, reports of single rows and a plain count of what was sent
//! agree, whatever the offset and wherever clocks change.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use pixeld::domain::Millis;
use pixeld::store::LogRow;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::rows;
use crate::api::Api;
use crate::harness::{START, Shop};
use crate::judge::{DAY, HOUR, MIN, click, fire, view};

/// A zone, and a moment around which its clocks change or its days begin.
const PLACES: [(&str, &str); 13] = [
    ("UTC", "2026-10-01 00:00:00"),
    ("Asia/Kolkata", "2026-10-01 18:30:00"),
    ("Asia/Kathmandu", "2026-10-01 18:15:00"),
    ("America/St_Johns", "2026-03-08 05:30:00"),
    ("America/St_Johns", "2026-11-01 04:30:00"),
    ("Australia/Lord_Howe", "2026-04-04 15:00:00"),
    ("Australia/Lord_Howe", "2026-10-03 15:30:00"),
    ("Pacific/Chatham", "2026-04-04 14:00:00"),
    ("Pacific/Chatham", "2026-09-26 14:00:00"),
    ("Europe/Berlin", "2026-03-29 01:00:00"),
    ("Europe/Berlin", "2026-10-25 01:00:00"),
    ("America/New_York", "2026-03-08 07:00:00"),
    ("America/New_York", "2026-11-01 06:00:00"),
];

/// The forms of the columns `hour`, `day` and `month`.
const GRAINS: [(&str, &str); 3] = [("hour", "%Y-%m-%d %H:00"), ("day", "%Y-%m-%d"), ("month", "%Y-%m")];

fn moment(text: &str) -> Millis {
    Millis::parse(text).unwrap()
}

fn shown(at: Millis, zone: &TimeZone, form: &str) -> String {
    at.timestamp().to_zoned(zone.clone()).strftime(form).to_string()
}

/// What was sent: views, and fires that a click earned.
struct Sent {
    views: Vec<Millis>,
    fires: Vec<Millis>,
}

/// Logs views and conversions at these moments.
async fn send(api: &Api, shop: &Shop, moments: Vec<Millis>) -> Sent {
    let (item, pixel) = (shop.line_item.id, shop.pixel.id);
    let first = moments.iter().min().unwrap();
    let mut log = vec![LogRow::Exposure(Box::new(click(item, 1, first.since(START) - 1)))];
    let mut sent = Sent { views: Vec::new(), fires: Vec::new() };
    for (place, at) in moments.into_iter().enumerate() {
        // Windows end after 90 days, so there is a click for every fire.
        let after = at.since(START);
        if place % 3 == 0 {
            log.push(LogRow::Exposure(Box::new(view(item, 0, after))));
            sent.views.push(at);
        } else {
            log.push(LogRow::Exposure(Box::new(click(item, 1, after - 1))));
            log.push(LogRow::Fire(Box::new(fire(pixel, 1, after))));
            sent.fires.push(at);
        }
    }
    api.app.store.append_all(log).await.unwrap();
    api.app.judged().await;
    sent
}

/// Views and conversions by span of time, counted one by one.
fn counted(
    sent: &Sent,
    (from, to): (Millis, Millis),
    zone: &TimeZone,
    grain: &str,
    form: &str,
) -> BTreeMap<String, [usize; 2]> {
    // Clocks show an hour twice if they do so at any minute around.
    let mut offsets: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let minutes = (from.since(moment("1970-01-01")) / MIN - 24 * 60)..(to.since(moment("1970-01-01")) / MIN + 24 * 60);
    if grain == "hour" {
        for minute in minutes.step_by(15) {
            let at = Millis(minute * MIN);
            offsets.entry(shown(at, zone, form)).or_default().insert(shown(at, zone, "%:z"));
        }
    }
    let label = |at: Millis| {
        let label = shown(at, zone, form);
        let twice = offsets.get(&label).is_some_and(|offsets| offsets.len() > 1);
        if twice { label + &shown(at, zone, "%:z") } else { label }
    };
    let mut counted: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    for (place, moments) in [&sent.views, &sent.fires].into_iter().enumerate() {
        for at in moments.iter().filter(|at| **at >= from && **at < to) {
            counted.entry(label(*at)).or_default()[place] += 1;
        }
    }
    counted
}

/// The lines of a report, without the line of names.
async fn lines(api: &Api, kind: &str, columns: &[&str], span: &Value) -> Vec<String> {
    let mut report = span.clone();
    (report["report_type"], report["columns"]) = (json!(kind), json!(columns));
    rows(api, report).await.split_terminator("\r\n").skip(1).map(str::to_owned).collect()
}

/// Compares the reports about a span of time with a plain count.
async fn compare(api: &Api, sent: &Sent, zone: &str, (from, to): (Millis, Millis)) {
    let time_zone = TimeZone::get(zone).unwrap();
    let date = |at: Millis| shown(at, &time_zone, "%Y-%m-%d %H:%M:%S");
    let span = json!({"timezone": zone, "start_date": date(from), "end_date": date(to)});
    for (grain, form) in GRAINS {
        let expected = counted(sent, (from, to), &time_zone, grain, form);
        let mut sums = BTreeMap::new();
        for line in lines(api, "network_analytics", &[grain, "imps", "total_convs"], &span).await {
            let cells: Vec<&str> = line.split(',').collect();
            let figures = [cells[1].parse().unwrap(), cells[2].parse().unwrap()];
            assert_eq!(sums.insert(cells[0].to_owned(), figures), None, "{zone}: {line} is there twice");
        }
        assert_eq!(sums, expected, "{grain} {span}");
        let mut by_row: BTreeMap<String, usize> = BTreeMap::new();
        for label in lines(api, "attributed_conversions", &[grain], &span).await {
            *by_row.entry(label).or_default() += 1;
        }
        let conversions = expected.into_iter().map(|(label, [_, conversions])| (label, conversions));
        assert_eq!(by_row, conversions.filter(|(_, count)| *count > 0).collect(), "{grain} {span}");
        let outcomes = lines(api, "pixel_outcomes", &[grain, "attributed"], &span).await;
        let outcomes = outcomes.iter().map(|line| line.split_once(',').unwrap());
        let outcomes: BTreeMap<String, usize> =
            outcomes.map(|(label, count)| (label.to_owned(), count.parse().unwrap())).collect();
        assert_eq!(outcomes, by_row, "{grain} {span}");
    }
}

#[tokio::test]
async fn every_report_counts_the_same_hours_days_and_months() {
    let api = Api::start().await;
    let shop = api.app.shop_with(|pixel| pixel.min_minutes_per_conv = Some(0)).await;
    let mut moments = Vec::new();
    for (_, around) in PLACES {
        // Both sides of every quarter hour around the change, and of every hour of the days around it.
        for quarters in -12..12 {
            let at = moment(around).plus(quarters * 15 * MIN);
            moments.extend([at.plus(-1), at, at.plus(7 * MIN)]);
        }
        for hours in -40..40 {
            moments.push(moment(around).plus(hours * HOUR + 20 * MIN));
        }
    }
    moments.sort();
    let sent = send(&api, &shop, moments).await;
    for (zone, around) in PLACES {
        let time_zone = TimeZone::get(zone).unwrap();
        let day = moment(around).timestamp().to_zoned(time_zone).start_of_day().unwrap().timestamp();
        let begin = |days: i64| {
            let day = Millis::from(day).timestamp().to_zoned(TimeZone::get(zone).unwrap()).date();
            let day = day.checked_add(jiff::Span::new().days(days)).unwrap();
            Millis::from(day.to_zoned(TimeZone::get(zone).unwrap()).unwrap().timestamp())
        };
        compare(&api, &sent, zone, (begin(-1), begin(2))).await;
    }
}

#[tokio::test]
async fn the_repeated_hour_has_two_rows_in_every_format_and_the_skipped_one_none() {
    let api = Api::start().await;
    let shop = api.app.shop_with(|pixel| pixel.min_minutes_per_conv = Some(0)).await;
    let hours = |first: &str| (0..4).map(|hours| moment(first).plus(hours * HOUR)).collect::<Vec<_>>();
    send(&api, &shop, [hours("2026-03-29 00:30:00"), hours("2026-10-24 23:30:00")].concat()).await;
    let found = async |kind: &str, columns: &[&str], day: &str, next: &str| {
        let span = json!({"timezone": "Europe/Berlin", "start_date": day, "end_date": next});
        lines(&api, kind, columns, &span).await
    };
    let hour = async |day, next| found("network_analytics", &["hour", "imps", "total_convs"], day, next).await;
    assert_eq!(
        hour("2026-10-25", "2026-10-26").await,
        ["2026-10-25 01:00,0,1", "2026-10-25 02:00+02:00,0,1", "2026-10-25 02:00+01:00,1,0", "2026-10-25 03:00,0,1",]
    );
    assert_eq!(
        hour("2026-03-29", "2026-03-30").await,
        ["2026-03-29 01:00,1,0", "2026-03-29 03:00,0,1", "2026-03-29 04:00,0,1", "2026-03-29 05:00,1,0"]
    );
    assert_eq!(
        found("attributed_conversions", &["datetime"], "2026-10-25", "2026-10-26").await,
        ["2026-10-25 01:30:00", "2026-10-25 02:30:00+02:00", "2026-10-25 03:30:00"]
    );
    let report = json!({
        "report_type": "pixel_outcomes", "columns": ["hour", "fires"], "format": "json", "timezone": "Europe/Berlin",
        "start_date": "2026-10-25", "end_date": "2026-10-25 03:00:00",
    });
    let file: Value = serde_json::from_str(&rows(&api, report).await).unwrap();
    assert_eq!(file, json!([{"hour": "2026-10-25 01:00", "fires": 1}, {"hour": "2026-10-25 02:00+02:00", "fires": 1}]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_span_of_any_zone_counts_what_was_sent(
        minutes in prop::collection::vec((0..365_i64 * 24 * 60, 0..60_000_i64), 60..120),
        spans in prop::collection::vec((select(zones()), 0..360_i64 * 96, 1..40_i64 * 96), 6),
    ) {
        let checks = async {
            let api = Api::start().await;
            let shop = api.app.shop_with(|pixel| pixel.min_minutes_per_conv = Some(0)).await;
            let year = moment("2026-01-01");
            let moments = minutes.iter().map(|(minute, rest)| year.plus(minute * MIN + rest)).collect();
            let sent = send(&api, &shop, moments).await;
            for (zone, from, quarters) in &spans {
                let from = unambiguous(year.plus(from * 15 * MIN), zone);
                compare(&api, &sent, zone, (from, unambiguous(from.plus(quarters * 15 * MIN), zone))).await;
            }
        };
        actix_web::rt::System::new().block_on(checks);
    }
}

fn zones() -> Vec<String> {
    jiff::tz::db().available().map(|name| name.to_string()).collect()
}

/// The same moment; a day later if clocks show it twice, since a date without offset means the earlier.
fn unambiguous(at: Millis, zone: &str) -> Millis {
    let zone = TimeZone::get(zone).unwrap();
    let read = zone.to_datetime(at.timestamp()).to_zoned(zone.clone()).unwrap();
    if Millis::from(read.timestamp()) == at { at } else { at.plus(DAY) }
}
