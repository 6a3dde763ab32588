//! A log for `benches/arrivals/run`: `arrivals_fill DIR ROWS KIND` writes clicks of trackers, or arrivals with campaign
//! parameters (`utm`) or with a click id of their own (`gclid`). Half of the visitors are new. The same log each time.

#![allow(clippy::expect_used, reason = "a helper that cannot go on ends")]

use std::path::Path;

use pixeld::clock::Clock;
use pixeld::domain::{
    Advertiser, AdvertiserId, Arrival, Caller, ClickIdValue, Exposure, ExposureKind, Flags, LineItem, LineItemId,
    Millis, PublisherId, Source, SourceMatch, TrackerId, VisitorId,
};
use pixeld::store::{LogRow, Store, StoreError};

const BEGIN: Millis = Millis(1_790_856_000_000);
const DAYS: i64 = 30;
const ROWS_AT_ONCE: usize = 8_192;
const PAGE: &str = "https://www.shop.example/autumn";
const BROWSER: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().expect("the data directory");
    let rows: i64 = arguments.next().expect("how many rows").parse().expect("a number");
    let kind = arguments.next().expect("clicks, utm or gclid");
    let store = Store::open(Path::new(&directory), Clock::fixed(BEGIN)).expect("a database");
    fill(&store, rows, &kind).await.expect("a log");
    store.stop();
}

async fn fill(store: &Store, count: i64, kind: &str) -> Result<(), StoreError> {
    let (advertiser, line_item) = definitions(store).await?;
    let mut rows = Vec::new();
    for n in 0..count {
        let returns = n % 2 == 1;
        let visitor = if returns { n - 1 - n % 1_000 } else { n };
        let visitor = VisitorId((visitor + 1).wrapping_mul(0x0123_4567_89ab_cdef) & i64::MAX);
        let mut exposure = click(visitor, !returns, BEGIN.plus(n.saturating_mul(DAYS * Millis::DAY) / count));
        if kind == "clicks" {
            (exposure.line_item_id, exposure.tracker_id) = (line_item, TrackerId(1));
            exposure.publisher_id = PublisherId(1);
        } else {
            exposure.arrival = Some(Box::new(arrival(advertiser, n, kind)));
        }
        rows.push(LogRow::Exposure(Box::new(exposure)));
        if rows.len() == ROWS_AT_ONCE {
            store.append_all(std::mem::take(&mut rows)).await?;
        }
    }
    store.append_all(rows).await
}

/// An advertiser with a line item, and sources for click ids and for newsletters.
async fn definitions(store: &Store) -> Result<(AdvertiserId, LineItemId), StoreError> {
    let by = Caller::shell().editor().map_err(StoreError::fault)?;
    let advertiser = store.create(&by, Advertiser::new("ProStarr Sportswear")).await?.id;
    let line_item = store.create(&by, LineItem::new(advertiser, "Autumn sale")).await?.id;
    for (name, part, values) in [
        ("Google Ads", "click_id", vec!["gclid", "gbraid", "wbraid"]),
        ("Newsletter", "utm_medium", vec!["email", "newsletter"]),
    ] {
        let values = values.into_iter().map(str::to_owned).collect();
        let condition = SourceMatch::of([(part.to_owned(), values)]).expect("a condition");
        store.create(&by, Source { condition, ..Source::new(advertiser, line_item, name) }).await?;
    }
    Ok((advertiser, line_item))
}

fn arrival(advertiser_id: AdvertiserId, n: i64, kind: &str) -> Arrival {
    let mut parameters = vec![("utm_campaign".to_owned(), format!("autumn-{}", n % 20))];
    let mut click_ids = Vec::new();
    if kind == "utm" {
        parameters.push(("utm_source".to_owned(), "weekly".to_owned()));
        parameters.push(("utm_medium".to_owned(), "email".to_owned()));
    } else {
        // As long as those of Google, and as little in order.
        let value = format!("Cj0KCQiA{:016x}{:032x}_wcB", n.wrapping_mul(0x0123_4567_89ab_cdef), n);
        click_ids.push(ClickIdValue { name: "gclid".to_owned(), value: Some(value) });
    }
    Arrival { advertiser_id, parameters, click_ids, referrer_host: None, named: None }
}

fn click(visitor: VisitorId, new_visitor: bool, at: Millis) -> Exposure {
    Exposure {
        at,
        kind: ExposureKind::Click,
        tracker_id: TrackerId::NONE,
        line_item_id: LineItemId::NONE,
        publisher_id: PublisherId::NONE,
        campaign_id: None,
        creative_id: None,
        visitor_id: Some(visitor),
        flags: Flags { new_visitor, ..Flags::default() },
        ancost: None,
        impression: None,
        arrival: None,
        warnings: Vec::new(),
        query: "id=3".to_owned(),
        referer: Some(PAGE.to_owned()),
        user_agent: Some(BROWSER.to_owned()),
        ip: Some("192.0.2.0".to_owned()),
    }
}
