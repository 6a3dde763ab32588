//! Past figures do not move: every report and page says the same before and after an edit of a currency, a deletion, and a
//! rebuild.

use std::collections::BTreeMap;
use std::process::Command;

use pixeld::domain::{AdvertiserId, Campaign, Currency, Exposure, Fire, LineItem, Micros, Role, Segment, SegmentLoad};
use pixeld::store::LogRow;
use serde_json::{Value, json};

use super::rows;
use crate::admin::Browser;
use crate::api::Api;
use crate::harness::{Shop, TestApp};
use crate::judge::{MIN, adjustment, click, convert, fire, segment_load, show, view};

fn paid(exposure: Exposure, micros: i64) -> Exposure {
    Exposure { ancost: Some(Micros(micros)), ..exposure }
}

/// A shop with a campaign and a segment, and events of every kind that a report counts.
async fn traded(app: &TestApp) -> (Shop, Campaign, Segment) {
    let shop = app
        .shop_with(|pixel| {
            pixel.min_minutes_per_conv = Some(0);
            pixel.post_click_value = Some(Micros(2_000_000));
        })
        .await;
    let by = app.editor();
    let campaign = Campaign::new(shop.advertiser.id, shop.line_item.id, "Shoes");
    let campaign = app.store.create(&by, campaign).await.unwrap();
    let segment = Segment { advertiser_id: Some(shop.advertiser.id), ..Segment::new("Buyers") };
    let segment = app.store.create(&by, Segment { code: Some("buyers".into()), ..segment }).await.unwrap();
    trade(app, &shop, Some(campaign.id), 0).await;
    let load = SegmentLoad { segments: vec![format!("{}", segment.id).parse().unwrap()], ..segment_load(7, MIN) };
    app.store.append(LogRow::SegmentLoad(Box::new(load))).await.unwrap();
    (shop, campaign, segment)
}

/// Two views and a click for 3 in all; a sale of 10 EUR, one of 20 without a currency, one that is retracted, one of a
/// stranger.
async fn trade(app: &TestApp, shop: &Shop, campaign: Option<pixeld::domain::CampaignId>, after: i64) {
    let (store, item) = (&app.store, shop.line_item.id);
    let of = |exposure| Exposure { campaign_id: campaign, ..exposure };
    show(store, paid(of(view(item, 1, after)), 500_000)).await;
    show(store, paid(of(view(item, 2, after)), 500_000)).await;
    show(store, paid(of(click(item, 1, after + MIN)), 2_000_000)).await;
    for (visitor, order, value, currency) in [
        (1, "A1", 10_000_000, Some("EUR")),
        (1, "A2", 20_000_000, None),
        (2, "A3", 40_000_000, Some("USD")),
        (9, "A4", 80_000_000, Some("EUR")),
    ] {
        let sale = Fire {
            order_id: Some(format!("{order}-{after}")),
            value: Some(Micros(value)),
            currency: currency.and_then(Currency::parse),
            ..fire(shop.pixel.id, visitor, after + 2 * MIN)
        };
        convert(app, sale).await;
    }
    let of = pixeld::domain::ConversionName::OrderId(format!("A3-{after}"));
    let retract = adjustment(shop.advertiser.id, of, pixeld::domain::ConversionChange::Retract);
    store.append(LogRow::Adjustment(Box::new(retract))).await.unwrap();
    app.judged().await;
}

/// Every report that adds up or lists, with all columns.
async fn reports(api: &Api) -> BTreeMap<String, String> {
    found(api, false).await
}

/// The same, and without times for each filter that some row passes, and for its opposite.
async fn filtered_reports(api: &Api) -> BTreeMap<String, String> {
    let found = found(api, true).await;
    assert!(found.len() > 60 && found.values().filter(|file| file.matches("\r\n").count() > 1).count() > 40);
    found
}

async fn found(api: &Api, filtered: bool) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let meta = api.get("/report?meta").await["meta"].take();
    for report_type in ["network_analytics", "attributed_conversions", "pixel_outcomes", "segment_load"] {
        let columns = meta[report_type]["columns"].as_array().unwrap();
        let names: Vec<&str> = columns.iter().map(|column| column["column"].as_str().unwrap()).collect();
        let all = rows(api, report(report_type, json!(names), json!([]))).await;
        let kept: Vec<&str> = names.iter().copied().filter(|name| !["hour", "day", "month"].contains(name)).collect();
        for filter in meta[report_type]["filters"].as_array().unwrap().iter().filter(|_| filtered) {
            let name = filter["column"].as_str().unwrap();
            let Some(value) = first_value(&all, name) else { continue };
            for operator in ["=", "!="] {
                let filters = json!([{name: {"operator": operator, "value": value}}]);
                let file = rows(api, report(report_type, json!(kept), filters)).await;
                found.insert(format!("{report_type} {name} {operator} {value}"), file);
            }
        }
        found.insert(report_type.to_owned(), all);
    }
    found
}

fn report(report_type: &str, columns: Value, filters: Value) -> Value {
    json!({
        "report_type": report_type, "columns": columns, "filters": filters,
        "start_date": "2026-09-30", "end_date": "2026-10-03",
    })
}

/// The first value in a column of a file.
fn first_value(file: &str, name: &str) -> Option<String> {
    let mut lines = file.split_terminator("\r\n").map(|line| line.split(',').collect::<Vec<_>>());
    let column = lines.next()?.iter().position(|column| *column == name)?;
    lines.filter_map(|line| line.get(column).map(|cell| (*cell).to_owned())).find(|cell| !cell.is_empty())
}

/// The figures on the overview.
async fn overview(browser: &Browser) -> Vec<String> {
    let seen = browser.get("/admin").await;
    let figures = [r#"class="tile-figure""#, r#"class="tile-sub""#];
    let columns = ["Credited: click", "Credited: view", "Not credited"].into_iter().flat_map(|name| seen.column(name));
    figures.into_iter().flat_map(|attribute| seen.texts(attribute)).chain(columns).collect()
}

/// Compares the reports that both have.
fn assert_same(now: &BTreeMap<String, String>, before: &BTreeMap<String, String>, after: &str) {
    assert!(now.len() >= 4);
    for (report, file) in now {
        assert_eq!(Some(file), before.get(report), "{report}, {after}");
    }
}

#[tokio::test]
async fn deleting_objects_moves_no_figure() {
    let directory = tempfile::TempDir::new().unwrap();
    let app = TestApp::start_on(directory.path()).await;
    let (shop, campaign, segment) = traded(&app).await;
    app.advertiser("Hats").await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    let api = Api::on(app).await;
    api.user("eve", Role::Viewer, Some(shop.advertiser.id)).await;
    let eve = api.sign_in("eve").await;
    let before = filtered_reports(&api).await;
    let page = overview(&browser).await;
    assert_eq!(page[0], "2", "{page:?}");
    let api = Api { token: eve, ..api };
    assert_same(&reports(&api).await, &before, "for a user limited to the advertiser");
    let editor = api.app.editor();
    let store = api.app.store.clone();
    for (what, id) in [
        ("imptracker", shop.impression.id.0),
        ("clicktracker", shop.click.id.0),
        ("campaign", campaign.id.0),
        ("line-item", shop.line_item.id.0),
        ("pixel", shop.pixel.id.0),
        ("publisher", shop.publisher.id.0),
        ("segment", segment.id.0),
    ] {
        match what {
            "imptracker" => store.delete::<pixeld::store::ImpTracker>(&editor, id).await,
            "clicktracker" => store.delete::<pixeld::store::ClickTracker>(&editor, id).await,
            "campaign" => store.delete::<Campaign>(&editor, id).await,
            "line-item" => store.delete::<LineItem>(&editor, id).await,
            "pixel" => store.delete::<pixeld::domain::Pixel>(&editor, id).await,
            "publisher" => store.delete::<pixeld::domain::Publisher>(&editor, id).await,
            _ => store.delete::<Segment>(&editor, id).await,
        }
        .unwrap();
        assert_same(&reports(&api).await, &before, &format!("after the {what}, for its advertiser"));
        assert_eq!(overview(&browser).await, page, "{what}");
    }
    assert_same(&filtered_reports(&api).await, &before, "after all objects");
    let api = Api { token: api.sign_in("ann").await, ..api };
    store.delete::<pixeld::domain::Advertiser>(&editor, shop.advertiser.id.0).await.unwrap();
    assert_same(&filtered_reports(&api).await, &before, "after the advertiser");
    assert_eq!(overview(&browser).await, page);

    // Restored, they count again from then on, and the past stays.
    for entry in (1..=8).rev() {
        let restored = store.restore(&editor, entry, false).await.unwrap();
        assert!(matches!(restored, pixeld::store::Restored::Done(_)), "{entry}: {restored:?}");
    }
    api.app.judged().await;
    assert_same(&filtered_reports(&api).await, &before, "after a restore");
    let members = store.segments_of(&api.app.reader(), pixeld::domain::VisitorId(7)).await.unwrap();
    assert_eq!(members.len(), 1, "the visitor is still in the segment");
    assert_eq!(overview(&browser).await, page);

    assert_eq!(store.verify(&api.app.reader()).await.unwrap().faults, []);
    drop(store);
    let Api { app, token } = api;
    app.stop();
    rebuild(directory.path());
    let api = Api { app: TestApp::start_on(directory.path()).await, token };
    assert_same(&reports(&api).await, &before, "after a rebuild");
}

fn rebuild(directory: &std::path::Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pixeld"));
    let output = command.arg("rebuild").arg("--data-dir").arg(directory).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// An advertiser's objects go with it in one deletion.
#[tokio::test]
async fn deleting_an_advertiser_with_all_its_objects_moves_no_figure() {
    let app = TestApp::start().await;
    let (shop, ..) = traded(&app).await;
    let api = Api::on(app).await;
    let before = filtered_reports(&api).await;
    api.app.store.delete::<pixeld::domain::Advertiser>(&api.app.editor(), shop.advertiser.id.0).await.unwrap();
    assert_same(&filtered_reports(&api).await, &before, "after the advertiser");
    // Other callers see none of it.
    let other = api.advertiser("Hats").await;
    api.user("hat", Role::Viewer, Some(AdvertiserId(other))).await;
    let hat = Api { token: api.sign_in("hat").await, ..api };
    for (report, file) in reports(&hat).await {
        assert_eq!(file.matches("\r\n").count(), 1, "{report}: {file}");
    }
}

/// The figures of the line item by currency.
async fn by_currency(api: &Api) -> Vec<String> {
    let columns = json!([
        "line_item_id",
        "currency",
        "imps",
        "clicks",
        "cost",
        "total_convs",
        "total_revenue",
        "booked_revenue",
        "cpa",
        "roas",
    ]);
    let file = rows(api, report("advertiser_analytics", columns, json!([]))).await;
    file.split_terminator("\r\n").skip(1).map(str::to_owned).collect()
}

#[tokio::test]
async fn an_edit_of_a_currency_moves_no_past_figure() {
    let line_item = |currency: Value| ("/line-item?id=1", json!({"line-item": {"currency": currency}}));
    let advertiser = |currency: &str| ("/advertiser?id=1", json!({"advertiser": {"default_currency": currency}}));
    for (own, edit) in [
        (Some("USD"), line_item(json!("CHF"))),
        (Some("USD"), line_item(json!(null))),
        (None, line_item(json!("CHF"))),
        (None, advertiser("CHF")),
        // It has its own, so nothing changes for it.
        (Some("USD"), advertiser("JPY")),
    ] {
        let directory = tempfile::TempDir::new().unwrap();
        let app = TestApp::start_on(directory.path()).await;
        let (shop, campaign, _) = traded(&app).await;
        let api = Api::on(app).await;
        // The log begins again with the currency of the case.
        api.put("/line-item?id=1", json!({"line-item": {"currency": own}})).await;
        if edit.0 == "/line-item?id=1" && own.is_some() {
            api.put("/advertiser?id=1", json!({"advertiser": {"default_currency": "CHF"}})).await;
        }
        let mut before = reports(&api).await;
        let in_dollars = "1,USD,2,1,3,2,20,4,1.5,6.666667";
        assert_eq!(by_currency(&api).await, ["1,EUR,0,0,0,0,10,0,,", in_dollars], "{edit:?}");

        let (path, body) = edit.clone();
        api.put(path, body).await;
        api.app.judged().await;
        assert_same(&reports(&api).await, &before, &format!("{own:?} then {edit:?}"));
        trade(&api.app, &shop, Some(campaign.id), 5 * MIN).await;
        let both = match (own, &edit) {
            (Some(_), (path, _)) if path.starts_with("/advertiser") => {
                vec!["1,EUR,0,0,0,0,20,0,,", "1,USD,4,2,6,4,40,8,1.5,6.666667"]
            }
            _ => vec!["1,CHF,2,1,3,2,20,4,1.5,6.666667", "1,EUR,0,0,0,0,20,0,,", in_dollars],
        };
        assert_eq!(by_currency(&api).await, both, "{own:?} then {edit:?}");
        before = reports(&api).await;
        assert_eq!(api.app.store.verify(&api.app.reader()).await.unwrap().faults, []);

        let Api { app, token } = api;
        app.stop();
        rebuild(directory.path());
        let api = Api { app: TestApp::start_on(directory.path()).await, token };
        assert_same(&reports(&api).await, &before, "after a rebuild");
    }
}
