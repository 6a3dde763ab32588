//! The log that `benches/rebuild/run` rebuilds from: `rebuild_fill DIR FIRES`. As many exposures as fires, of visitors who
//! come back, over 30 days; of the fires a half are orders with values, all have event ids, some twice, and a third
//! bring segments. Nothing of it is judged. The same log each time.

#![allow(clippy::expect_used, reason = "a helper that cannot go on ends")]

use std::path::Path;

use pixeld::clock::Clock;
use pixeld::domain::{
    Advertiser, Caller, Currency, Exposure, ExposureKind, Fire, FireDetails, Flags, LineItem, LineItemId,
    LineItemPixel, Micros, Millis, Pixel, PixelId, PublisherId, Segment, SegmentAction, SegmentId, SegmentOp, Status,
    TagKind, TrackerId, TriggerType, VisitorId,
};
use pixeld::store::{LogRow, Store, StoreError};

const BEGIN: Millis = Millis(1_790_856_000_000);
const DAYS: i64 = 30;
const PLACES: i64 = 20;
const ROWS_AT_ONCE: usize = 8_192;
const QUERY: &str = "id=7&t=2&order_id=A100234&value=49.90&currency=EUR&event_id=A100234-purchase&cb=8236451890";
const PAGE: &str = "https://www.shop.example/checkout/thank-you?from=newsletter&step=4";
const BROWSER: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0";

struct Place {
    pixel: PixelId,
    line_item: LineItemId,
}

/// A plain congruential generator.
struct Dice(i64);

impl Dice {
    fn roll(&mut self, below: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33).rem_euclid(below)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().expect("the data directory");
    let fires: i64 = arguments.next().expect("how many fires").parse().expect("a number");
    let store = Store::open(Path::new(&directory), Clock::fixed(BEGIN)).expect("a database");
    fill(&store, fires).await.expect("a log");
    store.stop();
}

async fn fill(store: &Store, fires: i64) -> Result<(), StoreError> {
    let (places, segments) = definitions(store).await?;
    let (mut dice, mut rows) = (Dice(1), Vec::new());
    for n in 0..2 * fires {
        let at = BEGIN.plus(n.saturating_mul(DAYS * Millis::DAY) / (2 * fires));
        let visitor = VisitorId((1 + dice.roll(fires / 8 + 1)).wrapping_mul(0x0123_4567_89ab_cdef) & i64::MAX);
        let place = usize::try_from(dice.roll(PLACES)).ok().and_then(|place| places.get(place)).expect("a place");
        rows.push(if n % 2 == 0 {
            LogRow::Exposure(Box::new(exposure(&mut dice, place, visitor, at)))
        } else {
            LogRow::Fire(Box::new(fire(&mut dice, place, &segments, visitor, at, n)))
        });
        if rows.len() == ROWS_AT_ONCE {
            store.append_all(std::mem::take(&mut rows)).await?;
        }
    }
    store.append_all(rows).await
}

async fn definitions(store: &Store) -> Result<(Vec<Place>, Vec<SegmentId>), StoreError> {
    let by = Caller::shell().editor().map_err(StoreError::fault)?;
    let advertiser = store.create(&by, Advertiser::new("ProStarr Sportswear")).await?.id;
    let mut places = Vec::new();
    for _ in 0..PLACES {
        let mut pixel = Pixel::new(advertiser, "Purchase");
        (pixel.trigger_type, pixel.min_minutes_per_conv) = (TriggerType::Hybrid, Some(30));
        let pixel = store.create(&by, pixel).await?.id;
        let mut line_item = LineItem::new(advertiser, "Autumn sale");
        line_item.pixels = vec![LineItemPixel {
            pixel_id: pixel,
            state: Status::Active,
            post_click_revenue: None,
            post_view_revenue: None,
        }];
        places.push(Place { pixel, line_item: store.create(&by, line_item).await?.id });
    }
    let mut segments = Vec::new();
    for name in ["Buyers", "Cart", "Newsletter"] {
        let mut segment = Segment::new(name);
        segment.expire_minutes = Some(14 * 24 * 60);
        segments.push(store.create(&by, segment).await?.id);
    }
    Ok((places, segments))
}

fn exposure(dice: &mut Dice, place: &Place, visitor: VisitorId, at: Millis) -> Exposure {
    Exposure {
        at,
        kind: if dice.roll(10) == 0 { ExposureKind::Click } else { ExposureKind::Impression },
        tracker_id: TrackerId(1),
        line_item_id: place.line_item,
        publisher_id: PublisherId(1 + dice.roll(5)),
        campaign_id: None,
        creative_id: None,
        visitor_id: Some(visitor),
        flags: Flags::default(),
        ancost: Some(Micros(1_500)),
        impression: None,
        arrival: None,
        warnings: Vec::new(),
        query: "id=3&t=2&ancost=0.0015".to_owned(),
        referer: Some(PAGE.to_owned()),
        user_agent: Some(BROWSER.to_owned()),
        ip: Some("192.0.2.0".to_owned()),
    }
}

fn fire(dice: &mut Dice, place: &Place, segments: &[SegmentId], visitor: VisitorId, at: Millis, n: i64) -> Fire {
    let buys = dice.roll(2) == 0;
    let twice = i64::from(dice.roll(20) == 0);
    let into = (dice.roll(3) == 0).then(|| segments.get(usize::try_from(dice.roll(3)).unwrap_or(0))).flatten();
    let segments = into.map(|segment| SegmentOp { segment_id: *segment, action: SegmentAction::Add { value: None } });
    Fire {
        at,
        received: at,
        pixel_id: place.pixel,
        visitor_id: Some(visitor),
        flags: Flags::default(),
        tag: TagKind::Image,
        order_id: buys.then(|| format!("A{n}")),
        value: buys.then(|| Micros(1_000_000 + 10_000 * dice.roll(10_000))),
        currency: Some(Currency::USD),
        other: None,
        event_id: Some(format!("event-{}", n - 2 * twice)),
        exposure: None,
        details: FireDetails { segments: segments.into_iter().collect(), ..FireDetails::default() },
        warnings: Vec::new(),
        query: QUERY.to_owned(),
        referer: Some(PAGE.to_owned()),
        user_agent: Some(BROWSER.to_owned()),
        ip: Some("192.0.2.0".to_owned()),
    }
}
