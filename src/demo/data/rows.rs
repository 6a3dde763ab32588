//! Dresses the planned events as log rows: query strings, pages, user agents, order numbers. They look as if `collect`
//! had taken them; nothing here decides what becomes of them.

use super::brands::{BRANDS, PUBLISHERS};
use super::found::{Founded, World};
use super::journeys::{Event, Load, Plan, What, money};
use super::random::Random;
use crate::domain::{
    Exposure, ExposureKind, Fire, FireDetails, Micros, Millis, Rejected, Seq, TagKind, VisitorId, Warning,
};
use crate::store::LogRow;

/// What browsers call themselves, the common ones oftener.
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
pub(super) struct Dresser<'a> {
    world: &'a World,
    random: Random,
    /// Where each exposure stands, once it is logged.
    exposures: Vec<Option<(Seq, Millis)>>,
    /// Each order's number, once it is placed.
    orders: Vec<Option<u32>>,
    next_order: u32,
}

impl<'a> Dresser<'a> {
    pub(super) fn new(world: &'a World, plan: &Plan, random: Random) -> Self {
        let (exposures, orders) = (vec![None; plan.exposures], vec![None; plan.orders]);
        Dresser { world, random, exposures, orders, next_order: 48_211 }
    }

    /// The row of an event that will stand at `seq`.
    pub(super) fn row(&mut self, event: &Event, seq: Seq) -> Option<LogRow> {
        let founded = self.world.brands.get(event.brand)?;
        match event.what {
            What::View { number, place } => self.exposure(event, founded, seq, number, place, None),
            What::Click { number, place, of } => self.exposure(event, founded, seq, number, place, Some(of)),
            What::Fire(load) => self.fire(event, founded, &load),
            What::Rejected { id } => self.rejected(event, id),
        }
    }

    /// An impression, or a click with the number of its impression.
    fn exposure(
        &mut self,
        event: &Event,
        founded: &Founded,
        seq: Seq,
        number: usize,
        place: usize,
        click: Option<Option<usize>>,
    ) -> Option<LogRow> {
        let (spot, described) = (founded.places.get(place)?, BRANDS.get(event.brand)?.places.get(place)?);
        *self.exposures.get_mut(number)? = Some((seq, event.at));
        let campaign = self.random.pick(&spot.campaigns).copied();
        let costs = click.is_none() || !described.reports_views();
        // Prices are bid: they differ from one impression to the next.
        let ancost = costs.then(|| Micros(described.cost * self.random.between(60, 150) / 100));
        let tracker_id = if click.is_some() { spot.click } else { spot.view? };
        let mut query = format!("id={tracker_id}");
        if click.is_none() {
            query.push_str("&t=2");
        }
        if let Some(campaign) = campaign {
            query.push_str(&format!("&campaign_id={campaign}"));
        }
        query.push_str(&format!("&cachebuster={}", self.random.between(100_000_000, 999_999_999)));
        if let Some(ancost) = ancost {
            query.push_str(&format!("&ancost={ancost}"));
        }
        let outlet = PUBLISHERS.get(described.publisher)?;
        let page = self.random.pick(outlet.pages).copied().unwrap_or("/");
        Some(LogRow::Exposure(Box::new(Exposure {
            seq: Seq(0),
            at: event.at,
            kind: if click.is_some() { ExposureKind::Click } else { ExposureKind::Impression },
            tracker_id,
            line_item_id: spot.line_item,
            publisher_id: spot.publisher,
            campaign_id: campaign,
            creative_id: None,
            visitor_id: event.visitor,
            flags: event.flags,
            ancost,
            impression: click.flatten().and_then(|of| *self.exposures.get(of)?),
            warnings: Vec::new(),
            query,
            referer: Some(format!("https://{}{page}", outlet.site)),
            user_agent: Some(if event.flags.bot { BOT } else { self.browser(event.visitor) }.to_owned()),
            ip: self.address(event.visitor),
        })))
    }

    fn fire(&mut self, event: &Event, founded: &Founded, load: &Load) -> Option<LogRow> {
        let brand = BRANDS.get(event.brand)?;
        let (goal, pixel_id) = (brand.goals.get(load.goal)?, *founded.pixels.get(load.goal)?);
        let number = *self.orders.get_mut(load.order)?.get_or_insert_with(|| {
            self.next_order += 1;
            self.next_order
        });
        let order_id = goal.orders.map(|prefix| format!("{prefix}{number}"));
        let event_id = load.event_id.then(|| format!("{}-{number:x}", goal.code));
        let tag = if load.by_server { TagKind::Postback } else { TagKind::Script };
        let mut query = format!("id={pixel_id}");
        if let Some(order_id) = &order_id {
            query.push_str(&format!("&order_id={order_id}"));
        }
        let mut value = None;
        let mut warnings = Vec::new();
        if let Some((cents, comma)) = load.value {
            let amount = money(cents);
            let mut text = amount.to_money();
            if comma {
                text = text.replace('.', ",");
                let (parameter, rule) = ("value".to_owned(), "not_a_plain_decimal".to_owned());
                warnings.push(Warning { parameter, raw: text.clone(), rule });
            } else {
                value = Some(amount);
            }
            query.push_str(&format!("&value={text}"));
        }
        if let Some(event_id) = &event_id {
            query.push_str(&format!("&event_id={event_id}"));
        }
        query.push_str(if load.by_server { "" } else { "&t=1" });
        if event.flags.test {
            query.push_str("&test=1");
        }
        let page = match &order_id {
            Some(order_id) => format!("https://{}{}?order={order_id}", brand.site, goal.page),
            None => format!("https://{}{}", brand.site, goal.page),
        };
        let agent = match (load.by_server, event.flags.bot) {
            (true, _) => SERVER,
            (false, true) => BOT,
            (false, false) => self.browser(event.visitor),
        };
        let exposure = load.token.and_then(|number| *self.exposures.get(number)?);
        Some(LogRow::Fire(Box::new(Fire {
            seq: Seq(0),
            at: event.at,
            received: event.received,
            pixel_id,
            // A token stands in for the visitor, whom the shop's server does not know.
            visitor_id: event.visitor.filter(|_| exposure.is_none()),
            flags: event.flags,
            tag,
            order_id,
            value,
            currency: Some(founded.currency),
            other: None,
            event_id,
            exposure: exposure.map(|(seq, _)| seq),
            details: FireDetails::default(),
            warnings,
            query,
            referer: (!load.by_server).then_some(page),
            user_agent: Some(agent.to_owned()),
            ip: self.address(event.visitor.filter(|_| !load.by_server)),
        })))
    }

    fn rejected(&mut self, event: &Event, id: &str) -> Option<LogRow> {
        let brand = BRANDS.get(event.brand)?;
        let known = id.bytes().all(|byte| byte.is_ascii_digit()) && id != "0";
        Some(LogRow::Rejected(Box::new(Rejected {
            at: event.at,
            path: "/px".to_owned(),
            reason: if known { "unknown_pixel" } else { "bad_id" }.to_owned(),
            query: format!("id={id}&t=1"),
            referer: Some(format!("https://{}/landing/old-campaign", brand.site)),
            ip: self.address(event.visitor),
        })))
    }

    /// A visitor keeps its browser.
    fn browser(&mut self, visitor: Option<VisitorId>) -> &'static str {
        self.own(BROWSERS, visitor).copied().unwrap_or(SERVER)
    }

    /// And its address; of those who opted out none is kept.
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
