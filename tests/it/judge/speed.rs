//! How fast the judge is, measured by hand: `cargo test --test it judge::speed -- --ignored --nocapture`. It judges a
//! log of as many fires as exposures, of visitors who come back, and says rows a second and how long slices take.

use std::time::{Duration, Instant};

use pixeld::clock::Clock;
use pixeld::domain::{
    Advertiser, Arrival, Caller, ClickIdValue, Currency, LineItem, LineItemPixel, Micros, Pixel, Source, SourceMatch,
    Status, TriggerType,
};
use pixeld::judge::{ROWS_A_SLICE, Worker};

use super::*;

const ROWS: i64 = 100_000;
const VISITORS: i64 = 20_000;

#[actix_web::test]
#[ignore = "a measurement, run by hand"]
#[expect(clippy::print_stderr, reason = "it says what it measured")]
async fn rows_a_second() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path(), Clock::fixed(START)).unwrap();
    let by = Caller::shell().editor().unwrap();
    let advertiser = store.create(&by, Advertiser::new("Shop")).await.unwrap().id;
    let mut places = Vec::new();
    for _ in 0..20 {
        let mut pixel = Pixel::new(advertiser, "Purchase");
        pixel.trigger_type = TriggerType::Hybrid;
        pixel.min_minutes_per_conv = Some(30);
        let pixel_id = store.create(&by, pixel).await.unwrap().id;
        let mut line_item = LineItem::new(advertiser, "Sale");
        let entry =
            LineItemPixel { pixel_id, state: Status::Active, post_click_revenue: None, post_view_revenue: None };
        line_item.pixels = vec![entry];
        places.push((pixel_id, store.create(&by, line_item).await.unwrap().id));
    }
    // A plain congruential generator: the same log each time.
    let mut state = 1_i64;
    let mut random = |below: i64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33).rem_euclid(below)
    };
    let mut rows = Vec::new();
    for n in 0..ROWS {
        let (visitor, place) = ((1 + random(VISITORS)).wrapping_mul(0x0123_4567_89ab_cdef) & i64::MAX, random(20));
        let (pixel, line_item) = places[usize::try_from(place).unwrap()];
        rows.push(if n % 2 == 0 {
            LogRow::Exposure(Box::new(view(line_item, visitor, n)))
        } else {
            let event_id = Some(format!("event-{n}"));
            let (value, currency) = (Some(Micros(n)), Some(Currency::USD));
            LogRow::Fire(Box::new(Fire { event_id, value, currency, ..fire(pixel, visitor, n) }))
        });
    }
    store.append_all(rows).await.unwrap();
    for rows_a_slice in [250, ROWS_A_SLICE, 4_000] {
        super::oracle::forget(&open_database(directory.path()));
        let store = store.clone();
        let judging = std::thread::spawn(move || {
            let mut worker = Worker::new(store.clone(), rows_a_slice).unwrap();
            let (begun, mut longest) = (Instant::now(), Duration::ZERO);
            while worker.cursor() < store.logged() {
                let begun = Instant::now();
                worker.step(store.logged()).unwrap();
                longest = longest.max(begun.elapsed());
            }
            (begun.elapsed(), longest)
        });
        let (took, longest) = judging.join().unwrap();
        let a_second = u128::from(ROWS.unsigned_abs()) * 1_000_000 / took.as_micros();
        let slice = took * u32::from(rows_a_slice) / u32::try_from(ROWS).unwrap();
        eprintln!("slices of {rows_a_slice}: {a_second} rows/s; a slice takes {slice:.1?}, at most {longest:.1?}");
    }
}

/// How long the judge takes for clicks that trackers saw, and for as many arrivals: `cargo test --test it judge::speed`.
#[actix_web::test]
#[ignore = "a measurement, run by hand"]
#[expect(clippy::print_stderr, reason = "it says what it measured")]
async fn arrivals_beside_clicks() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path(), Clock::fixed(START)).unwrap();
    let by = Caller::shell().editor().unwrap();
    let advertiser = store.create(&by, Advertiser::new("Shop")).await.unwrap().id;
    let line_item = store.create(&by, LineItem::new(advertiser, "Sale")).await.unwrap().id;
    for (place, medium) in ["email", "social", "cpc"].into_iter().enumerate() {
        let mut source = Source::new(advertiser, line_item, format!("Ads {place}"));
        source.condition = SourceMatch::of([("utm_medium".to_owned(), vec![medium.to_owned()])]).unwrap();
        store.create(&by, source).await.unwrap();
    }
    for (what, parameters, ids) in [
        ("clicks", None, false),
        ("arrivals with parameters", Some(()), false),
        ("arrivals with a click id", Some(()), true),
    ] {
        let begin = store.logged();
        let arrival = |n: i64| Arrival {
            advertiser_id: advertiser,
            parameters: [("utm_source", "google"), ("utm_medium", "cpc"), ("utm_campaign", "autumn")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
            click_ids: (0..i64::from(ids))
                .map(|_| ClickIdValue {
                    name: "gclid".to_owned(),
                    value: Some(format!("CjwKCAiA{:016x}", n.wrapping_mul(0x0123_4567_89ab_cdef))),
                })
                .collect(),
            referrer_host: None,
            named: None,
        };
        let row = |n: i64| {
            let visitor = 1 + (n.wrapping_mul(0x0123_4567_89ab_cdef) & i64::MAX);
            let mut exposure = click(line_item, visitor, n);
            if parameters.is_some() {
                exposure.line_item_id = LineItemId::NONE;
                exposure.arrival = Some(Box::new(arrival(n)));
            }
            LogRow::Exposure(Box::new(exposure))
        };
        store.append_all((0..ROWS).map(row).collect()).await.unwrap();
        let judging = {
            let store = store.clone();
            std::thread::spawn(move || {
                let mut worker = Worker::new(store.clone(), ROWS_A_SLICE).unwrap();
                while worker.cursor() < begin {
                    worker.step(begin).unwrap();
                }
                let begun = Instant::now();
                while worker.cursor() < store.logged() {
                    worker.step(store.logged()).unwrap();
                }
                begun.elapsed()
            })
        };
        let took = judging.join().unwrap();
        eprintln!("{what}: {:.1} µs each", took.as_secs_f64() * 1e6 / 100_000.0);
    }
}
