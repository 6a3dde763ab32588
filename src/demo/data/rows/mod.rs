//! Writes the planned events as log rows: query strings, pages, user agents, order numbers. They look like rows from
//! `collect`; nothing here decides their outcome.

mod arrival;
mod fire;

use super::brand::Brand;
use super::brands::{BRANDS, PUBLISHERS};
use super::definitions::{BrandIds, Definitions};
use super::plan::{Event, EventKind, Plan, money};
use super::random::Random;
use crate::domain::{
    Adjustment, ConversionChange, ConversionName, Exposure, ExposureKind, Micros, Millis, Rejected, SegmentAction,
    SegmentId, SegmentLoad, SegmentOp, Seq, TagKind, VisitorId,
};
use crate::store::LogRow;

/// User agents of browsers, the common ones more often.
const BROWSERS: &[&str] = &[
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
];
const BOT: &str = "Mozilla/5.0 (compatible; LinkCheckBot/2.4; +https://linkcheck.example/bot)";
const SERVER: &str = "shop-backend/3.2";

/// Addresses for documentation, cut short as the default privacy setting stores them.
const ADDRESSES: &[&str] =
    &["192.0.2.0", "198.51.100.0", "203.0.113.0", "2001:db8:51::", "2001:db8:8a3::", "2001:db8:c10::"];

/// Makes rows, one after the other in the log's order.
pub(super) struct RowWriter<'a> {
    definitions: &'a Definitions,
    random: Random,
    /// Each exposure's place in the log, once it is logged.
    exposures: Vec<Option<(Seq, Millis)>>,
    /// Each order's number, once it is placed.
    orders: Vec<Option<u32>>,
    next_order: u32,
}

impl<'a> RowWriter<'a> {
    pub(super) fn new(definitions: &'a Definitions, plan: &Plan, random: Random) -> Self {
        let (exposures, orders) = (vec![None; plan.exposures], vec![None; plan.orders]);
        RowWriter { definitions, random, exposures, orders, next_order: 48_211 }
    }

    /// The row of an event that will have the number `seq`; none for a rejected request.
    pub(super) fn row(&mut self, event: &Event, seq: Seq) -> Option<LogRow> {
        let ids = self.definitions.brands.get(event.brand)?;
        match event.kind {
            EventKind::View { number, place } => self.exposure(event, ids, seq, number, place, None),
            EventKind::Click { number, place, of } => self.exposure(event, ids, seq, number, place, Some(of)),
            EventKind::Arrival { link, campaign, click } => self.arrival(event, ids, link, campaign, click),
            EventKind::Fire(load) => self.fire(event, ids, &load),
            EventKind::Segment { line } => self.segment_load(event, ids, line),
            EventKind::Correction { goal, order, cents } => self.correction(event, ids, (goal, order, cents)),
            EventKind::Rejected { .. } => None,
        }
    }

    /// An impression, or a click with the number of its impression.
    fn exposure(
        &mut self,
        event: &Event,
        ids: &BrandIds,
        seq: Seq,
        number: usize,
        place: usize,
        click: Option<Option<usize>>,
    ) -> Option<LogRow> {
        let (place_ids, ad) = (ids.places.get(place)?, BRANDS.get(event.brand)?.places.get(place)?);
        *self.exposures.get_mut(number)? = Some((seq, event.at));
        let campaign = self.random.pick(&place_ids.campaigns).copied();
        // Prices are bid: they differ from one impression to the next.
        let ancost =
            (click.is_none() || !ad.reports_views()).then(|| Micros(ad.cost * self.random.between(60, 150) / 100));
        let tracker_id = if click.is_some() { place_ids.click } else { place_ids.view? };
        let cachebuster = self.random.between(100_000_000, 999_999_999);
        let outlet = PUBLISHERS.get(ad.publisher)?;
        let page = self.random.pick(outlet.pages).copied().unwrap_or("/");
        let mut exposure = Exposure {
            at: event.at,
            kind: if click.is_some() { ExposureKind::Click } else { ExposureKind::Impression },
            tracker_id,
            line_item_id: place_ids.line_item,
            publisher_id: place_ids.publisher,
            campaign_id: campaign,
            creative_id: None,
            visitor_id: event.visitor,
            flags: event.flags,
            ancost,
            impression: click.flatten().and_then(|of| *self.exposures.get(of)?),
            arrival: None,
            warnings: Vec::new(),
            query: String::new(),
            referer: Some(format!("https://{}{page}", outlet.site)),
            user_agent: Some(if event.flags.bot { BOT } else { self.browser(event.visitor) }.to_owned()),
            ip: self.address(event.visitor),
        };
        exposure.query = query(&exposure, cachebuster);
        Some(LogRow::Exposure(Box::new(exposure)))
    }

    /// A load of the segment pixel on a line item's landing page.
    fn segment_load(&mut self, event: &Event, ids: &BrandIds, line: usize) -> Option<LogRow> {
        let brand = BRANDS.get(event.brand)?;
        let landing = brand.lines.get(line)?;
        let segment_id = segment(brand, ids, landing.segment?)?;
        Some(LogRow::SegmentLoad(Box::new(SegmentLoad {
            at: event.at,
            visitor_id: event.visitor,
            flags: event.flags,
            tag: TagKind::Image,
            segments: vec![SegmentOp { segment_id, action: SegmentAction::Add { value: None } }],
            warnings: Vec::new(),
            query: format!("add={segment_id}&t=2"),
            referer: Some(format!("https://{}/{}", brand.site, landing.code)),
            user_agent: Some(self.browser(event.visitor).to_owned()),
            ip: self.address(event.visitor),
        })))
    }

    /// The shop server's later correction of an order; nothing if the order never came in.
    fn correction(&mut self, event: &Event, ids: &BrandIds, what: (usize, usize, Option<i64>)) -> Option<LogRow> {
        let (goal, order, cents) = what;
        let (brand, pixel_id) = (BRANDS.get(event.brand)?, *ids.pixels.get(goal)?);
        let number = (*self.orders.get(order)?)?;
        let order_id = format!("{}{number}", brand.goals.get(goal)?.orders?);
        let restate = |cents| ConversionChange::Restate { value: Some(money(cents)), currency: None };
        Some(LogRow::Adjustment(Box::new(Adjustment {
            at: event.at,
            received: event.received,
            advertiser_id: ids.advertiser,
            pixel_id: Some(pixel_id),
            of: ConversionName::OrderId(order_id),
            change: cents.map_or(ConversionChange::Retract, restate),
            reason_code: Some(if cents.is_some() { "partial_refund" } else { "returned" }.to_owned()),
            source: SERVER.to_owned(),
        })))
    }

    pub(super) fn rejected(&mut self, event: &Event, id: &str) -> Option<Rejected> {
        let brand = BRANDS.get(event.brand)?;
        let known = id.bytes().all(|byte| byte.is_ascii_digit()) && id != "0";
        Some(Rejected {
            at: event.at,
            method: "GET".to_owned(),
            path: "/px".to_owned(),
            reason: if known { "unknown_pixel" } else { "bad_id" }.to_owned(),
            message: String::new(),
            query: format!("id={id}&t=1"),
            referer: Some(format!("https://{}/landing/old-campaign", brand.site)),
            ip: self.address(event.visitor),
        })
    }

    /// A visitor keeps its browser.
    fn browser(&mut self, visitor: Option<VisitorId>) -> &'static str {
        self.own(BROWSERS, visitor).copied().unwrap_or(SERVER)
    }

    /// A visitor keeps its address. The log keeps no address of visitors that opted out.
    fn address(&mut self, visitor: Option<VisitorId>) -> Option<String> {
        visitor.and_then(|visitor| self.own(ADDRESSES, Some(visitor))).map(|address| (*address).to_owned())
    }

    fn own<'t, T>(&mut self, from: &'t [T], visitor: Option<VisitorId>) -> Option<&'t T> {
        match visitor {
            Some(visitor) => {
                let place = visitor.0.unsigned_abs() % u64::try_from(from.len()).unwrap_or(1);
                from.get(usize::try_from(place).ok()?)
            }
            None => self.random.pick(from),
        }
    }
}

/// The query string that such an exposure comes with.
fn query(exposure: &Exposure, cachebuster: i64) -> String {
    let mut query = format!("id={}", exposure.tracker_id);
    if exposure.kind == ExposureKind::Impression {
        query.push_str("&t=2");
    }
    if let Some(campaign) = exposure.campaign_id {
        query.push_str(&format!("&campaign_id={campaign}"));
    }
    query.push_str(&format!("&cachebuster={cachebuster}"));
    if let Some(ancost) = exposure.ancost {
        query.push_str(&format!("&ancost={ancost}"));
    }
    query
}

/// The brand's segment with this code.
fn segment(brand: &Brand, ids: &BrandIds, code: &str) -> Option<SegmentId> {
    let place = brand.segments.iter().position(|(own, ..)| *own == code)?;
    ids.segments.get(place).copied()
}
