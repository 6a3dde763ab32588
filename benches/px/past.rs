//! The traffic that `px_bench` writes and sends: 80 % impressions, 15 % clicks, 5 % fires with order and value; half of it
//! from visitors who were there before, half from new ones. By chance, but the same in every run.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use pixeld::clock::Clock;
use pixeld::domain::{
    Advertiser, Caller, CampaignId, Editor, Exposure, ExposureKind, Fire, FireDetails, Flags, LineItem, LineItemId,
    LineItemPixel, Micros, Millis, Pixel, PixelId, Publisher, PublisherId, Status, TagKind, Tracker, TrackerId,
    TrackerKind, VisitorId,
};
use pixeld::judge::Judge;
use pixeld::store::{ClickTracker, ImpTracker, LogRow, Store};

const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const PAGE: &str = "https://press.example/news/autumn?from=front";
const THANKS: &str = "https://shop.example/thanks";
/// Rows that a visitor of the past has on average.
const ROWS_A_VISITOR: u64 = 5;
/// Days over which the past is spread.
const DAYS: i64 = 90;
/// How many different requests are sent, in turn.
const REQUESTS: u64 = 8_192;
/// Rows handed over at once while the past is written.
const CHUNK: u64 = 50_000;

enum Kind {
    Impression,
    Click,
    Fire,
}

/// Numbers by chance (SplitMix64).
fn chance(n: u64) -> u64 {
    let mut bits = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

fn kind(n: u64) -> Kind {
    match chance(n ^ 0x6b) % 100 {
        0..80 => Kind::Impression,
        80..95 => Kind::Click,
        _ => Kind::Fire,
    }
}

/// One of the visitors of a past of so many rows.
fn visitor(n: u64, rows: u64) -> VisitorId {
    VisitorId::from_random(chance(!(chance(n) % (rows / ROWS_A_VISITOR).max(1))))
}

/// Makes pixel 1, line item 1 and the trackers 1 (impressions) and 2 (clicks), and a past of so many judged rows.
pub async fn prepare(directory: &Path, rows: u64) -> anyhow::Result<()> {
    let store = Store::open(directory, Clock::System)?;
    define(&store, &Caller::shell().editor()?).await?;
    let judge = Judge::start(store.clone())?;
    let (began, now) = (Instant::now(), store.clock().now());
    for chunk in 0..rows.div_ceil(CHUNK) {
        let places = chunk * CHUNK..rows.min((chunk + 1) * CHUNK);
        store.append_all(places.map(|n| row(n, rows, now)).collect()).await?;
    }
    judged(&store).await?;
    judge.finish(Duration::ZERO);
    store.stop();
    eprintln!("{rows} rows logged and judged in {:.0?}", began.elapsed());
    Ok(())
}

/// Waits until all of the log is judged.
pub async fn judged(store: &Store) -> anyhow::Result<()> {
    let (logged, mut judged) = (store.logged(), store.judged());
    tokio::time::timeout(Duration::from_secs(3_600), judged.wait_for(|seq| *seq >= logged)).await??;
    Ok(())
}

async fn define(store: &Store, by: &Editor) -> anyhow::Result<()> {
    let advertiser = store.create(by, Advertiser::new("Bench")).await?;
    let publisher = store.create(by, Publisher::new("Press")).await?;
    let pixel = store.create(by, Pixel::new(advertiser.id, "Purchase")).await?;
    let mut item = LineItem::new(advertiser.id, "Autumn");
    let (post_click_revenue, post_view_revenue) = (None, None);
    item.pixels =
        vec![LineItemPixel { pixel_id: pixel.id, state: Status::Active, post_click_revenue, post_view_revenue }];
    let item = store.create(by, item).await?;
    let tracker = |kind| Tracker::new(kind, advertiser.id, item.id, publisher.id, "Banner");
    let view = store.create(by, ImpTracker(tracker(TrackerKind::Impression))).await?.0;
    let mut click = tracker(TrackerKind::Click);
    click.click_url = Some("https://shop.example/autumn".to_owned());
    let click = store.create(by, ClickTracker(click)).await?.0;
    anyhow::ensure!((pixel.id.0, view.id.0, click.id.0) == (1, 1, 2), "the directory is to be a new one");
    Ok(())
}

fn row(n: u64, rows: u64, now: Millis) -> LogRow {
    let ago = i64::try_from((rows - n) * u64::try_from(DAYS * 86_400_000).unwrap_or(0) / rows).unwrap_or(0);
    let at = now.plus(-ago);
    let visitor_id = Some(visitor(n, rows));
    let ip = Some("203.0.113.0".to_owned());
    let (user_agent, flags) = (Some(AGENT.to_owned()), Flags::default());
    match kind(n) {
        Kind::Fire => LogRow::Fire(Box::new(Fire {
            at,
            received: at,
            pixel_id: PixelId(1),
            visitor_id,
            flags,
            tag: TagKind::Image,
            order_id: Some(format!("P-{n:08}")),
            value: Some(Micros(19_500_000)),
            currency: None,
            other: None,
            event_id: None,
            exposure: None,
            details: FireDetails::default(),
            warnings: Vec::new(),
            query: format!("id=1&t=2&value=19.50&order_id=P-{n:08}"),
            referer: Some(THANKS.to_owned()),
            user_agent,
            ip,
        })),
        kind => {
            let view = matches!(kind, Kind::Impression);
            LogRow::Exposure(Box::new(Exposure {
                at,
                kind: if view { ExposureKind::Impression } else { ExposureKind::Click },
                tracker_id: TrackerId(if view { 1 } else { 2 }),
                line_item_id: LineItemId(1),
                publisher_id: PublisherId(1),
                campaign_id: None::<CampaignId>,
                creative_id: None,
                visitor_id,
                flags,
                ancost: view.then_some(Micros(2_500)),
                impression: None,
                arrival: None,
                warnings: Vec::new(),
                query: format!("id=1&t=2&ancost=0.0025&cb={n:08}"),
                referer: Some(PAGE.to_owned()),
                user_agent,
                ip,
            }))
        }
    }
}

/// What is sent to a server with that past: a Lua table for wrk, of paths, cookies ("" for new visitors) and referrers.
/// A path that ends with `order_id=` wants an order of its own behind it.
pub fn requests(rows: u64) -> String {
    let mut lua = String::from("return {\n");
    for n in 0..REQUESTS {
        let (path, page) = match kind(n) {
            Kind::Impression => (format!("/imptr?id=1&t=2&ancost=0.0025&cb={n:08}"), PAGE),
            Kind::Click => (format!("/clktr?id=2&cb={n:08}"), PAGE),
            Kind::Fire => (format!("/px?id=1&t=2&value={}.50&order_id=", n % 200), THANKS),
        };
        let cookie = match chance(n ^ 0xc0) % 2 {
            0 => String::new(),
            _ => format!("pxid={}", visitor(n.wrapping_mul(7_919), rows)),
        };
        let _ = writeln!(lua, "{{ \"{path}\", \"{cookie}\", \"{page}\" }},");
    }
    lua + "}\n"
}
