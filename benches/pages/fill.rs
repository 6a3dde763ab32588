//! The database of `benches/pages/run --large`: `pages_fill DIR EVENTS`. 300 advertisers with 2,000 pixels, their line items,
//! campaigns, placements, trackers and sources, and so many events over 90 days. A few advertisers have most events. Of
//! three events two are ad views and clicks and one is a fire. Nothing of it is judged. The same database each time.

#![allow(clippy::expect_used, reason = "a helper that cannot go on ends")]

use std::path::Path;

use pixeld::clock::Clock;
use pixeld::domain::{
    Advertiser, AdvertiserId, Caller, Campaign, CampaignId, ConversionEvent, Currency, Exposure, ExposureKind, Fire,
    FireDetails, Flags, LineItem, LineItemId, LineItemPixel, Micros, Millis, Pixel, PixelId, Publisher, PublisherId,
    Status, TagKind, Tracker, TrackerId, TrackerKind, TriggerType, VisitorId,
};
use pixeld::store::{ClickTracker, ImpTracker, LogRow, Store, StoreError};

const DAYS: i64 = 90;
const ADVERTISERS: i64 = 300;
const PIXELS: i64 = 2_000;
const PLACEMENTS: i64 = 60;
const ROWS_AT_ONCE: usize = 8_192;
const CURRENCIES: [&str; 4] = ["EUR", "EUR", "USD", "GBP"];
const PAGE: &str = "https://www.shop.example/checkout/thank-you";
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0";

/// An ad: what its trackers report.
struct Ad {
    line_item: LineItemId,
    campaign: CampaignId,
    publisher: PublisherId,
    view: TrackerId,
    click: TrackerId,
}

struct Shop {
    currency: Currency,
    pixels: Vec<PixelId>,
    ads: Vec<Ad>,
}

/// A plain congruential generator.
struct Dice(i64);

impl Dice {
    fn roll(&mut self, below: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33).rem_euclid(below.max(1))
    }

    /// Small numbers come more often than large ones.
    fn skewed(&mut self, below: usize) -> usize {
        let below = i64::try_from(below).unwrap_or(1);
        let (one, other) = (self.roll(below), self.roll(below));
        usize::try_from(one * other / below.max(1)).unwrap_or(0)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().expect("the data directory");
    let events: i64 = arguments.next().expect("how many events").parse().expect("a number");
    let end = Clock::System.now();
    let store = Store::open(Path::new(&directory), Clock::fixed(end)).expect("a database");
    fill(&store, events, end).await.expect("a log");
    store.stop();
}

async fn fill(store: &Store, events: i64, end: Millis) -> Result<(), StoreError> {
    let shops = definitions(store).await?;
    let (mut dice, mut rows) = (Dice(1), Vec::new());
    let begin = end.plus(-DAYS * Millis::DAY);
    for n in 0..events {
        let at = begin.plus(n.saturating_mul(DAYS * Millis::DAY) / events.max(1));
        let Some((number, shop)) = pick(&shops, &mut dice) else { continue };
        // The visitors of a shop see its ads, and some of them buy.
        let visitor = VisitorId((1 + dice.roll(events / 900 + 10)) * 1_000 + i64::try_from(number).unwrap_or(0));
        rows.push(if n % 3 == 0 {
            LogRow::Fire(Box::new(fire(&mut dice, shop, visitor, at, n)))
        } else {
            LogRow::Exposure(Box::new(exposure(&mut dice, shop, visitor, at)))
        });
        if rows.len() == ROWS_AT_ONCE {
            store.append_all(std::mem::take(&mut rows)).await?;
        }
    }
    store.append_all(rows).await
}

fn pick<'a>(shops: &'a [Shop], dice: &mut Dice) -> Option<(usize, &'a Shop)> {
    let number = dice.skewed(shops.len());
    Some((number, shops.get(number)?))
}

async fn definitions(store: &Store) -> Result<Vec<Shop>, StoreError> {
    let by = Caller::shell().editor().map_err(StoreError::fault)?;
    let mut placements = Vec::new();
    for n in 0..PLACEMENTS {
        placements.push(store.create(&by, Publisher::new(format!("Placement {n:02}"))).await?.id);
    }
    let mut shops = Vec::new();
    for n in 0..ADVERTISERS {
        let code = CURRENCIES.get(usize::try_from(n % 4).unwrap_or(0)).copied().unwrap_or("EUR");
        let mut advertiser = Advertiser::new(format!("Advertiser {n:03}"));
        advertiser.default_currency = Currency::parse(code).unwrap_or(Currency::USD);
        let advertiser = store.create(&by, advertiser).await?;
        let pixels = pixels(store, advertiser.id, PIXELS * (n + 1) / ADVERTISERS - PIXELS * n / ADVERTISERS).await?;
        let ads = ads(store, advertiser.id, &pixels, &placements, n).await?;
        shops.push(Shop { currency: advertiser.default_currency, pixels, ads });
    }
    Ok(shops)
}

async fn pixels(store: &Store, advertiser: AdvertiserId, count: i64) -> Result<Vec<PixelId>, StoreError> {
    let by = Caller::shell().editor().map_err(StoreError::fault)?;
    let mut pixels = Vec::new();
    for n in 0..count {
        let mut pixel = Pixel::new(advertiser, format!("Event {n}"));
        (pixel.trigger_type, pixel.min_minutes_per_conv) = (TriggerType::Hybrid, Some(0));
        pixel.post_click_value = Some(Micros(2_500_000));
        pixel.pixel_conversion_event = ConversionEvent::new(if n % 2 == 0 { 7 } else { 8 });
        pixels.push(store.create(&by, pixel).await?.id);
    }
    Ok(pixels)
}

/// Three line items, each with a campaign and two ads.
async fn ads(
    store: &Store,
    advertiser: AdvertiserId,
    pixels: &[PixelId],
    placements: &[PublisherId],
    shop: i64,
) -> Result<Vec<Ad>, StoreError> {
    let by = Caller::shell().editor().map_err(StoreError::fault)?;
    let mut ads = Vec::new();
    for n in 0..3 {
        let mut line_item = LineItem::new(advertiser, format!("Line item {shop:03}-{n}"));
        let attached = |pixel: &PixelId| LineItemPixel {
            pixel_id: *pixel,
            state: Status::Active,
            post_click_revenue: None,
            post_view_revenue: None,
        };
        line_item.pixels = pixels.iter().map(attached).collect();
        let line_item = store.create(&by, line_item).await?.id;
        let campaign =
            store.create(&by, Campaign::new(advertiser, line_item, format!("Campaign {shop:03}-{n}"))).await?;
        for place in 0..2 {
            let place = usize::try_from((shop * 7 + n * 2 + place) % PLACEMENTS).unwrap_or(0);
            let Some(publisher) = placements.get(place).copied() else { continue };
            let tracker =
                |kind| Tracker::new(kind, advertiser, line_item, publisher, format!("Ad {shop:03}-{n}-{place:02}"));
            let view = store.create(&by, ImpTracker(tracker(TrackerKind::Impression))).await?.0.id;
            let mut click = tracker(TrackerKind::Click);
            click.click_url = Some("https://www.shop.example/".to_owned());
            let click = store.create(&by, ClickTracker(click)).await?.0.id;
            ads.push(Ad { line_item, campaign: campaign.id, publisher, view, click });
        }
    }
    Ok(ads)
}

fn exposure(dice: &mut Dice, shop: &Shop, visitor: VisitorId, at: Millis) -> Exposure {
    let ad = shop.ads.get(dice.skewed(shop.ads.len()));
    let is_click = dice.roll(6) == 0;
    let tracker = ad.map(|ad| if is_click { ad.click } else { ad.view });
    Exposure {
        at,
        kind: if is_click { ExposureKind::Click } else { ExposureKind::Impression },
        tracker_id: tracker.unwrap_or(TrackerId::NONE),
        line_item_id: ad.map_or(LineItemId(0), |ad| ad.line_item),
        publisher_id: ad.map_or(PublisherId(0), |ad| ad.publisher),
        campaign_id: ad.map(|ad| ad.campaign),
        creative_id: None,
        visitor_id: Some(visitor),
        flags: Flags::default(),
        ancost: (dice.roll(2) == 0).then_some(Micros(4_200)),
        impression: None,
        arrival: None,
        warnings: Vec::new(),
        query: "id=3&t=2".to_owned(),
        referer: None,
        user_agent: Some(BROWSER.to_owned()),
        ip: None,
    }
}

fn fire(dice: &mut Dice, shop: &Shop, visitor: VisitorId, at: Millis, n: i64) -> Fire {
    let buys = dice.roll(2) == 0;
    Fire {
        at,
        received: at,
        pixel_id: shop.pixels.get(dice.skewed(shop.pixels.len())).copied().unwrap_or(PixelId(0)),
        visitor_id: Some(visitor),
        flags: Flags::default(),
        tag: TagKind::Image,
        order_id: buys.then(|| format!("B{n}")),
        value: buys.then(|| Micros(1_000_000 + 10_000 * dice.roll(20_000))),
        currency: buys.then_some(shop.currency),
        other: None,
        event_id: Some(format!("event-{n}")),
        exposure: None,
        details: FireDetails::default(),
        warnings: Vec::new(),
        query: "id=7&t=2".to_owned(),
        referer: Some(PAGE.to_owned()),
        user_agent: Some(BROWSER.to_owned()),
        ip: None,
    }
}
