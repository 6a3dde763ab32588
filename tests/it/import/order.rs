//! A shuffled file gives the very conversions that the same events gave as they happened, one after the other.

use std::path::Path;

use pixeld::clock::Clock;
use pixeld::domain::{Caller, Conversion, Currency, ExposureKind, Micros, Pixel, PixelId, Seq, TagKind};
use pixeld::judge::Worker;
use pixeld::store::{LogItem, LogRow, Store};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::import;
use crate::harness::{START, Shop, TestApp};
use crate::judge::{DAY, HOUR, MIN, exposure, fire};

/// An exposure or (none) a fire, crowded so that ties, repeats, duplicates and edges of windows are common.
#[derive(Clone, Debug)]
struct Event {
    ago: i64,
    visitor: i64,
    exposure: Option<ExposureKind>,
    order: Option<&'static str>,
    event: Option<&'static str>,
    value: Option<i64>,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let ago = prop_oneof![
        6 => (0..40_i64).prop_map(|minutes| minutes * MIN),
        2 => select(vec![HOUR, HOUR + 1, DAY, 7 * DAY, 7 * DAY + 1, 30 * DAY, 30 * DAY + 1, 90 * DAY, 91 * DAY]),
    ];
    let exposure = select(vec![None, None, Some(ExposureKind::Impression), Some(ExposureKind::Click)]);
    let rarely = |ids: [&'static str; 2]| prop::option::weighted(0.3, select(ids.to_vec()));
    let event = (
        ago,
        select(vec![0, 1, 1, 2, 3]),
        exposure,
        rarely(["A1", "A2"]),
        rarely(["e1", "e2"]),
        prop::option::of(0..9_i64),
    );
    let event = event.prop_map(|(ago, visitor, exposure, order, event, value)| Event {
        ago,
        visitor,
        exposure,
        order,
        event,
        value,
    });
    prop::collection::vec(event, 1..60)
}

impl Event {
    fn rank(&self) -> u8 {
        match self.exposure {
            Some(ExposureKind::Impression) => 0,
            Some(ExposureKind::Click) => 1,
            None => 2,
        }
    }

    fn row(&self, shop: &Shop) -> LogRow {
        if let Some(kind) = self.exposure {
            let mut row = exposure(kind, shop.line_item.id, self.visitor, -self.ago);
            row.ancost = self.value.map(Micros);
            return LogRow::Exposure(Box::new(row));
        }
        let mut row = fire(shop.pixel.id, self.visitor, -self.ago);
        row.order_id = self.order.map(str::to_owned);
        row.event_id = self.event.map(str::to_owned);
        row.value = self.value.map(|value| Micros(value * Micros::UNIT));
        row.currency = Some(Currency::USD);
        LogRow::Fire(Box::new(row))
    }

    fn line(&self, shop: &Shop, number: usize) -> String {
        let visitor = (self.visitor != 0).then(|| format!("{:x}", self.visitor));
        let at = START.plus(-self.ago).rfc3339();
        let line = match self.exposure {
            Some(kind) => json!({
                "id": number, "kind": kind.as_str(), "at": at, "visitor_id": visitor, "line_item_id": shop.line_item.id.0,
                "publisher_id": 1, "ancost": self.value.map(|value| Micros(value).to_string()),
            }),
            None => json!({
                "id": number, "kind": "fire", "at": at, "visitor_id": visitor, "pixel_id": shop.pixel.id.0,
                "order_id": self.order, "event_id": self.event, "value": self.value,
            }),
        };
        format!("{line}\n")
    }
}

/// All conversions of a judged log, without what tells by which way their fires came.
async fn conversions(store: &Store) -> Vec<Conversion> {
    let by = Caller::shell().reader().unwrap();
    let seqs: Vec<Seq> = {
        let reader = store.judge_file().unwrap();
        let rows = reader.snapshot().unwrap().rows(Seq(0), store.logged()).unwrap();
        rows.filter_map(|item| if let LogItem::Fire(fire) = item { Some(fire.seq) } else { None }).collect()
    };
    let mut found = Vec::new();
    for seq in seqs {
        let mut conversion = store.conversion(&by, seq).await.unwrap();
        conversion.fire.row.tag = TagKind::Image;
        conversion.fire.row.received = conversion.fire.at;
        conversion.fire.row.query = String::new();
        // An imported exposure names no tracker.
        if let Some(credit) = &mut conversion.credit {
            credit.tracker_id = None;
        }
        found.push(conversion);
    }
    assert_eq!(store.verify(&by).await.unwrap().faults, []);
    found
}

async fn make(directory: &Path, pixel: &(&str, Option<u32>, bool)) -> Shop {
    let app = TestApp::start_on(directory).await;
    let change = |to: &mut Pixel| {
        to.trigger_type = pixeld::domain::TriggerType::parse(pixel.0).unwrap();
        to.min_minutes_per_conv = pixel.1;
        to.count_each_order_once = pixel.2;
        to.post_view_expire_mins = Some(7 * 24 * 60);
    };
    let shop = app.shop_with(change).await;
    app.stop();
    assert_eq!(shop.pixel.id, PixelId(1));
    shop
}

async fn hold(events: Vec<Event>, order: Vec<usize>, pixel: (&str, Option<u32>, bool)) {
    let (live, imported) = (tempfile::TempDir::new().unwrap(), tempfile::TempDir::new().unwrap());
    let shop = make(live.path(), &pixel).await;
    make(imported.path(), &pixel).await;

    let mut shuffled: Vec<(usize, &Event)> = events.iter().enumerate().collect();
    shuffled.sort_by_key(|(number, _)| order.get(*number).copied());
    let lines: String = shuffled.iter().map(|(number, event)| event.line(&shop, *number)).collect();
    // At one moment the kind decides, and then the place in the file.
    let mut by_time: Vec<_> = shuffled.into_iter().map(|(_, event)| event).collect();
    by_time.sort_by_key(|event| (-event.ago, event.rank()));

    let store = Store::open(live.path(), Clock::fixed(START)).unwrap();
    store.append_all(by_time.iter().map(|event| event.row(&shop)).collect()).await.unwrap();
    let (logged, judged) = (store.logged(), store.clone());
    tokio::task::spawn_blocking(move || {
        let mut worker = Worker::new(judged, 7).unwrap();
        while worker.cursor() < logged {
            worker.step(logged).unwrap();
        }
    })
    .await
    .unwrap();
    let as_lived = conversions(&store).await;
    store.stop();

    let said = import(imported.path(), &["--strict"], &lines);
    assert!(said.well, "{said:?}");
    let store = Store::open(imported.path(), Clock::fixed(START)).unwrap();
    assert_eq!(conversions(&store).await, as_lived);
    store.stop();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn a_shuffled_file_is_judged_as_it_was_lived(
        events in events(),
        order in Just((0..60_usize).collect::<Vec<_>>()).prop_shuffle(),
        trigger in select(vec!["hybrid", "click", "view"]),
        repeat in select(vec![None, Some(0), Some(5)]),
        once in any::<bool>(),
    ) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(hold(events, order, (trigger, repeat, once)));
    }
}
