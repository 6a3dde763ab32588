//! The list with its filters and CSV, the form for one cost, and who sees what.

use pixeld::domain::{AdvertiserId, LineItem, Role};

use super::start;
use crate::admin::Browser;

/// A form for one cost, with changes.
fn cost<'a>(change: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("day", "2026-09-30"),
        ("line_item_id", "1"),
        ("amount", "12,50"),
        ("currency", "eur"),
        ("campaign_id", ""),
        ("publisher_id", ""),
        ("replaces", ""),
    ];
    fields.retain(|(name, _)| change.iter().all(|(changed, _)| changed != name));
    fields.extend(change);
    fields
}

#[actix_web::test]
async fn a_cost_is_typed_listed_and_replaced_after_asking() {
    let (app, browser) = start(&["Brand", "Shoes"]).await;
    let form = browser.get("/admin/costs/new").await;
    assert_eq!((form.typed("currency").as_str(), form.status), ("EUR", 200), "proposed by the advertiser");
    for (change, errors) in [
        (("amount", ""), 1),
        (("amount", "ten"), 1),
        (("currency", "EURO"), 1),
        (("day", "30.9."), 1),
        (("day", "2099-01-01"), 1),
        (("line_item_id", ""), 1),
    ] {
        let seen = browser.submit("/admin/costs/new", &cost(&[change])).await;
        assert_eq!((seen.status, seen.errors()), (422, errors), "{change:?}: {}", seen.text());
        assert_eq!(
            seen.typed(if change.0 == "day" { "amount" } else { "day" }),
            cost(&[])[if change.0 == "day" { 2 } else { 0 }].1
        );
    }
    assert_eq!(browser.submit("/admin/costs/new", &cost(&[])).await.status, 303);
    assert_eq!(browser.submit("/admin/costs/new", &cost(&[("line_item_id", "2"), ("amount", "7")])).await.status, 303);
    let asked = browser.submit("/admin/costs/new", &cost(&[("amount", "20.00")])).await;
    assert_eq!((asked.status, asked.typed("replaces").as_str()), (422, "12.50 EUR"), "{}", asked.text());
    let fields = cost(&[("amount", "20.00"), ("replaces", "12.50 EUR")]);
    assert_eq!(browser.submit("/admin/costs/new", &fields).await.status, 303);
    let list = browser.get("/admin/costs?from=2026-09-01&to=2026-09-30").await;
    assert_eq!(list.column("Line item"), ["Brand", "Shoes"]);
    assert_eq!(list.column("Cost"), ["20.00 EUR", "7.00 EUR"]);
    assert!(list.text().contains("27.00 EUR"), "the sum: {}", list.text());
    assert!(browser.get("/admin/costs?from=2026-08-01&to=2026-08-31").await.is_empty());
    assert!(list.text().contains("EUR · 2 costs Previous 30 days: –"), "{}", list.text());
    let odd = browser.get("/admin/costs?from=yesterday&to=2026-09-30&advertiser_id=99&line_item_id=x&start=z").await;
    assert_eq!((odd.status, odd.has("“yesterday” is no day"), odd.has("no advertiser 99")), (200, true, true));
    assert!(odd.has("no line item “x”") && odd.has("no number of a row"), "{}", odd.text());
    let one = browser.get("/admin/costs?range=dates&from=2026-09-30&to=2026-09-30&line_item_id=2").await;
    assert_eq!(one.column("Cost"), ["7.00 EUR"]);
    assert!(one.text().contains("EUR · 1 cost Previous day: –") && one.has("line_item_id=2"), "{}", one.text());
    let none = browser.get("/admin/costs?range=today&line_item_id=1").await;
    assert!(none.is_empty() && none.has("All line items"), "the filter stays in sight");
    let remembered = browser.get("/admin/line-items?columns=media_buyer").await;
    assert!(remembered.text().contains("Today"), "lists and costs remember one range: {}", remembered.text());
    let csv = browser.get("/admin/costs.csv?from=2026-09-01&to=2026-09-30").await;
    let lines: Vec<_> = csv.body.split("\r\n").collect();
    assert_eq!(lines.len(), 4, "{}", csv.body);
    assert_eq!(lines[1], "2026-09-30,1,1,Brand,,,,,plain,,,20,EUR,,");
    drop(app);
}

#[actix_web::test]
async fn viewers_see_and_limited_users_see_their_own() {
    let (app, browser) = start(&["Brand"]).await;
    let other = app.advertiser("Other").await;
    app.store.create(&app.editor(), LineItem::new(other.id, "Elsewhere")).await.unwrap();
    browser.submit("/admin/costs/new", &cost(&[])).await;
    browser.submit("/admin/costs/new", &cost(&[("line_item_id", "2"), ("amount", "99")])).await;
    let own = Browser::of(&app, Role::Editor, Some(AdvertiserId(1))).await;
    let viewer = Browser::of(&app, Role::Viewer, None).await;
    let range = "/admin/costs?from=2026-09-01&to=2026-09-30";
    assert_eq!(own.get(range).await.column("Cost"), ["12.50 EUR"]);
    assert!(!own.get(&range.replace("costs?", "costs.csv?")).await.has("Elsewhere"));
    assert_eq!(own.get("/admin/costs/imports").await.column("Sum"), ["12.50 EUR"]);
    assert_eq!(own.submit("/admin/costs/imports/2/undo", &[("confirmed", "yes")]).await.status, 404);
    assert_eq!(own.submit("/admin/costs/new", &cost(&[("line_item_id", "2")])).await.status, 404);
    let seen = viewer.get(range).await;
    assert_eq!((seen.status, seen.has("/admin/costs/new")), (200, false));
    for path in ["/admin/costs/new", "/admin/costs/import"] {
        assert_eq!(viewer.get(path).await.status, 403, "{path}");
    }
    for path in ["/admin/costs/new", "/admin/costs/imports/1/undo"] {
        assert_eq!(viewer.submit(path, &cost(&[("confirmed", "yes")])).await.status, 403, "{path}");
    }
}
