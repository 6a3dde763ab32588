//! How fast the judge is, measured by hand: `cargo test --test it judge::speed -- --ignored --nocapture`. It judges a
//! log of as many fires as exposures, of visitors who come back, and says rows a second and how long slices take.

use std::time::{Duration, Instant};

use pixeld::clock::Clock;
use pixeld::domain::{Advertiser, Caller, Currency, LineItem, LineItemPixel, Micros, Pixel, Status, TriggerType};
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
