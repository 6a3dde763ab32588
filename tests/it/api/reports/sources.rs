//! Sources as columns and filters of every report that has line items, and the click ids of a conversion.

use pixeld::domain::{Micros, Source};
use serde_json::json;

use super::rows;
use crate::api::Api;
use crate::judge::arrivals::{came, source};
use crate::judge::{MIN, click, convert, fire, show};

#[tokio::test]
async fn reports_tell_arrivals_by_their_source() {
    let api = Api::start().await;
    let app = &api.app;
    let shop = app.shop_with(|pixel| pixel.min_minutes_per_conv = Some(0)).await;
    let source = source(app, &shop, ("click_id", "gclid")).await;
    let of = shop.advertiser.id;
    show(&app.store, click(shop.line_item.id, 1, 0)).await;
    for (visitor, id) in [(2, "g2"), (3, "g3"), (0, "g0")] {
        show(&app.store, came(of, visitor, 0, &[("gclid", id)])).await;
    }
    // A repeat, a test, and one that no source takes.
    show(&app.store, came(of, 2, MIN, &[("gclid", "g2")])).await;
    let mut test = came(of, 4, MIN, &[("gclid", "g4")]);
    test.flags.test = true;
    show(&app.store, test).await;
    show(&app.store, came(of, 5, MIN, &[("utm_source", "mail")])).await;
    for (visitor, units) in [(1, 5), (2, 7), (3, 9)] {
        let mut sale = fire(shop.pixel.id, visitor, 2 * MIN);
        sale.value = Some(Micros(units * Micros::UNIT));
        convert(app, sale).await;
    }
    let asked = |report_type: &str, columns: &[&str], filters: serde_json::Value| {
        json!({
            "report_type": report_type, "columns": columns, "filters": filters, "start_date": "2026-10-01",
            "end_date": "2026-10-05", "orders": [columns[0]],
        })
    };
    let sums = ["source_id", "source_name", "clicks", "total_convs", "total_revenue"];
    for report_type in ["advertiser_analytics", "network_analytics"] {
        let all = rows(&api, asked(report_type, &sums, json!({}))).await;
        let expected = format!("{}\r\n,,1,1,5\r\n{source},Google Ads,3,2,16\r\n", sums.join(","));
        assert_eq!(all, expected, "{report_type}");
        for filter in [json!({ "source_id": source.0 }), json!({ "source_name": "Google Ads" })] {
            let some = rows(&api, asked(report_type, &["clicks", "total_convs"], filter)).await;
            assert_eq!(some, "clicks,total_convs\r\n3,2\r\n", "{report_type}");
        }
    }
    let columns = ["user_id", "source_id", "source_name", "post_click_or_post_view_conv"];
    let all = rows(&api, asked("attributed_conversions", &columns, json!({}))).await;
    let [one, two, three] = ["1,,", &format!("2,{source},Google Ads"), &format!("3,{source},Google Ads")]
        .map(|row| row.to_owned() + ",Post Click");
    assert_eq!(all, format!("{}\r\n{one}\r\n{two}\r\n{three}\r\n", columns.join(",")));
    let some = rows(&api, asked("attributed_conversions", &["user_id"], json!({ "source_id": source.0 }))).await;
    assert_eq!(some, "user_id\r\n2\r\n3\r\n");
    // A deleted source keeps its figures and its name.
    app.store.delete::<Source>(&app.editor(), source.0).await.unwrap();
    let after = rows(&api, asked("network_analytics", &sums, json!({ "source_name": "Google Ads" }))).await;
    assert_eq!(after, format!("{}\r\n{source},Google Ads,3,2,16\r\n", sums.join(",")));
}

#[tokio::test]
async fn a_conversion_and_its_explanation_name_arrival_and_click_ids() {
    let api = Api::start().await;
    let app = &api.app;
    let shop = app.shop().await;
    let source = source(app, &shop, ("click_id", "gclid")).await;
    let carried = [("gclid", "Cj0_v3f2"), ("utm_campaign", "autumn")];
    let arrived = show(&app.store, came(shop.advertiser.id, 2, 0, &carried)).await;
    let sale = convert(app, fire(shop.pixel.id, 2, MIN)).await.fire.seq;
    let answer = api.get(&format!("/conversion?id={sale}")).await;
    let conversion = &answer["conversion"];
    assert_eq!(conversion["source_id"], source.0);
    let expected = json!([{
        "name": "gclid", "value": "Cj0_v3f2", "first_seen": "2026-10-01 12:00:00", "arrival_id": arrived.0,
        "from_event": false,
    }]);
    assert_eq!(conversion["click_ids"], expected);
    let answer = api.get(&format!("/conversion/{sale}/explain")).await;
    let touch = &answer["explanation"]["touches"][0];
    assert_eq!((&touch["source_id"], &touch["verdict"]), (&source.0.into(), &"chosen".into()));
    let arrival = &touch["arrival"];
    assert_eq!(arrival["sentence"], "The visitor arrived from Google Ads (gclid …v3f2, utm_campaign autumn).");
    assert_eq!((&arrival["by_token"], &arrival["click_ids"]["gclid"]), (&false.into(), &"Cj0_v3f2".into()));
}
