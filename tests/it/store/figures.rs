//! Figures of a range of days by every kind of object, against a log made by hand.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use pixeld::domain::{
    Advertiser, CampaignId, ConversionChange, ConversionEvent, ConversionName, Currency, Days, Exposure, Fire,
    LineItem, LineItemPixel, Micros, Millis, Pixel, PublisherId, Status, TrackerId, TriggerType,
};
use pixeld::store::{Counting, Figures, FiguresOf, FiguresQuery, FiguresRow, LogRow};

use crate::harness::{Shop, TestApp};
use crate::judge::{DAY, HOUR, adjustment, click, convert, fire, show, view};

/// A shop in dollars with a campaign, and one in euro, with ads on the same placement. The log reaches over three days.
pub struct Log {
    pub app: TestApp,
    pub dollars: Shop,
    pub euro: (Advertiser, Pixel, LineItem),
}

pub async fn log() -> Log {
    let app = TestApp::start().await;
    let purchase = ConversionEvent::new(7);
    let dollars = app
        .shop_with(|pixel| {
            pixel.min_minutes_per_conv = Some(0);
            pixel.post_click_value = Some(Micros(2_000_000));
            pixel.pixel_conversion_event = purchase;
        })
        .await;
    let by = app.editor();
    let mut advertiser = Advertiser::new("Alpenrad");
    advertiser.default_currency = Currency::parse("EUR").unwrap();
    let advertiser = app.store.create(&by, advertiser).await.unwrap();
    let mut pixel = Pixel::new(advertiser.id, "Kauf");
    pixel.trigger_type = TriggerType::Hybrid;
    let pixel = app.store.create(&by, pixel).await.unwrap();
    let mut line_item = LineItem::new(advertiser.id, "Herbst");
    line_item.currency = Currency::parse("EUR");
    line_item.pixels = vec![LineItemPixel {
        pixel_id: pixel.id,
        state: Status::Active,
        post_click_revenue: None,
        post_view_revenue: None,
    }];
    let line_item = app.store.create(&by, line_item).await.unwrap();
    let log = Log { app, dollars, euro: (advertiser, pixel, line_item) };
    log.fill().await;
    log
}

impl Log {
    async fn fill(&self) {
        let (store, shop) = (&self.app.store, &self.dollars);
        let ad = |exposure: Exposure, tracker: TrackerId, cost: Option<i64>| Exposure {
            tracker_id: tracker,
            publisher_id: shop.publisher.id,
            campaign_id: Some(CampaignId(5)),
            ancost: cost.map(Micros),
            ..exposure
        };
        let id = shop.line_item.id;
        // The noon before, at noon, and on the two days after it.
        for (visitor, after) in [(1, -DAY), (2, 0), (3, DAY), (4, 2 * DAY)] {
            show(store, ad(view(id, visitor, after), shop.impression.id, Some(500_000))).await;
        }
        show(store, ad(click(id, 2, HOUR), shop.click.id, None)).await;
        let euro =
            Exposure { tracker_id: TrackerId::NONE, publisher_id: shop.publisher.id, ..click(self.euro.2.id, 8, 0) };
        show(store, euro).await;
        let sale = |visitor: i64, after: i64, order: &str, value: i64, currency: &str| Fire {
            order_id: Some(order.to_owned()),
            value: Some(Micros(value * 1_000_000)),
            currency: Currency::parse(currency),
            ..fire(shop.pixel.id, visitor, after)
        };
        convert(&self.app, sale(1, -DAY + HOUR, "A0", 10, "USD")).await;
        convert(&self.app, sale(2, 2 * HOUR, "A1", 20, "USD")).await;
        convert(&self.app, sale(2, 3 * HOUR, "A2", 30, "GBP")).await;
        convert(&self.app, sale(2, 4 * HOUR, "A3", 40, "")).await;
        let taken_back = convert(&self.app, sale(3, DAY + HOUR, "A4", 50, "USD")).await;
        convert(&self.app, sale(99, 5 * HOUR, "A5", 60, "USD")).await;
        let of = ConversionName::OrderId("A4".to_owned());
        let change = adjustment(taken_back.advertiser_id, of, ConversionChange::Retract);
        store.append(LogRow::Adjustment(Box::new(change))).await.unwrap();
        let kauf = Fire { value: Some(Micros(7_000_000)), ..fire(self.euro.1.id, 8, HOUR) };
        convert(&self.app, kauf).await;
        self.app.judged().await;
    }

    /// What these days show, one line for each object and currency.
    async fn shows(&self, of: FiguresOf, change: impl FnOnce(&mut FiguresQuery)) -> String {
        let begins = days("UTC", date(2026, 10, 1), date(2026, 10, 3));
        let mut query = FiguresQuery { by: vec![of], begins, ..FiguresQuery::default() };
        change(&mut query);
        let whole = FiguresQuery { by: Vec::new(), ..query.clone() };
        // The same in spans of thirteen hours, and late from a quarter past ten of the second day on.
        let mut parts = FiguresQuery { until: Some(query.begins[0].plus(34 * HOUR + HOUR / 4)), ..query.clone() };
        let end = parts.begins.pop().unwrap();
        while let Some(next) = parts.begins.last().map(|at| at.plus(13 * HOUR)).filter(|at| *at < end) {
            parts.begins.push(next);
        }
        parts.begins.push(end);
        let rows = sums(&self.rows(query).await, of);
        assert_eq!(rows, sums(&self.rows(parts).await, of), "the spans of any length add up to the same");
        let mut all: BTreeMap<String, Figures> = BTreeMap::new();
        for ((_, currency), figures) in &rows {
            all.entry(currency.clone()).or_default().add(figures);
        }
        let whole = sums(&self.rows(whole).await, of);
        let whole: BTreeMap<_, _> = whole.into_iter().map(|((_, currency), figures)| (currency, figures)).collect();
        assert_eq!(all, whole, "the objects of any kind add up to all");
        let mut lines = String::new();
        for ((id, currency), of) in rows {
            let counts = format!("{} {} {} {}", of.imps, of.clicks, of.post_click, of.post_view);
            writeln!(lines, "{id} {currency} {counts} {} {} {} {}", of.value, of.payout, of.cost, of.costs).unwrap();
        }
        lines
    }

    async fn rows(&self, query: FiguresQuery) -> Vec<FiguresRow> {
        self.app.store.figures(&self.app.reader(), query).await.unwrap()
    }
}

/// By object and currency.
fn sums(rows: &[FiguresRow], of: FiguresOf) -> BTreeMap<(i64, String), Figures> {
    let mut sums: BTreeMap<(i64, String), Figures> = BTreeMap::new();
    for row in rows {
        let key = (row.key.id(of).unwrap_or(-1), row.currency.to_string());
        sums.entry(key).or_default().add(&row.figures);
    }
    sums
}

fn days(zone: &str, first: Date, last: Date) -> Vec<Millis> {
    let (from, to) = Days { first, last, zone: TimeZone::get(zone).unwrap() }.between().unwrap();
    vec![from, to]
}

/// An object's id, currency, views, clicks, conversions by click and by view, order value, payout, cost, known costs.
#[actix_web::test]
async fn every_kind_of_object_has_its_figures() {
    let log = log().await;
    let (usd, eur) = (log.dollars.advertiser.id.0, log.euro.0.id.0);
    let both = |usd: i64, eur: i64| {
        let dollars = format!("{usd} GBP 0 0 0 0 30 0 0 0\n{usd} USD 3 1 3 0 60 6 1.5 3\n");
        let euro = format!("{eur} EUR 0 1 1 0 7 0 0 0\n");
        if usd < eur { dollars + &euro } else { euro + &dollars }
    };
    assert_eq!(log.shows(FiguresOf::Advertiser, |_| ()).await, both(usd, eur));
    assert_eq!(log.shows(FiguresOf::LineItem, |_| ()).await, both(log.dollars.line_item.id.0, log.euro.2.id.0));
    assert_eq!(log.shows(FiguresOf::Campaign, |_| ()).await, both(5, 0));
    assert_eq!(
        log.shows(FiguresOf::Source, |_| ()).await,
        "0 EUR 0 1 1 0 7 0 0 0\n0 GBP 0 0 0 0 30 0 0 0\n0 USD 3 1 3 0 60 6 1.5 3\n"
    );
    let place = log.dollars.publisher.id.0;
    let all = format!("{place} EUR 0 1 1 0 7 0 0 0\n{place} GBP 0 0 0 0 30 0 0 0\n{place} USD 3 1 3 0 60 6 1.5 3\n");
    assert_eq!(log.shows(FiguresOf::Publisher, |_| ()).await, all);
    let (imp, clk) = (log.dollars.impression.id.0, log.dollars.click.id.0);
    let trackers = format!(
        "0 EUR 0 1 1 0 7 0 0 0\n{imp} USD 3 0 0 0 0 0 1.5 3\n{clk} GBP 0 0 0 0 30 0 0 0\n{clk} USD 0 1 3 0 60 6 0 0\n"
    );
    assert_eq!(log.shows(FiguresOf::Tracker, |_| ()).await, trackers);
    let (p, q) = (log.dollars.pixel.id.0, log.euro.1.id.0);
    let pixels = format!(
        "0 EUR 0 1 0 0 0 0 0 0\n0 USD 3 1 0 0 0 0 1.5 3\n{p} GBP 0 0 0 0 30 0 0 0\n{p} USD 0 0 3 0 60 6 0 0\n{q} EUR 0 0 1 0 7 0 0 0\n"
    );
    assert_eq!(log.shows(FiguresOf::Pixel, |_| ()).await, pixels);
}

#[actix_web::test]
async fn figures_are_of_the_range_the_advertiser_and_the_category() {
    let log = log().await;
    let (usd, eur) = (log.dollars.advertiser.id, log.euro.0.id);
    let at = |zone: &str, first, last| {
        let begins = days(zone, first, last);
        move |query: &mut FiguresQuery| query.begins = begins
    };
    let (day_before, day) = (date(2026, 9, 30), date(2026, 10, 1));
    let of = FiguresOf::Advertiser;
    let id = usd.0;
    assert_eq!(log.shows(of, at("UTC", day_before, day_before)).await, format!("{id} USD 1 0 0 1 10 0 0.5 1\n"));
    // Noon in UTC is the next day's 01:00 or 02:00 there: the day before and the day itself both move.
    let moved = log.shows(of, at("Pacific/Kiritimati", day, day)).await;
    assert_eq!(moved, format!("{id} USD 1 0 0 1 10 0 0.5 1\n"), "a zone 14 hours ahead");
    let half = log.shows(of, at("Asia/Kathmandu", date(2026, 10, 3), date(2026, 10, 3))).await;
    assert_eq!(half, format!("{id} USD 1 0 0 0 0 0 0.5 1\n"), "a zone with a quarter hour");
    let year = log.shows(of, at("America/New_York", date(2026, 1, 1), date(2026, 12, 31))).await;
    assert!(year.contains(&format!("{id} USD 4 1 3 1 70 6 2 4\n")), "{year}");

    let one = log.shows(of, |query| query.advertiser = Some(eur)).await;
    assert_eq!(one, format!("{} EUR 0 1 1 0 7 0 0 0\n", eur.0));
    // Views, clicks and cost belong to no category.
    let purchases = log.shows(of, |query| query.counting = Counting::Of(ConversionEvent::new(7).unwrap())).await;
    assert!(purchases.contains(&format!("{id} USD 3 1 3 0 60 6 1.5 3\n")), "{purchases}");
    assert!(purchases.contains(&format!("{} EUR 0 1 0 0 0 0 0 0\n", eur.0)), "{purchases}");
    let without = log.shows(of, |query| query.counting = Counting::Without).await;
    assert!(without.contains(&format!("{id} USD 3 1 0 0 0 0 1.5 3\n")), "{without}");
    assert!(without.contains(&format!("{} EUR 0 1 1 0 7 0 0 0\n", eur.0)), "{without}");
    let clicks = log.shows(of, |query| query.only = vec![(FiguresOf::Tracker, log.dollars.click.id.0)]).await;
    assert_eq!(clicks, format!("{id} GBP 0 0 0 0 30 0 0 0\n{id} USD 0 1 3 0 60 6 0 0\n"));
    let pixel = log.shows(of, |query| query.only = vec![(FiguresOf::Pixel, log.euro.1.id.0)]).await;
    assert_eq!(pixel, format!("{} EUR 0 0 1 0 7 0 0 0\n", eur.0));
    let nowhere = log.shows(of, |query| query.only = vec![(FiguresOf::Publisher, PublisherId(77).0)]).await;
    assert_eq!(nowhere, "");
    assert_eq!(log.app.store.verify(&log.app.reader()).await.unwrap().faults, []);
}
