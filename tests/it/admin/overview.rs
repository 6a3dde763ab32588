//! The overview and an advertiser's own, against a log made by hand: scope, comparison, filters, kinds, currencies, zones.

use pixeld::domain::{
    Advertiser, AdvertiserId, ConversionEvent, CostWay, Currency, Day, ImportedCosts, LineItem, LineItemId,
    LineItemPixel, Micros, NewCost, Pixel, Publisher, PublisherId, Role, Status, TriggerType,
};
use pixeld::store::LogRow;

use super::{Browser, Seen};
use crate::harness::TestApp;
use crate::judge::{self, DAY, HOUR, MIN, fire};

const WEEK: &str = "/admin?advertiser_id=all&range=last_7_days&compare=previous";

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

/// A line item with these pixels.
async fn line_item(app: &TestApp, name: &str, pixels: &[&Pixel]) -> LineItem {
    let mut line_item = LineItem::new(pixels[0].advertiser_id, name);
    let with = |pixel: &&Pixel| LineItemPixel {
        pixel_id: pixel.id,
        state: Status::Active,
        post_click_revenue: None,
        post_view_revenue: None,
    };
    line_item.pixels = pixels.iter().map(with).collect();
    app.store.create(&app.editor(), line_item).await.unwrap()
}

async fn pixel(app: &TestApp, advertiser: &Advertiser, name: &str, category: Option<i64>) -> Pixel {
    let mut pixel = Pixel::new(advertiser.id, name);
    pixel.trigger_type = TriggerType::Hybrid;
    pixel.pixel_conversion_event = category.and_then(ConversionEvent::new);
    app.store.create(&app.editor(), pixel).await.unwrap()
}

/// An ad and the conversion that it earned, of a visitor of their own.
struct Sale<'a> {
    line_item: &'a LineItem,
    publisher: i64,
    pixel: &'a Pixel,
    after: i64,
    value: Option<(i64, &'a str)>,
    /// Of the ad, in the line item's currency.
    cost: Option<i64>,
    is_click: bool,
}

impl Sale<'_> {
    fn rows(&self, visitor: i64) -> [LogRow; 2] {
        let before = self.after - 30 * MIN;
        let mut ad = match self.is_click {
            true => judge::click(self.line_item.id, visitor, before),
            false => judge::view(self.line_item.id, visitor, before),
        };
        ad.publisher_id = PublisherId(self.publisher);
        ad.ancost = self.cost.map(|units| Micros(units * Micros::UNIT));
        let mut sale = fire(self.pixel.id, visitor, self.after);
        sale.value = self.value.map(|(units, _)| Micros(units * Micros::UNIT));
        sale.currency = self.value.map(|(_, code)| currency(code));
        [LogRow::Exposure(Box::new(ad)), LogRow::Fire(Box::new(sale))]
    }
}

struct World {
    app: TestApp,
    /// In Kolkata, with pounds.
    other: Advertiser,
}

/// Noon of 1 October. Two advertisers, the one in dollars and UTC.
async fn world() -> World {
    let app = TestApp::start().await;
    let by = app.editor();
    let shop = app.advertiser("ProStarr").await;
    let (sale, lead) = (pixel(&app, &shop, "Sale", Some(7)).await, pixel(&app, &shop, "Sign-up", Some(8)).await);
    let autumn = line_item(&app, "Autumn sale", &[&sale, &lead]).await;
    let feed = line_item(&app, "Feed", &[&sale]).await;
    let mut other = Advertiser::new("Chai & Co");
    (other.timezone, other.default_currency) = ("Asia/Kolkata".to_owned(), currency("GBP"));
    let other = app.store.create(&by, other).await.unwrap();
    let tea = pixel(&app, &other, "Order", Some(7)).await;
    let tea_ads = line_item(&app, "Tea ads", &[&tea]).await;
    for name in ["Daily News", "Portal"] {
        app.store.create(&by, Publisher::new(name)).await.unwrap();
    }
    let of = |line_item, pixel, after, value, cost| Sale {
        line_item,
        publisher: 1,
        pixel,
        after,
        value,
        cost,
        is_click: true,
    };
    let sales = [
        of(&autumn, &sale, -2 * HOUR, Some((100, "USD")), Some(10)),
        Sale { is_click: false, ..of(&autumn, &sale, -2 * DAY, Some((50, "USD")), None) },
        Sale { publisher: 2, ..of(&feed, &sale, -3 * DAY, Some((30, "EUR")), None) },
        of(&autumn, &lead, -HOUR, None, None),
        // Today in Kolkata, yesterday in UTC.
        of(&tea_ads, &tea, -17 * HOUR - 15 * MIN, Some((7, "GBP")), Some(14)),
        // The week before. Its last day is compared up to noon.
        of(&autumn, &sale, -8 * DAY, Some((80, "USD")), Some(20)),
        of(&autumn, &sale, -7 * DAY - HOUR, Some((20, "USD")), None),
        of(&autumn, &sale, -7 * DAY + HOUR, Some((900, "USD")), None),
    ];
    let mut rows: Vec<LogRow> = (1..).zip(&sales).flat_map(|(visitor, sale)| sale.rows(visitor)).collect();
    rows.push(LogRow::Fire(Box::new(fire(sale.id, 99, -DAY))));
    app.store.append_all(rows).await.unwrap();
    app.judged().await;
    World { app, other }
}

fn figures(seen: &Seen) -> Vec<String> {
    seen.texts(r#"class="tile-figure""#)
}

/// The rows of the table with this title: name, conversions, order value and the last columns.
fn table(seen: &Seen, title: &str) -> Vec<Vec<String>> {
    let (_, rest) = seen.body.split_once(&format!(r#"<caption class="unseen">{title}</caption>"#)).expect(title);
    let rows = rest.split("</table>").next().unwrap().split("<tr>").skip(2);
    rows.map(|row| super::elements(row, "td")).collect()
}

#[actix_web::test]
async fn an_overview_shows_one_kind_of_events_against_the_days_before() {
    let World { app, other } = world().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let seen = browser.get(WEEK).await;
    assert_eq!(figures(&seen), ["4", "150.00 USD", "14.00 GBP", "15.00 USD"], "{}", seen.text());
    assert_eq!(
        seen.texts(r#"class="tile-sub""#),
        ["3 click · 1 view", "30.00 EUR · 7.00 GBP", "10.00 USD", "0.50 GBP"],
        "the largest currency is the figure, and none are added up"
    );
    assert_eq!(seen.texts(r#"class="delta"#), ["+2", "+50%", "+200%"], "up to this time of day: {}", seen.text());
    assert!(seen.text().contains("25 Sep – 1 Oct, compared with 18 Sep – 24 Sep"), "{}", seen.text());
    assert!(seen.text().contains("Days in UTC."), "two zones have no common one");
    assert_eq!(seen.column("Previous 7 days"), ["2", "1", "0", "0", "0", "0", "0"], "whole days, by position");
    assert_eq!(seen.column("Credited: click"), ["1", "1", "0", "1", "0", "0", "0"]);
    assert_eq!(seen.body.matches(r#"class="ghost""#).count(), 2);
    assert!(
        seen.has("/admin/conversions?outcome=attributed&#38;range=dates&#38;from=2026-09-28&#38;to=2026-09-28"),
        "{}",
        seen.body
    );
    let by_line_item = table(&seen, "By line item");
    assert_eq!(
        by_line_item,
        [
            ["Autumn sale", "ProStarr", "2", "1 / 1", "150.00 USD", "10.00 USD", "5.00", "15.00"],
            ["Feed", "ProStarr", "1", "1 / 0", "30.00 EUR", "–none", "–none", "–none"],
            ["Tea ads", "Chai & Co", "1", "1 / 0", "7.00 GBP", "14.00 GBP", "14.00", "0.50"],
        ]
        .map(|row| row.map(|cell| cell.replace('&', "&#38;")))
    );
    assert_eq!(
        table(&seen, "By placement"),
        [["Daily News", "3", "+1: 7.00 GBP 150.00 USD", "15.00"], ["Portal", "1", "30.00 EUR", "–none"]]
    );
    assert_eq!(table(&seen, "By source")[0][..2], ["Trackers", "4"]);
    for (change, expected) in [
        ("&line_item_id=1", ["2", "150.00 USD", "10.00 USD", "15.00 USD"]),
        ("&publisher_id=2", ["1", "30.00 EUR", "–", "–"]),
        ("&publisher_id=1&line_item_id=3", ["1", "7.00 GBP", "14.00 GBP", "0.50 GBP"]),
        ("&source_id=0", ["4", "150.00 USD", "14.00 GBP", "15.00 USD"]),
        ("&category=Lead", ["1", "–", "14.00 GBP", "0.00 GBP"]),
        ("&category=all", ["4 purchases", "150.00 USD", "14.00 GBP", "15.00 USD"]),
        ("&category=none", ["0", "–", "14.00 GBP", "0.00 GBP"]),
        ("&advertiser_id=2", ["4", "150.00 USD", "14.00 GBP", "15.00 USD"]),
    ] {
        let seen = browser.get(&format!("{WEEK}{change}")).await;
        assert_eq!(figures(&seen), expected, "{change}: {}", seen.text());
        let chips = seen.texts(r#"class="chip blue""#).len();
        assert_eq!(chips, change.matches("_id=").count() - change.matches("advertiser_id").count(), "{change}");
    }
    let seen = browser.get(&format!("{WEEK}&category=all")).await;
    assert!(seen.texts(r#"class="tile-sub""#)[0].ends_with("· 1 lead"), "{}", seen.text());
    let seen = browser.get(&format!("{WEEK}&uncredited=on")).await;
    assert_eq!(seen.column("Not credited"), ["0", "1", "0", "0", "0", "0", "0"]);
    assert_eq!(browser.get(WEEK).await.column("Not credited"), Vec::<String>::new());
    typed_costs(&app, &browser).await;
    own_overview(&app, &browser, &other).await;
    limited(&app, &other).await;
}

/// Costs of days count beside those that ads reported. What today cost is not known yet, so the last of the days before
/// has none either.
async fn typed_costs(app: &TestApp, browser: &Browser) {
    let cost = |(day, units): (&str, i64)| {
        NewCost::new(Day::parse(day).unwrap(), LineItemId(1), currency("USD"), Micros(units * Micros::UNIT))
    };
    let costs = [("2026-09-29", 40), ("2026-09-24", 1_000), ("2026-09-18", 5)].map(cost).to_vec();
    app.store.import_costs(&app.editor(), ImportedCosts::new(CostWay::Typed, AdvertiserId(1), costs)).await.unwrap();
    let seen = browser.get(WEEK).await;
    assert_eq!(figures(&seen), ["4", "150.00 USD", "50.00 USD", "3.00 USD"], "{}", seen.text());
    assert_eq!(seen.texts(r#"class="delta"#)[2], "+100%");
    assert_eq!(table(&seen, "By line item")[0][5..], ["50.00 USD", "25.00", "3.00"]);
    let seen = browser.get("/admin?advertiser_id=1&from=2026-09-29&to=2026-09-29").await;
    assert_eq!(figures(&seen), ["1", "50.00 USD", "40.00 USD", "1.25 USD"], "a day by its hours: {}", seen.text());
    let seen = browser.get(&format!("{WEEK}&source_id=0")).await;
    assert_eq!(figures(&seen)[2], "14.00 GBP", "they belong to no source");
}

/// An advertiser's page and its scope on the first page have the same figures, in its own zone.
async fn own_overview(app: &TestApp, browser: &Browser, other: &Advertiser) {
    for (range, expected) in [
        // The ad was half an hour before the sale, and so before midnight.
        ("today", ["1", "7.00 GBP", "–", "–"]),
        ("yesterday", ["0", "–", "14.00 GBP", "0.00 GBP"]),
        ("last_7_days", ["1", "7.00 GBP", "14.00 GBP", "0.50 GBP"]),
    ] {
        for page in [
            format!("/admin/advertisers/{}?range={range}", other.id),
            format!("/admin?advertiser_id={}&range={range}", other.id),
        ] {
            let seen = browser.get(&page).await;
            assert_eq!(figures(&seen), expected, "{page}: {}", seen.text());
            assert!(seen.text().contains("Days in Asia/Kolkata."), "{page}");
        }
    }
    // Midnight there lies within days of UTC: the sums by day give back what belongs to the next.
    let seen = browser.get(&format!("/admin/advertisers/{}?range=last_7_days", other.id)).await;
    assert_eq!(seen.column("Credited: click"), ["1", "0", "0", "0", "0", "0", "0"]);
    let empty = app.advertiser("New").await;
    let seen = browser.get(&format!("/admin/advertisers/{}", empty.id)).await;
    assert_eq!((seen.status, figures(&seen).len()), (200, 0), "without a pixel there is nothing to count");
    pixel(app, &empty, "Sale", None).await;
    let seen = browser.get(&format!("/admin/advertisers/{}?range=last_30_days", empty.id)).await;
    assert_eq!(figures(&seen), ["0", "–", "–", "–"], "{}", seen.text());
}

/// A user limited to one advertiser.
async fn limited(app: &TestApp, own: &Advertiser) {
    let browser = Browser::of(app, Role::Viewer, Some(own.id)).await;
    let seen = browser.get("/admin?range=last_7_days").await;
    assert_eq!(figures(&seen), ["1", "7.00 GBP", "14.00 GBP", "0.50 GBP"], "{}", seen.text());
    assert!(!seen.has("ProStarr") && !seen.has("All advertisers"), "{}", seen.body);
    for foreign in ["/admin?advertiser_id=1", "/admin?line_item_id=1"] {
        let seen = browser.get(foreign).await;
        assert_eq!((seen.notes().len(), figures(&seen)[0].as_str()), (1, "1"), "{foreign}: {}", seen.text());
        assert!(!seen.has("ProStarr") && !seen.has("Autumn"), "{foreign}");
    }
    assert_eq!(browser.get("/admin/advertisers/1").await.status, 404);
}

#[actix_web::test]
async fn pages_remember_the_scope_and_say_what_an_address_gets_wrong() {
    let World { app, other } = world().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let label = |seen: &Seen| seen.texts("<summary").into_iter().filter(|text| !text.contains('?')).collect::<Vec<_>>();
    let first = browser.get("/admin").await;
    assert!(label(&first).contains(&"Last 30 days".to_owned()), "{:?}", label(&first));
    assert_eq!(first.headers.get_all("set-cookie").iter().count(), 0, "nothing was chosen");
    browser.get(&format!("/admin?advertiser_id={}&from=2026-09-20&to=2026-09-30&compare=off", other.id)).await;
    let seen = browser.get("/admin").await;
    let labels = label(&seen);
    assert!(
        labels.contains(&"Chai &#38; Co".to_owned()) && labels.contains(&"20 Sep – 30 Sep".to_owned()),
        "{labels:?}"
    );
    assert!(!seen.has(r#"class="ghost""#) && seen.texts(r#"class="delta"#).is_empty());
    // An advertiser's own page keeps the range, and leaves the chosen advertiser alone.
    let seen = browser.get("/admin/advertisers/1").await;
    assert!(label(&seen).contains(&"20 Sep – 30 Sep".to_owned()), "{}", seen.text());
    browser.get("/admin/advertisers/1?range=yesterday").await;
    let labels = label(&browser.get("/admin").await);
    assert!(labels.contains(&"Chai &#38; Co".to_owned()) && labels.contains(&"Yesterday".to_owned()), "{labels:?}");
    browser.get(WEEK).await;
    assert!(label(&browser.get("/admin").await).contains(&"All advertisers".to_owned()));
    for (address, count) in [
        ("", 0),
        ("?range=foo", 1),
        ("?range=dates", 1),
        ("?from=2026-09-30&to=2026-09-01", 1),
        ("?from=2026-10-02", 1),
        ("?from=2026-09-30&to=2026-12-31", 1),
        ("?from=x&compare=x&category=x&advertiser_id=x", 4),
        ("?advertiser_id=99&line_item_id=99&publisher_id=x&source_id=-1", 4),
        ("?advertiser_id=1,2", 1),
        ("?line_item_id=99999999999999999999", 1),
        ("?start=50&nonsense=1", 1),
    ] {
        for page in ["/admin", "/admin/advertisers/1"] {
            let seen = browser.get(&format!("{page}{address}")).await;
            let count = if page == "/admin" { count } else { count - address.matches("advertiser_id").count() };
            assert_eq!((seen.status, seen.notes().len()), (200, count), "{page}{address}: {}", seen.text());
            assert_eq!(figures(&seen).len(), 4, "the rest is shown: {page}{address}");
            assert_eq!(
                seen.headers.get_all("set-cookie").iter().count(),
                usize::from(address.contains("12-31") && page == "/admin"),
                "{page}{address}"
            );
        }
        browser.get(WEEK).await;
    }
    let seen = browser.get("/admin?range=%3Cscript%3E").await;
    assert!(!seen.has("<script>") && seen.notes().len() == 1, "{}", seen.body);
}
