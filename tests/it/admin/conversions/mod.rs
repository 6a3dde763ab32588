//! The list of events on the real application: filters, counts, files, and paging.

mod correct;
mod corrections;
mod filters;
mod paging;

use pixeld::domain::{
    AdvertiserId, ConversionChange, ConversionName, Currency, Fire, Micros, Pixel, SourceId, Warning,
};
use pixeld::store::LogRow;

use super::Seen;
use crate::harness::{Shop, TestApp};
use crate::judge::arrivals::{came, source};
use crate::judge::{HOUR, MIN, adjustment, click, fire, show, view};

const PATH: &str = "/admin/conversions";

/// Events of every outcome, of two advertisers, some of them corrected.
struct World {
    app: TestApp,
    shop: Shop,
    other: AdvertiserId,
    source: SourceId,
}

fn sold(pixel: &Pixel, visitor: i64, after: i64, order: &str, value: i64) -> Fire {
    let mut sale = fire(pixel.id, visitor, after);
    sale.order_id = (!order.is_empty()).then(|| order.to_owned());
    if value > 0 {
        sale.value = Some(Micros(value * 1_000_000));
        sale.currency = Currency::parse("EUR");
    }
    sale
}

fn warned(mut sale: Fire) -> Fire {
    sale.warnings = vec![Warning { parameter: "value".into(), raw: "x".into(), rule: "not_a_plain_decimal".into() }];
    sale
}

fn test(mut sale: Fire) -> Fire {
    sale.flags.test = true;
    sale
}

async fn world() -> World {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let source = source(&app, &shop, ("utm_source", "google")).await;
    let other = app.advertiser("Other").await.id;
    let lead = app.store.create(&app.editor(), Pixel::new(other, "Lead")).await.unwrap();
    for visitor in [1, 5, 6] {
        show(&app.store, click(shop.line_item.id, visitor, -HOUR)).await;
    }
    show(&app.store, view(shop.line_item.id, 2, -HOUR)).await;
    show(&app.store, came(shop.advertiser.id, 4, -HOUR, &[("utm_source", "google"), ("gclid", "EAIa-4")])).await;
    let pixel = &shop.pixel;
    let sales = [
        sold(pixel, 1, MIN, "RC-71935", 49),
        sold(pixel, 2, 2 * MIN, "#Rc 20", 10),
        warned(sold(pixel, 3, 3 * MIN, "", 0)),
        sold(pixel, 1, 4 * MIN, "RC-71935", 49),
        test(sold(pixel, 7, 5 * MIN, "T-1", 5)),
        warned(sold(&lead, 1, 6 * MIN, "rc-71935", 100)),
        sold(pixel, 4, 6 * MIN, "=MF-1", 20),
        sold(pixel, 0, 6 * MIN, "Ü1", 5),
        sold(pixel, 5, 7 * MIN, "C-1", 30),
        sold(pixel, 6, -MIN, "R-1", 80),
        sold(&lead, 8, -2 * MIN, "1002", 3),
    ];
    app.store.append_all(sales.map(|sale| LogRow::Fire(Box::new(sale))).into()).await.unwrap();
    let restate = ConversionChange::Restate { value: Some(Micros(8_000_000)), currency: None };
    for (order, change) in [("C-1", ConversionChange::Retract), ("R-1", restate)] {
        let row = adjustment(shop.advertiser.id, ConversionName::OrderId(order.to_owned()), change);
        app.store.append(LogRow::Adjustment(Box::new(row))).await.unwrap();
    }
    app.wait_minutes(10);
    app.judged().await;
    World { app, shop, other, source }
}

/// The numbers of the events that a page lists, in order.
fn listed(seen: &Seen) -> Vec<i64> {
    let links = seen.body.split(r#"<a class="row" href="/admin/conversions/"#).skip(1);
    links.map(|link| link.split('"').next().unwrap().parse().unwrap()).collect()
}

/// The counts of the tabs: all, credited, not credited, ignored.
fn counts(seen: &Seen) -> Vec<String> {
    let tabs = seen.body.split_once(r#"<nav class="tabs" aria-label="Outcome">"#).map_or("", |(_, rest)| rest);
    let tabs = tabs.split("</nav>").next().unwrap().split("<small>").skip(1);
    tabs.map(|tab| tab.split('<').next().unwrap().to_owned()).collect()
}
