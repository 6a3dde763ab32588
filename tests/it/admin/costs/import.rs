//! A table of files: what is asked, what is refused and why, what counts in the end.

use pixeld::domain::AdvertiserId;
use pixeld::store::ListQuery;

use super::{Seen, file, send, start, upload, upload_with};
use crate::admin::Browser;
use crate::harness::TestApp;

const SHOP: AdvertiserId = AdvertiserId(1);

/// The costs that count, one a line, as the store has them.
async fn counted(app: &TestApp) -> Vec<String> {
    let costs = app.store.costs(&app.reader(), ListQuery::default()).await.unwrap().items;
    let mut lines: Vec<_> = costs
        .iter()
        .filter(|cost| cost.state.as_str() == "live")
        .map(|cost| {
            let figure = &cost.figure;
            let (day, line_item) = (figure.day, figure.key.line_item_id);
            format!("{day} {line_item} {} {} {}", figure.label, figure.amount.to_money(), figure.currency)
        })
        .collect();
    lines.sort();
    lines
}

/// The page that an answer leads to.
async fn next(browser: &Browser, answer: &Seen) -> (String, Seen) {
    assert_eq!(answer.status, 303, "{}", answer.text());
    let path = answer.location().to_owned();
    let seen = browser.get(&path).await;
    assert_eq!(seen.status, 200, "{path}: {}", seen.text());
    (path, seen)
}

/// Uploads and goes through all steps with these changes of the columns' form. New line items for unknown campaigns.
async fn import(browser: &Browser, name: &str, bytes: &[u8], changes: &[(&str, &str)]) -> Seen {
    let (path, columns) = next(browser, &upload(browser, SHOP, name, bytes).await).await;
    let (path, campaigns) = next(browser, &send(browser, &path, &columns, changes).await).await;
    let open: Vec<String> = campaigns
        .body
        .split("<select")
        .skip(1)
        .filter(|select| select.contains("<option value=\"\" selected>"))
        .map(|select| select.split("name=\"").nth(1).unwrap().split('"').next().unwrap().to_owned())
        .collect();
    let new: Vec<(&str, &str)> = open.iter().map(|name| (name.as_str(), "new")).collect();
    let (path, check) = next(browser, &send_campaigns(browser, &path, &campaigns, &new).await).await;
    let done = send(browser, &path, &check, &[]).await;
    assert_eq!((done.status, done.location()), (303, "/admin/costs/imports"), "{}", done.text());
    check
}

/// The form of the campaigns, with these choices and those that the page proposes.
async fn send_campaigns(browser: &Browser, path: &str, seen: &Seen, changes: &[(&str, &str)]) -> Seen {
    send(browser, path, seen, changes).await
}

#[actix_web::test]
async fn files_of_platforms_are_imported_and_undone() {
    let (app, browser) = start(&["Brand search", "Shoes, autumn"]).await;
    let check = import(&browser, "google.csv", file!("google_ads.csv"), &[]).await;
    assert!(check.text().contains("Import 4 rows"), "{}", check.text());
    assert!(check.text().contains("1,158.61 EUR"), "{}", check.text());
    let google = [
        "2026-11-01 1 Brand search 42.00 EUR",
        "2026-11-01 2 Shoes, autumn 1049.60 EUR",
        "2026-11-02 1 Brand search 32.67 EUR",
        "2026-11-03 1 Brand search 34.34 EUR",
    ];
    assert_eq!(counted(&app).await, google);

    // The same day again, with another figure: it replaces, and is shown before.
    let changed = String::from_utf8(file!("google_ads.csv").to_vec()).unwrap().replace("0.35,42.00", "0.35,43.00");
    let check = import(&browser, "google.csv", changed.as_bytes(), &[]).await;
    assert_eq!(check.column("Now"), ["42.00 EUR"]);
    assert_eq!(check.column("Then"), ["43.00 EUR"]);
    assert_eq!(counted(&app).await[0], "2026-11-01 1 Brand search 43.00 EUR");

    // Meta's rows of one campaign are added up, and stand beside Google's.
    import(&browser, "meta.csv", file!("meta_ads.csv"), &[]).await;
    assert_eq!(counted(&app).await.len(), 6);

    // Undoing asks, names what goes, and brings the first import back.
    let asked = browser.submit("/admin/costs/imports/2/undo", &[]).await;
    assert!(asked.asks() && asked.text().contains("4 costs"), "{}", asked.text());
    assert_eq!(browser.submit("/admin/costs/imports/2/undo", &[("confirmed", "yes")]).await.status, 303);
    browser.submit("/admin/costs/imports/3/undo", &[("confirmed", "yes")]).await;
    assert_eq!(counted(&app).await, google);
    let list = browser.get("/admin/costs/imports").await;
    assert_eq!(list.column("Costs"), ["2", "4", "4"]);
    assert_eq!(list.body.matches("/undo\"").count(), 1, "the others are undone");
}

#[actix_web::test]
async fn riddles_and_missing_currencies_are_asked_and_remembered() {
    let (app, browser) = start(&["Brand search", "Shoes"]).await;
    let (path, columns) = next(&browser, &upload(&browser, SHOP, "a.csv", file!("google_ads_riddles.csv")).await).await;
    assert!(columns.text().contains("01/11/2026 is 1 November 2026"), "{}", columns.text());
    assert!(columns.text().contains("1,234 is 1.23"), "{}", columns.text());
    // Without answers nothing goes on, and what was chosen is kept.
    let again = send(&browser, &path, &columns, &[("account", "Main")]).await;
    assert_eq!((again.status, again.errors(), again.typed("account").as_str()), (422, 2, "Main"), "{}", again.text());
    // An answer goes with its column.
    let changed = [("column_amount", "0"), ("answer_day", "day"), ("answer_amount", "point")];
    let again = send(&browser, &path, &columns, &changed).await;
    assert!(again.has("id=\"answer_day-day\" name=\"answer_day\" value=\"day\" checked"), "{}", again.text());
    assert!(!again.has("name=\"answer_amount\" value=\"point\" checked"), "{}", again.text());
    import(
        &browser,
        "a.csv",
        file!("google_ads_riddles.csv"),
        &[("answer_day", "day"), ("answer_amount", "point"), ("currency", "chf")],
    )
    .await;
    assert_eq!(counted(&app).await, ["2026-11-01 1 Brand search 1234.00 CHF", "2026-11-02 2 Shoes 2500.00 CHF"]);
    // The next file of this header proposes the same answers.
    let (_, columns) = next(&browser, &upload(&browser, SHOP, "b.csv", file!("google_ads_riddles.csv")).await).await;
    assert_eq!(columns.body.matches(" checked").count(), 2, "{}", columns.text());
    assert_eq!(columns.typed("currency"), "CHF");
}

#[actix_web::test]
async fn what_cannot_be_imported_is_refused_in_words() {
    let (app, browser) = start(&["Brand"]).await;
    for (name, bytes, words) in [
        ("a.xlsx", &b"PK\x03\x04[Content_Types].xml"[..], "Excel workbook (.xlsx)"),
        ("a.pdf", b"%PDF-1.7", "The file is a PDF"),
        ("a.zip", b"PK\x03\x04a.csv", "The file is a zip archive"),
        ("a.csv", b"", "The file is empty"),
        ("a.csv", b"day,campaign,cost\n", "no row below it"),
        ("a.csv", b"day,campaign,cost\n2026-11-01,\"Brand,1\n", "never closed"),
        ("a.csv", b"only words\nand more\n", "No header was found"),
        ("", b"", "Choose a file"),
    ] {
        let seen = upload(&browser, SHOP, name, bytes).await;
        assert_eq!((seen.status, seen.errors()), (422, 1), "{name}: {}", seen.text());
        assert!(seen.text().contains(words), "{words}: {}", seen.text());
    }
    // Files that are tables, and that a step refuses.
    let months = "Month,Campaign,Cost\n2026-11-01,Brand,1.50\n2026-10-01,Brand,1.50\n";
    for (bytes, changes, words) in [
        (file!("meta_ads_month.csv"), &[][..], "The file is not by day: line 2"),
        (months.as_bytes(), &[], "none with days. Export the file again by day"),
        (months.as_bytes(), &[("column_day", "0")], "longer times than days"),
        (
            b"day,campaign,cost\n2026-11-01,Brand,-4.00\n2026-11-01,Brand,5.00\n",
            &[],
            "Choose what becomes of costs below zero",
        ),
        (b"day,campaign,cost\n2099-11-01,Brand,4.00\n", &[], "1 row cannot be read"),
        (b"day,campaign,cost\n2026-11-01,Brand,4.00\n", &[("currency", "XXY")], "Name the currency"),
        (file!("plain_faults.csv"), &[], "5 rows cannot be read"),
    ] {
        let (path, columns) = next(&browser, &upload(&browser, SHOP, "a.csv", bytes).await).await;
        let seen = send(&browser, &path, &columns, changes).await;
        assert_eq!(seen.status, 422, "{words}: {}", seen.text());
        assert!(seen.text().contains(words), "{words}: {}", seen.text());
        let later = browser.get(&format!("{path}/check")).await;
        assert_eq!((later.status, later.location()), (303, path.as_str()), "no step can be left out");
    }
    assert_eq!(counted(&app).await, [""; 0]);
    // Rows with errors can be left out, each with its line, column, value and rule.
    let (_, columns) = next(&browser, &upload(&browser, SHOP, "a.csv", file!("plain_faults.csv")).await).await;
    assert_eq!(columns.column("Line"), ["3", "4", "5", "6", "7"]);
    assert_eq!(columns.column("Value"), ["2026-11-31", "–none", "twelve", "12%", "2099-01-01"]);
    import(&browser, "a.csv", file!("plain_faults.csv"), &[("leaves_faults_out", "on")]).await;
    assert_eq!(counted(&app).await, ["2026-11-01 1 Brand 12.50 EUR"]);
}

#[actix_web::test]
async fn a_file_belongs_to_its_session_and_is_imported_once() {
    let (app, browser) = start(&["Brand"]).await;
    let stranger = Browser::of(&app, pixeld::domain::Role::Admin, None).await;
    let viewer = Browser::of(&app, pixeld::domain::Role::Viewer, None).await;
    let bytes = b"day,campaign,cost\n2026-11-01,Brand,4.00\n2026-11-01,Else,4.00\n";
    let (path, columns) = next(&browser, &upload(&browser, SHOP, "a.csv", bytes).await).await;
    assert_eq!(stranger.get(&path).await.location(), "/admin/costs/import");
    assert_eq!(viewer.get(&path).await.status, 403);
    assert_eq!(upload_with(&viewer, &viewer.get("/admin").await.csrf(), "1", "a.csv", bytes).await.status, 403);
    assert_eq!(upload_with(&browser, "forged", "1", "a.csv", bytes).await.status, 403);
    let (path, campaigns) = next(&browser, &send(&browser, &path, &columns, &[]).await).await;
    let again = send(&browser, &path, &campaigns, &[]).await;
    assert_eq!((again.status, again.errors()), (422, 1), "a campaign without a line item: {}", again.text());
    let (path, check) = next(&browser, &send(&browser, &path, &campaigns, &[("to_1", "out")]).await).await;
    assert!(check.text().contains("1 row of campaigns that you leave out"), "{}", check.text());
    assert_eq!(send(&browser, &path, &check, &[]).await.location(), "/admin/costs/imports");
    assert_eq!(send(&browser, &path, &check, &[]).await.location(), "/admin/costs/import", "sent twice");
    assert_eq!(counted(&app).await, ["2026-11-01 1 Brand 4.00 EUR"]);
    app.wait_minutes(61);
    let (path, _) = next(&browser, &upload(&browser, SHOP, "a.csv", bytes).await).await;
    app.wait_minutes(61);
    assert_eq!(browser.get(&path).await.location(), "/admin/costs/import");
}
