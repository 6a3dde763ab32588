//! The service of sources: whole bodies, right and wrong conditions, the order, versions, and what cannot go.

use pixeld::domain::{AdvertiserId, Role};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{NOW, goes_around, made, one};
use crate::api::Api;
use crate::harness::{TestApp, open_database};

/// An advertiser with two line items and a publisher, a campaign of the first line item, and another advertiser with the
/// third line item and a campaign.
pub async fn shops(api: &Api) {
    for (advertiser, line_items) in [("Shop", 2), ("Other", 1)] {
        let id = api.advertiser(advertiser).await;
        for number in 0..line_items {
            let body = json!({"line-item": {"name": format!("{advertiser} {number}")}});
            api.post(&format!("/line-item?advertiser_id={id}"), body).await;
        }
    }
    api.post("/publisher", json!({"publisher": {"name": "Google"}})).await;
    for (advertiser, line_item) in [(1, 1), (2, 3)] {
        let body = json!({"campaign": {"name": "Autumn", "code": "autumn", "line_item_id": line_item}});
        api.post(&format!("/campaign?advertiser_id={advertiser}"), body).await;
    }
}

pub async fn source(api: &Api, condition: Value) -> Value {
    let body = json!({"source": {"name": "Ads", "line_item_id": 1, "match": condition}});
    api.post("/source?advertiser_id=1", body).await["source"].take()
}

#[tokio::test]
async fn sources() {
    let api = Api::start().await;
    shops(&api).await;
    let body = json!({
        "name": "Meta Ads",
        "code": "meta",
        "match": {
            "UTM_Medium": ["CPC", "Paid*", "cpc"],
            "click_id": "FBCLID",
            "ref, via": "*",
            "referrer_host": ["Facebook.com"],
            "utm_id": 7,
            "utm_term": null,
        },
        "line_item_id": "1",
        "publisher_id": 1,
        "campaign_id": 1,
        "campaign_by": "UTM_Campaign",
        "makes_campaigns": true,
    });
    let created = api.post("/source?advertiser_id=1", json!({ "source": body })).await;
    let mut meta = json!({
        "id": 1,
        "code": "meta",
        "name": "Meta Ads",
        "advertiser_id": 1,
        "state": "active",
        "position": 1,
        "match": {
            "click_id": ["fbclid"],
            "utm_medium": ["cpc", "paid*"],
            "utm_id": ["7"],
            "ref,via": ["*"],
            "referrer_host": ["facebook.com"],
        },
        "line_item_id": 1,
        "publisher_id": 1,
        "campaign_id": 1,
        "campaign_by": "utm_campaign",
        "makes_campaigns": true,
        "created_on": NOW,
        "last_modified": NOW,
    });
    assert_eq!(created, made("source", json!(1), meta.clone()));
    assert_eq!(api.get("/source?code=meta&advertiser_id=1").await, one("source", meta.clone()));
    goes_around(&api, "source", "source", 1).await;
    let change = json!({"source": {
        "match": {"click_id": ["Google Ads"]}, "publisher_id": null, "campaign_id": null, "campaign_by": null,
        "makes_campaigns": false, "line_item_id": 2, "state": "inactive",
    }});
    let changed = api.put("/source?id=1&append=true", change).await;
    meta["match"] = json!({"click_id": ["gclid", "gbraid", "wbraid"]});
    (meta["publisher_id"], meta["campaign_id"], meta["campaign_by"]) = (Value::Null, Value::Null, Value::Null);
    (meta["makes_campaigns"], meta["line_item_id"], meta["state"]) = (json!(false), json!(2), json!("inactive"));
    assert_eq!(changed, made("source", json!("1"), meta.clone()));
    goes_around(&api, "source", "source", 1).await;
    let unpaid = api.post(
        "/source?advertiser_id=1",
        json!({"source": {"name": "Meta", "line_item_id": 1, "match": {"click_id": ["Meta Ads"]}}}),
    );
    let warning = "fbclid is on unpaid links, too; ask for a paid utm_medium as well";
    let unpaid = unpaid.await;
    assert_eq!((&unpaid["dbg_info"]["warnings"], &unpaid["source"]["position"]), (&json!([warning]), &json!(2)));
    for (query, ids) in [
        ("", json!([1, 2])),
        ("?sort=position.desc", json!([2, 1])),
        ("?state=inactive", json!([1])),
        ("?line_item_id=1", json!([2])),
        ("?advertiser_id=2", json!([])),
        ("?search=meta", json!([1, 2])),
        ("?min_position=2", json!([2])),
        ("?publisher_id=1", json!([])),
        ("?nmin_campaign_id=1", json!([1, 2])),
    ] {
        let list = api.get(&format!("/source{query}")).await;
        let found: Vec<_> = list["sources"].as_array().unwrap().iter().map(|source| source["id"].clone()).collect();
        assert_eq!(json!(found), ids, "{query}");
    }
    assert_eq!(
        api.delete("/source?id=1").await,
        json!({"status": "OK", "count": 1, "dbg_info": {"output_term": "not_found"}})
    );
    assert_eq!(api.refused("GET", "/source?id=1", None).await.2, "source 1 not found");
}

/// Each wrong request with its whole answer: none is kept, and the text names field, rule and value.
#[tokio::test]
async fn the_order_is_by_position_and_then_by_id() {
    let api = Api::start().await;
    shops(&api).await;
    for _ in 0..3 {
        source(&api, json!({"utm_source": "a"})).await;
    }
    let order = async || {
        let list = api.get("/source?sort=position").await["sources"].take();
        let row = |source: &Value| json!([source["id"], source["position"]]);
        json!(list.as_array().unwrap().iter().map(row).collect::<Vec<_>>())
    };
    assert_eq!(order().await, json!([[1, 1], [2, 2], [3, 3]]));
    api.put("/source?id=3", json!({"source": {"position": 1}})).await;
    assert_eq!(order().await, json!([[1, 1], [3, 1], [2, 2]]));
    api.put("/source?id=1", json!({"source": {"position": null}})).await;
    assert_eq!(order().await, json!([[3, 1], [2, 2], [1, 3]]));
    let names: Vec<i64> = api.app.store.catalog().sources(AdvertiserId(1)).iter().map(|source| source.id.0).collect();
    assert_eq!(names, [3, 2, 1], "the catalog has the same order");
    let by = api.app.editor();
    for (id, up, expected) in [
        (1, true, json!([[3, 1], [1, 2], [2, 3]])),
        (3, true, json!([[3, 1], [1, 2], [2, 3]])),
        (3, false, json!([[1, 1], [3, 2], [2, 3]])),
        (2, false, json!([[1, 1], [3, 2], [2, 3]])),
    ] {
        api.app.store.move_source(&by, id, up).await.unwrap();
        assert_eq!(order().await, expected, "{id} {up}");
    }
}

#[tokio::test]
async fn an_advertiser_has_200_sources_at_most() {
    let api = Api::start().await;
    shops(&api).await;
    let by = api.app.editor();
    let mut first = pixeld::domain::Source::new(AdvertiserId(1), pixeld::domain::LineItemId(1), "Ads");
    first.condition = pixeld::domain::SourceTemplate::of("google").unwrap().condition();
    for _ in 0..200 {
        api.app.store.create(&by, first.clone()).await.unwrap();
    }
    let body = json!({"source": {"name": "One more", "line_item_id": 1, "match": {"click_id": "gclid"}}});
    assert_eq!(
        api.refused("POST", "/source?advertiser_id=1", Some(body.clone())).await,
        (
            409,
            "LIMIT".to_owned(),
            "an advertiser may have at most 200 sources, and advertiser 1 has 200; delete one first, or let one source \
             take several values"
                .to_owned()
        )
    );
    api.put("/source?id=1", json!({"source": {"name": "Renamed"}})).await;
    let mut other = body.clone();
    other["source"]["line_item_id"] = json!(3);
    api.post("/source?advertiser_id=2", other).await;
    api.delete("/source?id=7").await;
    api.post("/source?advertiser_id=1", body).await;
}

#[tokio::test]
async fn what_a_source_names_cannot_go_before_it() {
    let api = Api::start().await;
    shops(&api).await;
    let names = json!({"publisher_id": 1, "campaign_id": 1, "name": "Ads", "line_item_id": 1, "match": {"via": "*"}});
    api.post("/source?advertiser_id=1", json!({ "source": names })).await;
    for (path, used) in [
        ("/line-item?id=1", "line item 1 is used by campaign 1 (Autumn), source 1 (Ads); delete or move them first"),
        ("/publisher?id=1", "publisher 1 is used by source 1 (Ads); delete or move them first"),
        ("/campaign?id=1", "campaign 1 is used by source 1 (Ads); delete or move them first"),
    ] {
        assert_eq!(api.refused("DELETE", path, None).await, (409, "INTEGRITY".to_owned(), used.to_owned()));
    }
    let moved = api.refused("PUT", "/campaign?id=1", Some(json!({"campaign": {"line_item_id": 2}}))).await;
    let text = "line_item_id cannot change while campaign 1 is used by source 1 (Ads); change them first";
    assert_eq!(moved, (409, "INTEGRITY".to_owned(), text.to_owned()));
    api.put("/campaign?id=1", json!({"campaign": {"name": "Renamed", "line_item_id": 1}})).await;
    source(&api, json!({"ref": "*"})).await;
    let deleted = api.delete("/advertiser?id=1").await["dbg_info"]["warnings"].take();
    assert_eq!(deleted, json!(["deleted 2 sources", "deleted 1 campaign", "deleted 2 line items"]));
    assert!(api.app.store.catalog().sources(AdvertiserId(1)).is_empty());
    api.delete("/publisher?id=1").await;
}

#[tokio::test]
async fn callers_of_one_advertiser_see_and_change_its_sources_alone() {
    let api = Api::start().await;
    shops(&api).await;
    source(&api, json!({"ref": "*"})).await;
    api.user("eve", Role::Editor, Some(AdvertiserId(2))).await;
    api.user("vic", Role::Viewer, None).await;
    let (eve, vic) = (api.sign_in("eve").await, api.sign_in("vic").await);
    let body = |change: Value| {
        let mut body = json!({"name": "Mine", "line_item_id": 3, "match": {"ref": "*"}});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        Some(json!({ "source": body }).to_string())
    };
    for (who, method, path, body, status, error) in [
        (&eve, "GET", "/source?id=1", None, 404, "source 1 not found"),
        (&eve, "PUT", "/source?id=1", body(json!({})), 404, "source 1 not found"),
        (&eve, "DELETE", "/source?id=1", None, 404, "source 1 not found"),
        (&eve, "POST", "/source?advertiser_id=1", body(json!({})), 404, "advertiser 1 not found"),
        (
            &eve,
            "POST",
            "/source?advertiser_id=2",
            body(json!({"line_item_id": 1})),
            400,
            "line_item_id names line item 1, which does not exist",
        ),
        (
            &eve,
            "POST",
            "/source?advertiser_id=2",
            body(json!({"campaign_id": 1})),
            400,
            "campaign_id names campaign 1, which does not exist",
        ),
        (&eve, "POST", "/source?advertiser_id=2", body(json!({})), 200, ""),
        (&vic, "GET", "/source?id=1", None, 200, ""),
    ] {
        let (got, answer) = api.send(method, path, Some(who), body.as_deref()).await;
        assert_eq!((got, answer["error"].as_str().unwrap_or("")), (status, error), "{method} {path}");
    }
    let (status, answer) = api.send("POST", "/source?advertiser_id=1", Some(&vic), body(json!({})).as_deref()).await;
    assert_eq!((status, &answer["error_id"]), (403, &json!("UNAUTH")));
    let seen = api.send("GET", "/source", Some(&eve), None).await.1;
    assert_eq!((&seen["count"], &seen["sources"][0]["name"]), (&json!(1), &json!("Mine")));
}

/// Every change that decides anything makes a version; others make none. The audit log has them all.
#[tokio::test]
async fn versions_follow_what_decides() {
    let directory = TempDir::new().unwrap();
    let api = Api::on(TestApp::start_on(directory.path()).await).await;
    shops(&api).await;
    source(&api, json!({"click_id": "gclid", "utm_medium": "cpc"})).await;
    for change in [
        json!({"code": "g"}),
        json!({"makes_campaigns": true, "campaign_by": "utm_campaign"}),
        json!({"match": {"utm_medium": ["CPC"], "click_id": ["gclid"]}}),
        json!({"match": {"utm_medium": ["cpc", "paid"]}}),
        json!({"state": "inactive"}),
        json!({"state": "inactive", "makes_campaigns": false}),
    ] {
        api.put("/source?id=1", json!({ "source": change })).await;
    }
    api.put("/campaign?id=1", json!({"campaign": {"name": "Renamed"}})).await;
    api.put("/campaign?id=1", json!({"campaign": {"code": "a2"}})).await;
    api.put("/campaign?id=1", json!({"campaign": {"line_item_id": 2}})).await;
    api.put("/campaign?id=2", json!({"campaign": {"code": null}})).await;
    api.delete("/campaign?id=1").await;
    api.delete("/source?id=1").await;
    let audit = api.get("/audit?object_type=source&sort=id").await["audits"].take();
    let entries: Vec<_> = audit.as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(entries, ["created", "changed", "changed", "changed", "changed", "changed", "deleted"]);
    assert_eq!(audit[3]["after"]["match"], json!({"utm_medium": ["cpc", "paid"]}));
    assert_eq!(audit[2]["after"]["makes_campaigns"], json!(true));
    drop(api);
    let conn = open_database(directory.path());
    let rows = |sql: &str| -> Vec<String> {
        let mut statement = conn.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    assert_eq!(
        rows(
            "SELECT concat_ws(' ', source_id, state, deleted, position, match, coalesce(campaign_by, '-')) FROM source_versions ORDER BY seq"
        ),
        [
            r#"1 active 0 1 {"click_id":["gclid"],"utm_medium":["cpc"]} -"#,
            r#"1 active 0 1 {"click_id":["gclid"],"utm_medium":["cpc"]} utm_campaign"#,
            r#"1 active 0 1 {"utm_medium":["cpc","paid"]} utm_campaign"#,
            r#"1 inactive 0 1 {"utm_medium":["cpc","paid"]} utm_campaign"#,
            r#"1 inactive 1 1 {"utm_medium":["cpc","paid"]} utm_campaign"#,
        ]
    );
    assert_eq!(
        rows(
            "SELECT concat_ws(' ', campaign_id, line_item_id, coalesce(code, '-'), deleted) FROM campaign_versions ORDER BY seq"
        ),
        ["1 1 autumn 0", "2 3 autumn 0", "1 1 a2 0", "1 2 a2 0", "2 3 - 0", "1 2 a2 1"]
    );
}
