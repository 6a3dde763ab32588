//! `/cost`: taken, replaced, changed, deleted, undone; wrong requests with the whole answer; who may see and do what.

use pixeld::domain::{AdvertiserId, Role};
use serde_json::{Value, json};

use super::{NOW, made, one};
use crate::api::{Api, refusal};

/// A shop with line items 1 and 2 and campaign 1 of the first, and another shop with line item 3.
async fn shops(api: &Api) {
    for (advertiser, zone) in [("Ridge", "Pacific/Kiritimati"), ("Tally", "America/New_York")] {
        api.post("/advertiser", json!({"advertiser": {"name": advertiser, "timezone": zone}})).await;
    }
    for (advertiser, name) in [(1, "Road"), (1, "Trail"), (2, "Desk")] {
        api.post("/line-item", json!({"line-item": {"name": name, "advertiser_id": advertiser}})).await;
    }
    api.post("/campaign", json!({"campaign": {"name": "Brand", "advertiser_id": 1, "line_item_id": 1}})).await;
    api.post("/publisher", json!({"publisher": {"name": "Google"}})).await;
}

fn cost(change: Value) -> Value {
    let mut cost = json!({"day": "2026-09-30", "line_item_id": 1, "amount": 12.5, "currency": "EUR"});
    for (field, value) in change.as_object().unwrap() {
        cost[field] = value.clone();
    }
    cost
}

fn stored(id: i64, run: i64, change: Value) -> Value {
    let mut cost = json!({
        "id": id, "day": "2026-09-30", "advertiser_id": 1, "line_item_id": 1, "campaign_id": null,
        "publisher_id": null, "amount": 12.5, "currency": "EUR", "imps": null, "clicks": null, "profile": "plain",
        "account": "", "label": "", "run_id": run, "state": "live", "replaced_by": null, "created_on": NOW,
        "last_modified": NOW,
    });
    for (field, value) in change.as_object().unwrap() {
        cost[field] = value.clone();
    }
    cost
}

fn run(id: i64, change: Value) -> Value {
    let mut run = json!({
        "id": id, "how": "api", "advertiser_id": 1, "profile": "plain", "file_name": null, "file_hash": null,
        "rows": 1, "replaced": 0, "made_by": "ann", "made_at": NOW, "undone_by": null, "undone_at": null,
    });
    for (field, value) in change.as_object().unwrap() {
        run[field] = value.clone();
    }
    run
}

/// The amounts that a list shows, by id.
async fn amounts(api: &Api, query: &str) -> Vec<(i64, f64)> {
    let list = api.get(&format!("/cost?sort=id{query}")).await;
    let costs = list["costs"].as_array().unwrap_or_else(|| panic!("{list}"));
    costs.iter().map(|cost| (cost["id"].as_i64().unwrap(), cost["amount"].as_f64().unwrap())).collect()
}

#[tokio::test]
async fn a_cost_is_taken_replaced_changed_deleted_and_undone() {
    let api = Api::start().await;
    shops(&api).await;
    let full = json!({"campaign_id": 1, "publisher_id": 1, "imps": 900, "clicks": "31", "profile": "google_ads",
        "account": "123-456", "label": "Brand"});
    let mut answer = made("cost", json!(1), stored(1, 1, full.clone()));
    answer["cost"]["clicks"] = json!(31);
    answer["run"] = run(1, json!({"profile": "google_ads"}));
    answer["replaced"] = json!([]);
    assert_eq!(api.post("/cost", json!({"cost": cost(full.clone())})).await, answer);
    let mut read = one("cost", stored(1, 1, full));
    read["cost"]["clicks"] = json!(31);
    assert_eq!(api.get("/cost?id=1").await, read);
    // The same again replaces it, and the answer says what.
    let again =
        json!({"campaign_id": 1, "publisher_id": 1, "profile": "google_ads", "account": "123-456", "amount": "7.25"});
    let answer = api.post("/cost", json!({"cost": cost(again)})).await;
    assert_eq!((&answer["id"], &answer["run"]["replaced"]), (&json!(2), &json!(1)));
    assert_eq!(answer["replaced"].as_array().unwrap().len(), 1);
    assert_eq!((&answer["replaced"][0]["id"], &answer["replaced"][0]["amount"]), (&json!(1), &json!(12.5)));
    assert_eq!(
        (&answer["replaced"][0]["state"], &answer["replaced"][0]["replaced_by"]),
        (&json!("replaced"), &json!(2))
    );
    assert_eq!(amounts(&api, "").await, [(2, 7.25)]);
    assert_eq!(amounts(&api, "&state=live,replaced").await, [(1, 12.5), (2, 7.25)]);
    assert_eq!(amounts(&api, "&run_id=1").await, [(1, 12.5)]);
    // A whole answer may be put back.
    let read = api.get("/cost?id=2").await;
    assert_eq!(api.put("/cost?id=2", read.clone()).await["cost"], read["cost"]);
    let changed = api.put("/cost", json!({"cost": {"id": 2, "amount": -3, "currency": "usd", "allow_negative": true}}));
    let changed = changed.await;
    assert_eq!((&changed["cost"]["amount"], &changed["cost"]["currency"]), (&json!(-3), &json!("USD")));
    assert_eq!(
        api.delete("/cost?id=2").await,
        json!({"status": "OK", "count": 1, "dbg_info": {"output_term": "not_found"}})
    );
    assert_eq!(amounts(&api, "").await, []);
    // An undone run brings back what it replaced.
    let undone = json!({"rows": 1, "replaced": 1, "profile": "google_ads", "undone_by": "ann", "undone_at": NOW});
    assert_eq!(
        api.delete("/cost?run_id=2").await,
        json!({"status": "OK", "count": 1, "run": run(2, undone), "dbg_info": {"output_term": "run"}})
    );
    assert_eq!(amounts(&api, "").await, [(1, 12.5)]);
    let audits = api.get("/audit?object_type=cost,cost-run&sort=id").await;
    let audits: Vec<_> = audits["audits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            format!(
                "{} {} {}",
                entry["action"].as_str().unwrap(),
                entry["object_type"].as_str().unwrap(),
                entry["object_id"]
            )
        })
        .collect();
    assert_eq!(
        audits,
        ["created cost-run 1", "created cost-run 2", "changed cost 2", "deleted cost 2", "changed cost-run 2"]
    );
}

#[tokio::test]
async fn several_are_taken_as_one_run_and_added_up() {
    let api = Api::start().await;
    shops(&api).await;
    let costs = json!([cost(json!({})), cost(json!({"line_item_id": 2})), cost(json!({"amount": 0.5, "clicks": 2}))]);
    let answer = api.post("/cost", json!({ "costs": costs })).await;
    assert_eq!((&answer["count"], &answer["run"]["rows"], answer.get("id")), (&json!(2), &json!(2), None));
    assert_eq!(answer["costs"][0], stored(1, 1, json!({"amount": 13, "clicks": 2})));
    assert_eq!(amounts(&api, "").await, [(1, 13.0), (2, 12.5)]);
    // An array under the other key, and one of one.
    let answer = api.post("/cost", json!({"cost": [cost(json!({"amount": 1}))]})).await;
    assert_eq!((&answer["costs"][0]["id"], &answer["replaced"][0]["id"]), (&json!(3), &json!(1)));
    // Filters, pages and fields as in every list.
    for day in 1..=5 {
        api.post("/cost", json!({"cost": cost(json!({"day": format!("2026-08-0{day}"), "amount": day}))})).await;
    }
    for (query, ids) in [
        ("&min_day=2026-08-02&max_day=2026-08-04", vec![5, 6, 7]),
        ("&day=2026-08-01,2026-08-05", vec![4, 8]),
        ("&line_item_id=2", vec![2]),
        ("&advertiser_id=2", vec![]),
        ("&campaign_id=null&max_day=2026-08-01", vec![4]),
        ("&start_element=1&num_elements=2", vec![3, 4]),
        ("&min_amount=4&max_amount=5", vec![7, 8]),
    ] {
        let ids_of = amounts(&api, query).await.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
        assert_eq!(ids_of, ids, "{query}");
    }
    assert_eq!(api.get("/cost?id=4&fields=day,amount").await["cost"], json!({"day": "2026-08-01", "amount": 1}));
}

/// The change, status, error id and error. The second of October has begun in Kiritimati, and not in New York.
#[tokio::test]
async fn wrong_costs_are_refused() {
    let api = Api::start().await;
    shops(&api).await;
    let long = "x".repeat(256);
    let (last, first) = ("must not be in the future, and is", "must be 2000-01-01 or later, and is");
    for (change, status, error_id, error) in [
        (json!({"day": null}), 400, "SYNTAX", "day is required".to_owned()),
        (json!({"day": "yesterday"}), 400, "SYNTAX", "day must be a day such as 2026-10-01, and is \"yesterday\"".to_owned()),
        (json!({"day": "2026-02-29"}), 400, "SYNTAX", "day must be a day such as 2026-10-01, and is \"2026-02-29\"".to_owned()),
        (json!({"day": "2026-09-30 10:00:00"}), 400, "SYNTAX", "day must be a day such as 2026-10-01, and is \"2026-09-30 10:00:00\"".to_owned()),
        (json!({"day": 20_260_930}), 400, "SYNTAX", "day must be a day such as 2026-10-01, and is 20260930".to_owned()),
        (json!({"day": "2026-10-03"}), 400, "SYNTAX", format!("day {last} 2026-10-03: today is 2026-10-02 for the advertiser")),
        (json!({"day": "1999-12-31"}), 400, "SYNTAX", format!("day {first} 1999-12-31")),
        (json!({"line_item_id": null}), 400, "SYNTAX", "line_item_id is required".to_owned()),
        (json!({"line_item_id": "Road"}), 400, "SYNTAX", "line_item_id must be an id, and is \"Road\"".to_owned()),
        (json!({"line_item_id": 9}), 400, "SYNTAX", "line_item_id names line item 9, which does not exist".to_owned()),
        (json!({"line_item_id": 3, "advertiser_id": 1}), 409, "INTEGRITY", "line_item_id names line item 3, which does not belong to advertiser 1".to_owned()),
        (json!({"advertiser_id": 9}), 404, "SYNTAX", "advertiser 9 not found".to_owned()),
        (json!({"campaign_id": 9}), 400, "SYNTAX", "campaign_id names campaign 9, which line item 1 does not have".to_owned()),
        (json!({"line_item_id": 2, "campaign_id": 1}), 400, "SYNTAX", "campaign_id names campaign 1, which line item 2 does not have".to_owned()),
        (json!({"publisher_id": 9}), 400, "SYNTAX", "publisher_id names publisher 9, which does not exist".to_owned()),
        (json!({"amount": null}), 400, "SYNTAX", "amount is required".to_owned()),
        (json!({"amount": "12,50"}), 400, "SYNTAX", "amount must be a plain decimal number such as 10 or 10.50: no sign, currency symbol or thousands mark, and is \"12,50\"".to_owned()),
        (json!({"amount": true}), 400, "SYNTAX", "amount must be a plain decimal number such as 10 or 10.50, and is true".to_owned()),
        (json!({"amount": 1e12}), 400, "SYNTAX", "amount is too large: it must be less than 1000000000000, and is 1000000000000.0".to_owned()),
        (json!({"amount": -5}), 400, "SYNTAX", "amount is negative: -5; set allow_negative to true if it is a credit".to_owned()),
        (json!({"amount": "-5.5", "allow_negative": false}), 400, "SYNTAX", "amount is negative: -5.5; set allow_negative to true if it is a credit".to_owned()),
        (json!({"currency": null}), 400, "SYNTAX", "currency is required".to_owned()),
        (json!({"currency": "Euro"}), 400, "SYNTAX", "currency must be an ISO 4217 code such as USD, and is \"Euro\"".to_owned()),
        (json!({"imps": -1}), 400, "SYNTAX", "imps must be a whole number from 0 to 1000000000000, and is -1".to_owned()),
        (json!({"clicks": 1.5}), 400, "SYNTAX", "clicks must be a whole number from 0 to 1000000000000, and is 1.5".to_owned()),
        (json!({"account": long}), 400, "SYNTAX", "account must be at most 255 characters, and has 256".to_owned()),
        (json!({"label": "a\nb"}), 400, "SYNTAX", "label must not hold control characters".to_owned()),
        (json!({"profile": ""}), 400, "SYNTAX", "profile is required and must not be blank".to_owned()),
        (json!({"allow_negative": "maybe"}), 400, "SYNTAX", "allow_negative must be true or false, and is \"maybe\"".to_owned()),
    ] {
        let answer = api.call("POST", "/cost", Some(json!({"cost": cost(change.clone())}))).await;
        assert_eq!(answer, (status, refusal("cost", "POST", error_id, &error)), "{change}");
    }
    let advertisers = "the request names advertiser 1 and advertiser 2; send a request for each";
    let profiles = "the request names profile plain and profile meta_ads; send a request for each";
    for (body, error) in [
        (json!({}), "the body must be a JSON object with \"cost\" inside".to_owned()),
        (json!({"costs": []}), "costs must be an array of 1 to 1000 objects, and has 0".to_owned()),
        (json!({"costs": [1]}), "costs must be an array of objects".to_owned()),
        (json!({"costs": [cost(json!({})), cost(json!({"amount": -1, "day": "2030-01-01"}))]}),
            format!("costs[1].day {last} 2030-01-01: today is 2026-10-02 for the advertiser; costs[1].amount is negative: -1; set allow_negative to true if it is a credit")),
        (json!({"costs": [cost(json!({"currency": "x"})), {}]}),
            "costs[0].currency must be an ISO 4217 code such as USD, and is \"x\"; costs[1].day is required; costs[1].line_item_id is required; costs[1].amount is required; costs[1].currency is required".to_owned()),
        (json!({"costs": [cost(json!({"advertiser_id": 1})), cost(json!({"advertiser_id": 2}))]}), advertisers.to_owned()),
        (json!({"costs": [cost(json!({})), cost(json!({"profile": "meta_ads"}))]}), profiles.to_owned()),
    ] {
        let answer = api.call("POST", "/cost", Some(body.clone())).await;
        assert_eq!(answer, (400, refusal("cost", "POST", "SYNTAX", &error)), "{body}");
    }
    assert_eq!(amounts(&api, "&state=live,replaced,undone,deleted").await, [], "nothing half done");
    for (line_item, day, taken) in [(1, "2026-10-02", true), (3, "2026-10-01", true), (3, "2026-10-02", false)] {
        let (status, answer) = api
            .call("POST", "/cost", Some(json!({"cost": cost(json!({"line_item_id": line_item, "day": day}))})))
            .await;
        assert_eq!(status == 200, taken, "{answer}");
    }
}

#[tokio::test]
async fn wrong_changes_are_refused() {
    let api = Api::start().await;
    shops(&api).await;
    for amount in [1, 2] {
        api.post("/cost", json!({"cost": cost(json!({"amount": amount}))})).await;
    }
    api.post("/cost", json!({"cost": cost(json!({"line_item_id": 2}))})).await;
    api.delete("/cost?id=3").await;
    let gone = "and no longer counts; only costs that count can be changed";
    for (method, path, body, status, error_id, error) in [
        ("PUT", "/cost?id=2", json!({"day": "2026-09-01"}), 400, "SYNTAX", "day cannot change: delete this cost, and create another".to_owned()),
        ("PUT", "/cost?id=2", json!({"line_item_id": 2, "label": "x"}), 400, "SYNTAX", "line_item_id cannot change: delete this cost, and create another; label cannot change: delete this cost, and create another".to_owned()),
        ("PUT", "/cost?id=2", json!({"amount": -1}), 400, "SYNTAX", "amount is negative: -1; set allow_negative to true if it is a credit".to_owned()),
        ("PUT", "/cost?id=2", json!({"currency": null}), 400, "SYNTAX", "currency must be an ISO 4217 code such as USD, and is null".to_owned()),
        ("PUT", "/cost?id=1", json!({"amount": 5}), 409, "INTEGRITY", format!("cost 1 was replaced by run 2, {gone}")),
        ("PUT", "/cost?id=3", json!({"amount": 5}), 409, "INTEGRITY", format!("cost 3 was deleted, {gone}")),
        ("PUT", "/cost?id=9", json!({"amount": 5}), 404, "SYNTAX", "cost 9 not found".to_owned()),
        ("PUT", "/cost", json!({"amount": 5}), 400, "SYNTAX", "id is required: which cost is meant?".to_owned()),
        ("DELETE", "/cost", json!({}), 400, "SYNTAX", "id is required: which cost is meant?".to_owned()),
        ("DELETE", "/cost?id=1", json!({}), 409, "INTEGRITY", format!("cost 1 was replaced by run 2, {gone}")),
        ("DELETE", "/cost?id=1,2", json!({}), 400, "SYNTAX", "id must name exactly one object by its number".to_owned()),
        ("DELETE", "/cost?run_id=1,2", json!({}), 400, "SYNTAX", "run_id must name exactly one run by its number".to_owned()),
        ("DELETE", "/cost?run_id=x", json!({}), 400, "SYNTAX", "run_id takes whole numbers, and has \"x\"".to_owned()),
        ("DELETE", "/cost?run_id=9", json!({}), 404, "SYNTAX", "run of costs 9 not found".to_owned()),
        ("DELETE", "/cost?run_id=1&id=1", json!({}), 400, "SYNTAX", "id and run_id: one cost is deleted by id, a whole run by run_id; send one".to_owned()),
        ("GET", "/cost?day=today", json!({}), 400, "SYNTAX", "day takes days such as 2026-10-01, and has \"today\"".to_owned()),
        ("GET", "/cost?state=on", json!({}), 400, "SYNTAX", "state must be one of live, replaced, undone, deleted, and is \"on\"".to_owned()),
        ("PATCH", "/cost", json!({}), 400, "SYNTAX", "cost does not take PATCH; it takes GET, POST, PUT and DELETE".to_owned()),
    ] {
        let body = (method == "PUT").then(|| json!({ "cost": body }));
        assert_eq!(api.call(method, path, body).await, (status, refusal("cost", method, error_id, &error)), "{method} {path}");
    }
    api.delete("/cost?run_id=2").await;
    let again = format!("run 2 was undone before, by ann at {NOW}");
    assert_eq!(api.call("DELETE", "/cost?run_id=2", None).await, (409, refusal("cost", "DELETE", "INTEGRITY", &again)));
    assert_eq!(amounts(&api, "").await, [(1, 1.0)]);
}

#[tokio::test]
async fn a_caller_sees_and_changes_the_costs_of_its_advertiser() {
    let api = Api::start().await;
    shops(&api).await;
    for line_item in [1, 3] {
        api.post("/cost", json!({"cost": cost(json!({"line_item_id": line_item}))})).await;
    }
    for (name, role, advertiser) in
        [("vera", Role::Viewer, None), ("eve", Role::Editor, Some(AdvertiserId(2))), ("cole", Role::Collector, None)]
    {
        api.user(name, role, advertiser).await;
    }
    let (vera, eve, cole) = (api.sign_in("vera").await, api.sign_in("eve").await, api.sign_in("cole").await);
    let of = |line_item: i64| json!({"cost": cost(json!({"line_item_id": line_item}))}).to_string();
    for (who, token, method, path, body, status) in [
        ("vera", &vera, "GET", "/cost", None, 200),
        ("vera", &vera, "POST", "/cost", Some(of(1)), 403),
        ("vera", &vera, "DELETE", "/cost?run_id=1", None, 403),
        ("cole", &cole, "GET", "/cost", None, 403),
        ("eve", &eve, "GET", "/cost?id=1", None, 404),
        ("eve", &eve, "GET", "/cost?id=2", None, 200),
        ("eve", &eve, "POST", "/cost", Some(of(1)), 400),
        ("eve", &eve, "POST", "/cost?advertiser_id=1", Some(of(1)), 404),
        ("eve", &eve, "PUT", "/cost?id=1", Some(json!({"cost": {"amount": 1}}).to_string()), 404),
        ("eve", &eve, "DELETE", "/cost?id=1", None, 404),
        ("eve", &eve, "DELETE", "/cost?run_id=1", None, 404),
        ("eve", &eve, "POST", "/cost", Some(of(3)), 200),
    ] {
        let (answered, answer) = api.send(method, path, Some(token), body.as_deref()).await;
        assert_eq!(answered, status, "{who} {method} {path}: {answer}");
    }
    // What is deleted moves no figure, and its rows are still there.
    api.delete("/campaign?id=1").await;
    api.delete("/line-item?id=1").await;
    assert_eq!(amounts(&api, "").await, [(1, 12.5), (3, 12.5)]);
}
