//! Reads the facts from the store, and asks the rules: for the overview, and for the page of one object.

use std::collections::{HashMap, HashSet};

use tokio::task::spawn_blocking;

use super::facts::{
    AdvertiserFacts, CookieFacts, Facts, LineItemFacts, PixelFacts, ServerFacts, SiteTagFacts, TrackerFacts,
};
use super::{Finding, findings, pixels, site_tag, trackers};
use crate::attribution::{MissingCookie, is_of_browser};
use crate::domain::{
    Advertiser, AdvertiserId, Conversion, LineItemId, Millis, Pixel, PixelId, Reader, Status, TrackerId,
};
use crate::store::{
    AdlessLineItem, ListQuery, PixelHealth, PixelLinks, Scalar, SentCurrency, Store, StoreError, Test, UnseenTracker,
};

/// The latest events of a pixel that are looked through for the cause of missing cookies.
const LATEST: u32 = 50;
/// The most pixels of an overview whose events are looked through.
const MOST_LOOKED_THROUGH: usize = 10;
/// The most advertisers whose currency is looked at.
const MOST_ADVERTISERS: u32 = 1_000;

/// What an overview names.
pub struct Item {
    pub about: About,
    /// At least one, the worst first.
    pub findings: Vec<Finding>,
}

/// The object that findings are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    Server,
    Pixel { id: PixelId, name: String, advertiser_id: AdvertiserId, never_loaded: bool },
    LineItem { id: LineItemId, name: String, advertiser_id: AdvertiserId },
    Tracker { id: TrackerId, name: String, advertiser_id: AdvertiserId },
    Advertiser { id: AdvertiserId, name: String },
}

/// What an overview needs beside the items.
pub struct Overview {
    /// The worst first.
    pub items: Vec<Item>,
    /// Whether some pixel has ever loaded.
    pub fired: bool,
}

/// Everything that needs attention. `pixels` are the active ones; `server` is none for who cannot change its settings.
///
/// # Errors
/// Database faults.
pub async fn overview(
    store: &Store,
    by: &Reader,
    pixels: Vec<Pixel>,
    server: Option<ServerFacts>,
    tag_site: &str,
    now: Millis,
) -> Result<Overview, StoreError> {
    let ids: Vec<PixelId> = pixels.iter().map(|pixel| pixel.id).collect();
    let links = store.pixel_links(by, ids.clone()).await?;
    let health = store.pixel_health(by, ids).await?;
    let fired = health.values().any(|health| health.last_load.is_some());
    let adless = store.adless_line_items(by, None, week_before(now)).await?;
    let unseen = store.unseen_trackers(by, now.plus(-trackers::FIRST_REPORT_MS)).await?;
    let unloaded = store.unloaded_site_tags(by, now.plus(-site_tag::FIRST_LOAD_MS), week_before(now)).await?;
    let mut items = advertisers(store, by, now).await?;
    items.extend(unloaded.iter().filter_map(|tag| {
        let about = About::Advertiser { id: tag.advertiser_id, name: tag.name.clone() };
        item(about, &Facts::SiteTag(SiteTagFacts { tag, now }))
    }));
    items.extend(server.and_then(|server| item(About::Server, &Facts::Server(server))));
    let mut cookies = HashMap::new();
    let poor = pixels.iter().filter(|pixel| health.get(&pixel.id).is_some_and(pixels::lacks_cookies));
    for pixel in poor.take(MOST_LOOKED_THROUGH) {
        cookies.insert(pixel.id, cookie(store, by, pixel.id, tag_site).await?);
    }
    // There may be thousands, and this thread also answers `/px`.
    let objects = spawn_blocking(move || {
        let mut items = of_pixels(&pixels, &links, &health, &adless, &cookies, now);
        items.extend(adless.iter().filter_map(|line_item| of_line_item(line_item, &health, now)));
        items.extend(unseen.iter().filter_map(|tracker| of_tracker(tracker, now)));
        items
    });
    items.extend(objects.await.map_err(StoreError::fault)?);
    items.sort_by_key(Item::rank);
    Ok(Overview { items, fired })
}

/// The findings about one pixel, and the usual cause of its events without a cookie; none if they are few.
///
/// # Errors
/// Database faults.
pub async fn pixel(
    store: &Store,
    by: &Reader,
    pixel: &Pixel,
    links: &PixelLinks,
    health: &PixelHealth,
    tag_site: &str,
    now: Millis,
) -> Result<(Vec<Finding>, Option<CookieFacts>), StoreError> {
    let active = active_line_items(links);
    let lacks_ads =
        !active.is_empty() && !store.adless_line_items(by, Some(active), week_before(now)).await?.is_empty();
    let cookie = match pixels::lacks_cookies(health) {
        true => cookie(store, by, pixel.id, tag_site).await?,
        false => None,
    };
    let facts = PixelFacts { pixel, links, health, lacks_ads, cookie: cookie.as_ref(), now };
    Ok((findings(&Facts::Pixel(facts)), cookie))
}

/// The findings about one line item.
///
/// # Errors
/// Database faults.
pub async fn line_item(store: &Store, by: &Reader, id: LineItemId, now: Millis) -> Result<Vec<Finding>, StoreError> {
    let Some(adless) = store.adless_line_items(by, Some(vec![id]), week_before(now)).await?.pop() else {
        return Ok(Vec::new());
    };
    let health = store.pixel_health(by, adless.pixels.clone()).await?;
    Ok(of_line_item(&adless, &health, now).map(|item| item.findings).unwrap_or_default())
}

/// The findings about one active tracker that never reported.
pub fn tracker(tracker: &UnseenTracker, now: Millis) -> Vec<Finding> {
    of_tracker(tracker, now).map(|item| item.findings).unwrap_or_default()
}

impl Item {
    fn is_danger(&self) -> bool {
        self.findings.iter().any(|finding| finding.danger)
    }

    /// A pixel that loads and has a problem loses conversions. One that never loaded can wait, and what is not set up yet.
    fn rank(&self) -> (bool, u8) {
        let place = match self.about {
            About::Server => 0,
            About::Pixel { never_loaded, .. } => {
                if never_loaded {
                    3
                } else {
                    1
                }
            }
            About::LineItem { .. } if self.findings.iter().any(|finding| finding.rule == "none_credited_no_ad") => 1,
            About::Advertiser { .. } => 2,
            About::LineItem { .. } | About::Tracker { .. } => 4,
        };
        (!self.is_danger(), place)
    }
}

fn item(about: About, facts: &Facts) -> Option<Item> {
    let findings = findings(facts);
    (!findings.is_empty()).then_some(Item { about, findings })
}

fn of_pixels(
    pixels: &[Pixel],
    links: &HashMap<PixelId, PixelLinks>,
    health: &HashMap<PixelId, PixelHealth>,
    adless: &[AdlessLineItem],
    cookies: &HashMap<PixelId, Option<CookieFacts>>,
    now: Millis,
) -> Vec<Item> {
    let adless: HashSet<LineItemId> = adless.iter().map(|line_item| line_item.id).collect();
    let of_pixel = |pixel: &Pixel| {
        let (links, health) = (links.get(&pixel.id)?, health.get(&pixel.id)?);
        let lacks_ads = active_line_items(links).iter().any(|id| adless.contains(id));
        let cookie = cookies.get(&pixel.id).and_then(Option::as_ref);
        let facts = PixelFacts { pixel, links, health, lacks_ads, cookie, now };
        let (id, name, advertiser_id) = (pixel.id, pixel.name.clone(), pixel.advertiser_id);
        item(About::Pixel { id, name, advertiser_id, never_loaded: health.last_load.is_none() }, &Facts::Pixel(facts))
    };
    pixels.iter().filter_map(of_pixel).collect()
}

fn of_line_item(line_item: &AdlessLineItem, health: &HashMap<PixelId, PixelHealth>, now: Millis) -> Option<Item> {
    let pixels = line_item.pixels.iter().filter_map(|id| health.get(id));
    let uncredited = pixels.filter(|health| health.conversions_7d == 0).map(|health| health.week.unattributed).sum();
    let AdlessLineItem { id, name, advertiser_id, .. } = line_item.clone();
    let facts = LineItemFacts { line_item, uncredited, now };
    item(About::LineItem { id, name, advertiser_id }, &Facts::LineItem(facts))
}

fn of_tracker(tracker: &UnseenTracker, now: Millis) -> Option<Item> {
    let UnseenTracker { id, name, advertiser_id, .. } = tracker.clone();
    item(About::Tracker { id, name, advertiser_id }, &Facts::Tracker(TrackerFacts { tracker, now }))
}

async fn advertisers(store: &Store, by: &Reader, now: Millis) -> Result<Vec<Item>, StoreError> {
    let mut sent: HashMap<AdvertiserId, Vec<SentCurrency>> = HashMap::new();
    for one in store.sent_currencies(by, week_before(now)).await? {
        sent.entry(one.advertiser_id).or_default().push(one);
    }
    // Those that are deleted, or whose pixel was never known, are left out.
    let ids = Test::In(sent.keys().map(|id| Scalar::Int(id.0)).collect());
    let query = ListQuery { num_elements: MOST_ADVERTISERS, ..ListQuery::default() }.with::<Advertiser>("id", ids);
    let mut items = Vec::new();
    for advertiser in store.list::<Advertiser>(by, query).await?.items {
        let (id, sent) = (advertiser.id, sent.remove(&advertiser.id).unwrap_or_default());
        let mut sent: Vec<_> = sent.iter().map(|one| (one.currency, one.events)).collect();
        sent.sort_by_key(|(currency, events)| (std::cmp::Reverse(*events), *currency));
        let facts = AdvertiserFacts { id, currency: advertiser.default_currency, sent };
        items.extend(item(About::Advertiser { id, name: advertiser.name }, &Facts::Advertiser(facts)));
    }
    Ok(items)
}

async fn cookie(store: &Store, by: &Reader, pixel: PixelId, tag_site: &str) -> Result<Option<CookieFacts>, StoreError> {
    Ok(usual_cause(&store.recent_fires(by, pixel, LATEST).await?, tag_site))
}

/// The most frequent cause among events without a cookie.
fn usual_cause(latest: &[Conversion], tag_site: &str) -> Option<CookieFacts> {
    let mut causes: Vec<(MissingCookie, usize)> = Vec::new();
    let bare = latest.iter().map(|event| &event.fire).filter(|fire| {
        is_of_browser(fire.tag) && fire.flags.is_real() && fire.flags.new_visitor && fire.exposure.is_none()
    });
    for fire in bare {
        let missing = MissingCookie::of(fire.referer.as_deref().unwrap_or_default(), tag_site);
        match causes.iter_mut().find(|(known, _)| *known == missing) {
            Some((_, times)) => *times += 1,
            None => causes.push((missing, 1)),
        }
    }
    // Of equally frequent ones, the latest.
    let most = causes.iter().map(|(_, times)| *times).max()?;
    let (missing, _) = causes.into_iter().find(|(_, times)| *times == most)?;
    Some(CookieFacts { missing })
}

fn active_line_items(links: &PixelLinks) -> Vec<LineItemId> {
    let is_active = |state: &Status| *state == Status::Active;
    let active = links.line_items.iter().filter(|(.., line_item, entry)| is_active(line_item) && is_active(entry));
    active.map(|(id, ..)| *id).collect()
}

fn week_before(now: Millis) -> Millis {
    now.plus(-7 * Millis::DAY)
}
