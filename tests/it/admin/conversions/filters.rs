//! Each filter alone and each pair of filters, against the conversions that the judge made of a log written by hand.

use pixeld::domain::{Conversion, OutcomeKind, Reason, Role};
use pixeld::store::ConversionQuery;

use super::{PATH, World, counts, listed, world};
use crate::admin::Browser;

/// A filter: its name, its value, and the events that it lets through.
type Filter = (&'static str, String, Box<dyn Fn(&Conversion) -> bool>);

fn filter(name: &'static str, value: impl ToString, fits: impl Fn(&Conversion) -> bool + 'static) -> Filter {
    (name, value.to_string(), Box::new(fits))
}

fn value(event: &Conversion) -> i64 {
    event.current_value().value.map_or(-1, |value| value.0)
}

fn bears(event: &Conversion, orders: &[&str]) -> bool {
    event.order_id.as_deref().is_some_and(|order| orders.contains(&order))
}

fn filters(world: &World) -> Vec<Filter> {
    let (pixel, line_item) = (world.shop.pixel.id, world.shop.line_item.id);
    let (source, other) = (world.source, world.other);
    let orders = ["RC-71935", "rc-71935"];
    vec![
        filter("advertiser_id", other, move |event| event.advertiser_id == other),
        filter("pixel", pixel, move |event| event.fire.pixel_id == pixel),
        filter("line_item", line_item, move |event| {
            event.credit.is_some_and(|credit| credit.line_item_id == line_item)
        }),
        filter("placement", 1, |event| event.credit.is_some_and(|credit| credit.publisher_id.0 == 1)),
        filter("source", source, move |event| event.credit.is_some_and(|credit| credit.source_id == Some(source))),
        filter("outcome", "attributed", |event| event.outcome.kind() == OutcomeKind::Attributed),
        filter("outcome", "unattributed", |event| event.outcome.kind() == OutcomeKind::Unattributed),
        filter("outcome", "not_counted", |event| event.outcome.kind() == OutcomeKind::NotCounted),
        filter("reason", "post_click", |event| event.outcome.reason() == Reason::PostClick),
        filter("reason", "test", |event| event.outcome.reason() == Reason::Test),
        filter("order", " # Rc-71935 ", move |event| bears(event, &orders)),
        filter("order", "rc20", |_| false),
        filter("order", "rc 20", |event| bears(event, &["#Rc 20"])),
        filter("order", "#ü1", |event| bears(event, &["Ü1"])),
        filter("visitor", "0000000000000001", |event| event.visitor_id.is_some_and(|visitor| visitor.0 == 1)),
        filter("search", "2", |event| event.visitor_id.is_some_and(|visitor| visitor.0 == 2)),
        filter("search", "GCLID=EAIa-4", |event| event.visitor_id.is_some_and(|visitor| visitor.0 == 4)),
        filter("search", "EAIa-4", |event| event.visitor_id.is_some_and(|visitor| visitor.0 == 4)),
        filter("search", "fbclid=EAIa-4", |_| false),
        filter("search", "#1002", |event| bears(event, &["1002"])),
        filter("warning", "yes", |event| !event.fire.warnings.is_empty()),
        filter("warning", "no", |event| event.fire.warnings.is_empty()),
        filter("retracted", "true", |event| event.current_value().retracted),
        filter("retracted", "false", |event| !event.current_value().retracted),
        filter("value_from", "8,00", |event| value(event) >= 8_000_000),
        filter("value_to", "20", |event| (0..=20_000_000).contains(&value(event))),
    ]
}

/// The column `id` of a CSV file.
fn ids_of_csv(text: &str) -> Vec<i64> {
    let mut file = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(file.headers().unwrap().get(0), Some("id"));
    file.records().map(|row| row.unwrap().get(0).unwrap().parse().unwrap()).collect()
}

fn ids_of_json(text: &str) -> Vec<i64> {
    let rows: Vec<serde_json::Value> = serde_json::from_str(text).unwrap();
    rows.iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

/// Compares page, counts and files with the events that fit.
async fn compare(browser: &Browser, all: &[Conversion], query: &str, chosen: &[&Filter]) {
    let fits = |event: &&Conversion| chosen.iter().all(|(.., fits)| fits(event));
    let fitting: Vec<i64> = all.iter().filter(fits).map(|event| event.fire.seq.0).collect();
    let seen = browser.get(&format!("{PATH}?{query}")).await;
    assert_eq!((seen.status, listed(&seen)), (200, fitting.clone()), "{query}: {}", seen.text());
    assert_eq!(seen.notes(), Vec::<String>::new(), "{query}");
    // Tabs count without the outcome.
    let others =
        |event: &&Conversion| chosen.iter().filter(|(name, ..)| *name != "outcome").all(|(.., fits)| fits(event));
    let kinds: Vec<_> = all.iter().filter(others).map(|event| event.outcome.kind()).collect();
    let of = |kind| kinds.iter().filter(|other| **other == kind).count().to_string();
    let wanted = [
        kinds.len().to_string(),
        of(OutcomeKind::Attributed),
        of(OutcomeKind::Unattributed),
        of(OutcomeKind::NotCounted),
    ];
    assert_eq!(counts(&seen), wanted, "{query}");
    let csv = browser.get(&format!("{PATH}.csv?{query}")).await;
    assert_eq!(ids_of_csv(&csv.body), fitting, "{query}");
    let json = browser.get(&format!("{PATH}.json?{query}")).await;
    assert_eq!(ids_of_json(&json.body), fitting, "{query}");
}

fn query(chosen: &[&Filter]) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    if chosen.iter().all(|(name, ..)| *name != "advertiser_id") {
        pairs.append_pair("advertiser_id", "all");
    }
    for (name, value, _) in chosen {
        pairs.append_pair(name, value);
    }
    pairs.finish()
}

/// All events, newest first.
async fn all(world: &World) -> Vec<Conversion> {
    let mut all = world.app.store.conversions(&world.app.reader(), ConversionQuery::default()).await.unwrap().items;
    all.sort_by_key(|event| std::cmp::Reverse((event.fire.at, event.fire.seq)));
    all
}

#[actix_web::test]
async fn page_counts_and_files_hold_what_the_filters_let_through() {
    let world = world().await;
    let (all, filters) = (all(&world).await, filters(&world));
    let browser = Browser::of(&world.app, Role::Viewer, None).await;
    for (place, one) in filters.iter().enumerate() {
        let count = all.iter().filter(|event| (one.2)(event)).count();
        assert!(
            count < all.len() && (count > 0 || ["rc20", "fbclid=EAIa-4"].contains(&one.1.as_str())),
            "{} {} tells nothing apart",
            one.0,
            one.1
        );
        compare(&browser, &all, &query(&[one]), &[one]).await;
        for other in filters.iter().skip(place + 1).filter(|other| other.0 != one.0) {
            // An object of another advertiser is none to choose from, and the page says so.
            let objects = ["pixel", "line_item", "source"];
            if one.0 == "advertiser_id" && objects.contains(&other.0) {
                continue;
            }
            compare(&browser, &all, &query(&[one, other]), &[one, other]).await;
        }
    }
}

#[actix_web::test]
async fn a_limited_user_sees_own_events_alone() {
    let world = world().await;
    let all = all(&world).await;
    let own: Filter = filter("advertiser_id", world.other, {
        let other = world.other;
        move |event: &Conversion| event.advertiser_id == other
    });
    let browser = Browser::of(&world.app, Role::Viewer, Some(world.other)).await;
    for query in ["", "order=rc-71935", "reason=no_line_item", "warning=yes", "value_from=3", "visitor=1"] {
        let part: Vec<Filter> = match query.split_once('=') {
            Some(("order", _)) => vec![filter("order", "", |event| bears(event, &["rc-71935"]))],
            Some(("reason", _)) => vec![filter("reason", "", |event| event.outcome.reason() == Reason::NoLineItem)],
            Some(("warning", _)) => vec![filter("warning", "", |event| !event.fire.warnings.is_empty())],
            Some(("value_from", _)) => vec![filter("value_from", "", |event| value(event) >= 3_000_000)],
            Some(("visitor", _)) => vec![filter("visitor", "", |event| event.visitor_id.is_some_and(|id| id.0 == 1))],
            _ => Vec::new(),
        };
        let chosen: Vec<&Filter> = part.iter().chain([&own]).collect();
        compare(&browser, &all, query, &chosen).await;
    }
    let theirs = browser.get(&format!("{PATH}?advertiser_id={}", world.shop.advertiser.id)).await;
    assert_eq!((listed(&theirs).len(), theirs.notes().len()), (2, 1), "{}", theirs.text());
}

#[actix_web::test]
async fn files_have_the_published_columns_and_defuse_formulas() {
    let world = world().await;
    let browser = Browser::of(&world.app, Role::Viewer, None).await;
    let seen = browser.get(&format!("{PATH}.csv?order=%3DMF-1")).await;
    assert_eq!(
        (seen.header("content-type"), seen.header("content-disposition"), seen.header("cache-control")),
        ("text/csv; charset=utf-8", "attachment; filename=\"events-2026-09-02-2026-10-01.csv\"", "no-store")
    );
    let mut file = csv::Reader::from_reader(seen.body.as_bytes());
    let heads = file.headers().unwrap().clone();
    let row = file.records().next().unwrap().unwrap();
    let cell = |name: &str| row.get(heads.iter().position(|head| head == name).unwrap()).unwrap().to_owned();
    for (name, value) in [
        ("datetime", "2026-10-01 12:06:00"),
        ("advertiser_name", "ProStarr Sportswear"),
        ("pixel_name", "Purchase"),
        ("outcome", "attributed"),
        ("reason", "post_click"),
        ("order_id_full", "'=MF-1"),
        ("value", "20"),
        ("currency", "EUR"),
        ("line_item_name", "Autumn sale"),
        ("source_name", "Google Ads"),
        ("user_id", "4"),
        ("retracted", "false"),
        ("campaign_id", ""),
    ] {
        assert_eq!(cell(name), value, "{name}");
    }
    let json = browser.get(&format!("{PATH}.json?order=r-1")).await;
    let rows: serde_json::Value = serde_json::from_str(&json.body).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(
        (&rows[0]["value"], &rows[0]["adjusted_value"], &rows[0]["campaign_id"], &rows[0]["adjusted"]),
        (&serde_json::json!(80), &serde_json::json!(8), &serde_json::Value::Null, &serde_json::json!(true))
    );
    assert_eq!(browser.get(&format!("{PATH}.json?order=none")).await.body, "[\n]\n");
    assert_eq!(Browser::new(&world.app).get(&format!("{PATH}.csv")).await.status, 303, "it wants a session");
}
