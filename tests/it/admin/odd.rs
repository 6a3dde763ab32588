//! Odd addresses: each page says which value is wrong and what it shows instead, and shows the rest with status 200.

use std::collections::BTreeMap;

use pixeld::domain::{
    Campaign, ConversionChange, ConversionName, Pixel, Publisher, Role, Segment, Source, SourceMatch,
};
use pixeld::store::LogRow;

use super::Browser;
use crate::harness::TestApp;
use crate::judge::adjustment;

/// Every page that can be asked for without an object, and pages of objects.
const PAGES: [&str; 39] = [
    "/admin",
    "/admin/account",
    "/admin/adjustments",
    "/admin/advertisers",
    "/admin/advertisers/1",
    "/admin/audit",
    "/admin/bin",
    "/admin/campaigns",
    "/admin/campaigns/1",
    "/admin/conversions",
    "/admin/conversions/6",
    "/admin/costs",
    "/admin/costs/imports",
    "/admin/export",
    "/admin/help",
    "/admin/help/changelog",
    "/admin/line-items",
    "/admin/line-items/1",
    "/admin/live",
    "/admin/live?test=on&pixel=1",
    "/admin/pixels",
    "/admin/pixels/1",
    "/admin/publishers",
    "/admin/publishers/1",
    "/admin/reports",
    "/admin/reports?type=pixel_outcomes",
    "/admin/search",
    "/admin/segments",
    "/admin/segments/1",
    "/admin/settings",
    "/admin/sources",
    "/admin/sources/1",
    "/admin/tokens",
    "/admin/trackers",
    "/admin/trackers/1",
    "/admin/users",
    "/admin/users/1/sessions",
    "/admin/visitors",
    "/admin/visitors/7",
];

/// Addresses with what they say, and something of the rest.
const ODD: [(&str, &str, &str); 86] = [
    // A value that is none of those that there are.
    ("/admin?range=foo", "“foo” is no range. A range is one of today,", "Overview"),
    ("/admin?compare=foo", "“foo” is no comparison.", "Overview"),
    ("/admin?category=foo", "“foo” is no category of events.", "Overview"),
    ("/admin?uncredited=foo", "“uncredited=foo” is left out: choose on.", "Overview"),
    ("/admin/adjustments?effect=foo", "“effect=foo” is left out: choose yes or no.", "Order NONE"),
    ("/admin/audit?action=eaten", "“eaten” is no change. All are shown.", "Autumn sale"),
    ("/admin/audit?object_type=planet", "“planet” is no object. All are shown.", "Autumn sale"),
    ("/admin/audit?user_name=nemo", "“nemo” is no author. All are shown.", "Autumn sale"),
    ("/admin/conversions?outcome=foo", "“outcome=foo” is left out: choose attributed,", "A-1"),
    ("/admin/conversions?reason=foo", "“reason=foo” is left out: choose post_click,", "A-1"),
    ("/admin/conversions?retracted=maybe", "“retracted=maybe” is left out: choose true or false.", "A-1"),
    ("/admin/conversions?warning=1", "“warning=1” is left out: choose yes or no.", "A-1"),
    ("/admin/conversions?visitor=zz", "“visitor=zz” is left out: write a visitor ID", "A-1"),
    ("/admin/conversions?order=%23", "“order=#” is left out: write an order ID.", "A-1"),
    ("/admin/conversions?value_from=cheap", "“value_from=cheap” is left out: write an amount", "A-1"),
    ("/admin/conversions?value_from=9&value_to=1", "Swap the two amounts.", "Events"),
    ("/admin/conversions?rows=5000", "“rows=5000” is left out: choose 50, 100 or 200.", "A-1"),
    ("/admin/export?id=1&for=mars", "There is no target “mars”. The page shows the usual one.", "Purchase"),
    ("/admin/export?id=1&kind=balloon", "There is no kind of tag “balloon”.", "Purchase"),
    ("/admin/export?id=1&param=colour", "There is no parameter “colour”. The tags leave it out.", "Purchase"),
    ("/admin/line-items?state=foo", "“foo” is no status. All are shown.", "Autumn sale"),
    ("/admin/line-items?sort=foo", "The list cannot be sorted by “foo”. The usual order is shown.", "Autumn sale"),
    ("/admin/line-items?size=51", "“51” is no number of rows. Choose one of 25, 50,", "Autumn sale"),
    ("/admin/line-items?columns=foo", "“foo” is no set of columns. The sets are media_buyer,", "Autumn sale"),
    ("/admin/line-items?column=foo", "“foo” is no column of this list. The others are shown.", "Autumn sale"),
    ("/admin/live?kind=foo", "“kind=foo” is left out: choose fire,", "A-1"),
    ("/admin/pixels?status=foo", "“foo” is no status. All are shown.", "Purchase"),
    ("/admin/pixels?sort=foo", "The list cannot be sorted by “foo”. The usual order is shown.", "Purchase"),
    ("/admin/pixels?size=x", "“x” is no number of rows.", "Purchase"),
    ("/admin/reports?type=odd", "There is no report “odd”. Choose one of these.", "Performance"),
    (
        "/admin/reports?type=pixel_outcomes&sort=gone.desc",
        "no column “gone” to sort by. It has its usual order.",
        "Outcomes by pixel",
    ),
    ("/admin/reports?type=pixel_outcomes&chart=gone", "The chart cannot show “gone”.", "Outcomes by pixel"),
    ("/admin/reports?type=advertiser_analytics&currency=xx", "“xx” is not a code such as EUR.", "Performance"),
    ("/admin/reports?type=pixel_outcomes&currency=EUR", "This page does not know “currency=EUR”.", "Outcomes by pixel"),
    ("/admin/search?q=autumn&kind=planets", "There is no kind “planets”. The page shows all kinds.", "Autumn sale"),
    ("/admin/segments?state=foo", "“foo” is no status. All are shown.", "Buyers"),
    ("/admin/segments?sort=short_name.up", "The list cannot be sorted by “short_name.up”.", "Buyers"),
    ("/admin/tokens?role=king", "“king” is no role. All are shown.", "Shop script"),
    ("/admin/trackers?kind=foo", "“foo” is no type. All are shown.", "Banner"),
    ("/admin/trackers/1?range=foo", "“foo” is no range.", "Banner"),
    ("/admin/users?role=king", "“king” is no role. All are shown.", "admin"),
    // An object that was deleted, or never was.
    ("/admin?advertiser_id=99", "There is no advertiser 99. All are shown.", "Overview"),
    ("/admin?advertiser_id=x", "There is no advertiser “x”. All are shown.", "Overview"),
    ("/admin?advertiser_id=1,2", "A page shows one advertiser or all", "Overview"),
    ("/admin?line_item_id=99", "There is no line item 99. The figures are not filtered by it.", "Overview"),
    ("/admin?publisher_id=x", "There is no placement “x”.", "Overview"),
    ("/admin?source_id=-1", "There is no source “-1”.", "Overview"),
    ("/admin/advertisers/1?line_item_id=99", "There is no line item 99.", "ProStarr"),
    ("/admin/audit?object_id=abc", "“abc” is no ID. All are shown.", "Autumn sale"),
    ("/admin/campaigns?line_item_id=99", "There is no line item 99. All are shown.", "Spring"),
    ("/admin/conversions?pixel=99", "There is no pixel 99. If it was deleted, its events are shown.", "Events"),
    ("/admin/conversions?pixel=abc", "“pixel=abc” is left out: a pixel is named by its ID", "A-1"),
    ("/admin/conversions?line_item=-1", "“line_item=-1” is left out", "A-1"),
    ("/admin/conversions?placement=x", "“placement=x” is left out", "A-1"),
    ("/admin/conversions?source=99", "There is no source 99.", "Events"),
    ("/admin/costs?advertiser_id=99", "There is no advertiser 99. All are shown.", "Costs"),
    ("/admin/export?id=99", "There is no pixel 99. Perhaps someone deleted it.", "Export tags"),
    ("/admin/export?id=1,x", "There is no pixel “x”.", "Purchase"),
    ("/admin/export?id=1&segments=77", "There is no segment 77. The tags leave it out.", "Purchase"),
    ("/admin/live?pixel=99", "There is no pixel 99. If it was deleted, its events are shown.", "Live events"),
    ("/admin/live?pixel=abc", "“pixel=abc” is left out", "A-1"),
    ("/admin/live?test=on&tracker=99", "There is no tracker 99. Choose a pixel to test.", "Live events"),
    ("/admin/reports?type=pixel_outcomes&pixel_id=99", "no ID 99. If it was deleted,", "Outcomes by pixel"),
    ("/admin/segments?advertiser_id=99", "There is no advertiser 99. All are shown.", "Buyers"),
    ("/admin/sources?advertiser_id=99", "There is no advertiser 99. All are shown.", "Google"),
    ("/admin/trackers?line_item_id=99", "There is no line item 99. All are shown.", "Banner"),
    ("/admin/trackers?publisher_id=2", "There is no placement 2. All are shown.", "Banner"),
    ("/admin/users?advertiser_id=99", "There is no advertiser 99. All are shown.", "admin"),
    // A wrong day, and days in the wrong order.
    ("/admin?from=soon", "From “soon” is no day. A day is written as", "Overview"),
    (
        "/admin?from=2026-09-09&to=2026-09-01",
        "From 2026-09-09 is after to 2026-09-01. The last 30 days are shown.",
        "Overview",
    ),
    ("/admin/conversions?from=2026-02-30", "From “2026-02-30” is no day.", "A-1"),
    ("/admin/conversions?from=2026-09-09&to=2026-09-01", "is after to 2026-09-01.", "A-1"),
    ("/admin/costs?from=soon", "From “soon” is no day.", "Costs"),
    ("/admin/costs?from=2026-09-09&to=2026-09-01", "From 2026-09-09 is after to 2026-09-01.", "Costs"),
    ("/admin/line-items/1?from=2026-13-01", "From “2026-13-01” is no day.", "Autumn sale"),
    ("/admin/sources?from=2027-01-01", "2027-01-01 is still to come.", "Google"),
    // A page beyond the last one, or none.
    ("/admin/adjustments?start=99999", "There is no row “99999”. The last page is shown.", "Order NONE"),
    ("/admin/adjustments?start=x", "“x” is no number of a row. The first page is shown.", "Order NONE"),
    ("/admin/audit?start=99999", "There is no row “99999”. The last page is shown.", "ProStarr"),
    ("/admin/conversions?before=yesterday", "“before=yesterday” is left out", "A-1"),
    ("/admin/costs?start=50", "There is no row “50”. The last page is shown.", "Costs"),
    ("/admin/costs/imports?start=-1", "“-1” is no number of a row.", "Imports"),
    ("/admin/pixels?start=99999", "There is no row “99999”. The last page is shown.", "Purchase"),
    ("/admin/segments?start=99999", "There is no row “99999”. The last page is shown.", "Buyers"),
    ("/admin/tokens?start=99999", "There is no row “99999”. The last page is shown.", "Shop script"),
    ("/admin/users?start=50", "There is no row “50”. The last page is shown.", "admin"),
];

async fn world() -> TestApp {
    let app = TestApp::start().await;
    let (shop, by) = (app.shop().await, app.editor());
    let owner = shop.advertiser.id;
    app.store.create(&by, Campaign::new(owner, shop.line_item.id, "Spring")).await.unwrap();
    app.store.create(&by, Segment { advertiser_id: Some(owner), ..Segment::new("Buyers") }).await.unwrap();
    let condition = SourceMatch::of(vec![("click_id".to_owned(), vec!["gclid".to_owned()])]).unwrap();
    app.store.create(&by, Source { condition, ..Source::new(owner, shop.line_item.id, "Google") }).await.unwrap();
    // Deleted, and of another advertiser.
    let gone = app.store.create(&by, Publisher::new("Gone")).await.unwrap();
    app.store.delete::<Publisher>(&by, gone.id.0).await.unwrap();
    let other = app.advertiser("Rival").await.id;
    app.store.create(&by, Pixel::new(other, "Secret")).await.unwrap();
    assert_eq!(app.get("/px?id=1&order_id=A-1&value=5&currency=EUR", &[]).await.status(), 200);
    let missing = ConversionName::OrderId("NONE".to_owned());
    let row = adjustment(owner, missing, ConversionChange::Retract);
    app.store.append(LogRow::Adjustment(Box::new(row))).await.unwrap();
    app.judged().await;
    app
}

/// The links of a page with parameters.
fn own_links(body: &str) -> Vec<String> {
    let body = body.replace("&#38;", "&").replace("&amp;", "&");
    let links = body.split("href=\"/admin").skip(1).map(|rest| rest.split(['"', '#']).next().unwrap_or_default());
    links.filter(|link| link.contains('?')).map(|link| format!("/admin{link}")).collect()
}

/// The path and the names of the parameters.
fn kind_of(link: &str) -> String {
    let (path, query) = link.split_once('?').unwrap();
    let names = query.split('&').map(|pair| pair.split('=').next().unwrap());
    format!("{path}?{}", names.collect::<Vec<_>>().join("&"))
}

async fn admin(app: &TestApp) -> Browser {
    let browser = Browser::of(app, Role::Admin, None).await;
    let token = [("name", "Shop script"), ("role", "collector"), ("advertiser_id", "")];
    browser.submit("/admin/tokens/new", &token).await;
    browser
}

#[actix_web::test]
async fn every_page_names_what_it_does_not_know() {
    let app = world().await;
    let browser = admin(&app).await;
    let mut links = BTreeMap::new();
    for page in PAGES {
        let plain = browser.get(page).await;
        links.extend(own_links(&plain.body).into_iter().map(|link| (kind_of(&link), link)));
        assert_eq!((plain.status, plain.notes()), (200, Vec::new()), "{page}: {}", plain.text());
        let join = if page.contains('?') { '&' } else { '?' };
        let long = "x".repeat(3_000);
        let seen = browser.get(&format!("{page}{join}colour={long}&empty=&%3Cb%3E=1&%3Cb%3E=2")).await;
        let said = format!("This page does not know “colour={}…”, “<b>=1”. They are left out.", "x".repeat(40));
        assert_eq!((seen.status, seen.notes()), (200, vec![said]), "{page}");
        assert_eq!(seen.texts("<h1"), plain.texts("<h1"), "{page}");
    }
    // Pages know what they link to. A report runs, so it is left out.
    assert!(links.len() > 40, "{links:?}");
    for link in links.values().filter(|link| !link.starts_with("/admin/reports")) {
        assert_eq!(browser.get(link).await.notes(), Vec::<String>::new(), "{link}");
    }
}

#[actix_web::test]
async fn an_odd_value_is_named_and_the_rest_is_shown() {
    let app = world().await;
    let browser = admin(&app).await;
    for (address, said, rest) in ODD {
        let seen = browser.get(address).await;
        let notes = seen.notes();
        assert_eq!(seen.status, 200, "{address}: {}", seen.text());
        assert!(notes.iter().any(|note| note.contains(said)), "{address} says {said}: {notes:?}");
        assert!(notes.len() == 1, "{address} says it once: {notes:?}");
        assert!(seen.text().contains(rest), "{address} shows {rest}: {}", seen.text());
    }
}

#[actix_web::test]
async fn a_limited_user_learns_nothing_of_other_advertisers() {
    let app = world().await;
    let browser = Browser::of(&app, Role::Viewer, Some(pixeld::domain::AdvertiserId(1))).await;
    // The second advertiser and its pixel are there, and the 99th are not.
    for address in [
        "/admin?advertiser_id=ID",
        "/admin/conversions?pixel=ID",
        "/admin/conversions?advertiser_id=ID",
        "/admin/costs?advertiser_id=ID",
        "/admin/export?id=ID",
        "/admin/line-items?advertiser_id=ID",
        "/admin/live?pixel=ID",
        "/admin/reports?type=pixel_outcomes&pixel_id=ID",
        "/admin/segments?advertiser_id=ID",
        "/admin/sources?advertiser_id=ID",
    ] {
        let [foreign, none] = ["2", "99"].map(|id| address.replace("ID", id));
        let (foreign, none) = (browser.get(&foreign).await, browser.get(&none).await);
        assert_eq!((foreign.status, none.status), (200, 200), "{address}");
        let same = none.notes().iter().map(|note| note.replace("99", "2")).collect::<Vec<_>>();
        assert!(!same.is_empty(), "{address}");
        assert_eq!(foreign.notes(), same, "{address}");
        assert!(!foreign.has("Secret") && !foreign.has("Rival"), "{address}: {}", foreign.text());
    }
}

#[actix_web::test]
async fn a_page_that_is_not_there_offers_the_search() {
    let app = world().await;
    let browser = admin(&app).await;
    for (address, text) in [
        ("/admin/pixels/99", "99"),
        ("/admin/pixels/99/edit", "99"),
        ("/admin/publishers/2", "2"),
        ("/admin/orders/A-1", "A-1"),
        ("/admin/%3Cscript%3E", ""),
    ] {
        let seen = browser.get(address).await;
        let main = seen.body.split_once("<main").unwrap().1;
        assert_eq!(seen.status, 404, "{address}");
        assert!(main.contains(r#"action="/admin/search""#) && seen.has(r#"<nav"#), "{address}: {}", seen.text());
        let (_, field) = main.split_once(r#"id="q" name="q""#).unwrap();
        assert!(field.split('>').next().unwrap().contains(&format!(r#"value="{text}""#)), "{address}: {main}");
    }
    let found = browser.get("/admin/search?go=1&q=A-1").await;
    assert_eq!((found.status, found.location()), (303, "/admin/conversions/6"));
}
