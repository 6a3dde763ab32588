//! Lists: filter, search, sort, page, select; parameters in the query and in a body.

use serde_json::{Value, json};

use super::Api;

/// Three pixels of two advertisers, the third made ten minutes after the others.
async fn prepared() -> Api {
    let api = Api::start().await;
    let (shoes, hats) = (api.advertiser("Shoes").await, api.advertiser("Hats").await);
    for (advertiser, pixel) in [
        (shoes, json!({"name": "Sale of shoes", "code": "A_1", "post_click_value": 5, "trigger_type": "hybrid"})),
        (hats, json!({"name": "Sale of hats", "state": "inactive", "min_minutes_per_conv": 10})),
    ] {
        api.post(&format!("/pixel?advertiser_id={advertiser}"), json!({"pixel": pixel})).await;
    }
    api.app.wait_minutes(10);
    let third = json!({"name": "Lead 100%", "code": "A-2", "post_click_value": "10.5", "count_each_order_once": true,
        "max_value": 500});
    api.post(&format!("/pixel?advertiser_id={hats}"), json!({"pixel": third})).await;
    api
}

fn ids(answer: &Value) -> Vec<i64> {
    answer["pixels"]
        .as_array()
        .unwrap_or_else(|| panic!("{answer}"))
        .iter()
        .map(|p| p["id"].as_i64().unwrap())
        .collect()
}

#[tokio::test]
async fn filters_sorts_and_searches() {
    let api = prepared().await;
    for (query, found) in [
        ("", vec![1, 2, 3]),
        ("advertiser_id=2", vec![2, 3]),
        ("advertiser_id=1,2&state=active", vec![1, 3]),
        ("not_state=active", vec![2]),
        ("id=3,1,99", vec![1, 3]),
        ("id[0]=3&id[1]=1", vec![1, 3]),
        ("id[]=2", vec![2]),
        ("not_id=2", vec![1, 3]),
        ("code=null", vec![2]),
        ("not_code=null", vec![1, 3]),
        ("not_code=A_1", vec![2, 3]),
        ("like_name=SALE", vec![1, 2]),
        ("like_name=sale+of+h", vec![2]),
        ("like_name=sale%20of%20h", vec![2]),
        ("like_name=100%25", vec![3]),
        ("like_name=%25", vec![3]),
        ("like_code=A_", vec![1]),
        ("min_id=2", vec![2, 3]),
        ("max_id=2", vec![1, 2]),
        ("min_post_click_value=5.000001", vec![3]),
        ("max_post_click_value=5", vec![1]),
        ("nmin_post_click_value=6", vec![2, 3]),
        ("nmax_post_click_value=6", vec![1, 2]),
        ("post_click_value=10.50", vec![3]),
        ("min_last_modified=2026-10-01+12:10:00", vec![3]),
        ("min_last_modified=2026-10-01%2012%3A00%3A01", vec![3]),
        ("max_last_modified=2026-10-01+12:09:59", vec![1, 2]),
        ("min_created_on=2026-10-01", vec![1, 2, 3]),
        ("min_minutes_per_conv=10", vec![2]),
        ("min_min_minutes_per_conv=10", vec![2]),
        ("count_each_order_once=true", vec![3]),
        ("max_value=500", vec![3]),
        ("max_value=null", vec![1, 2]),
        ("min_max_value=500.000001", vec![]),
        ("max_max_value=500", vec![3]),
        ("nmin_max_value=500", vec![1, 2, 3]),
        ("trigger_type=hybrid,view", vec![1]),
        ("search=sale", vec![1, 2]),
        ("search=3", vec![3]),
        ("search=a-2", vec![3]),
        ("search=nothing", vec![]),
        ("sort=id.desc", vec![3, 2, 1]),
        ("sort=name.asc", vec![3, 2, 1]),
        ("sort=advertiser_id.desc,name", vec![3, 2, 1]),
        ("sort=state.desc,id.desc", vec![2, 3, 1]),
        ("sort=post_click_value.desc", vec![3, 1, 2]),
        ("state=active&sort=id.desc&search=a", vec![3, 1]),
    ] {
        let answer = api.get(&format!("/pixel?{query}")).await;
        assert_eq!((ids(&answer), &answer["count"]), (found.clone(), &json!(found.len())), "{query}");
    }
}

#[tokio::test]
async fn pages_count_all_and_are_cut_at_a_hundred() {
    let api = prepared().await;
    let first = api.get("/pixel?num_elements=2&sort=id.desc").await;
    assert_eq!(ids(&first), [3, 2]);
    let paging = |answer: &Value| json!([answer["count"], answer["start_element"], answer["num_elements"]]);
    assert_eq!(paging(&first), json!([3, 0, 2]));
    let second = api.get("/pixel?num_elements=2&start_element=2&sort=id.desc").await;
    assert_eq!((ids(&second), paging(&second)), (vec![1], json!([3, 2, 2])));
    let beyond = api.get("/pixel?start_element=50").await;
    assert_eq!((ids(&beyond), paging(&beyond)), (vec![], json!([3, 50, 100])));
    let many = api.get("/pixel?num_elements=5000").await;
    assert_eq!((ids(&many), paging(&many)), (vec![1, 2, 3], json!([3, 0, 100])));
    let one = api.get("/pixel?id=2&start_element=5").await;
    assert_eq!((&one["pixel"]["id"], paging(&one)), (&json!(2), json!([1, 5, 100])), "one that is named is found");
}

#[tokio::test]
async fn fields_select_the_columns_of_the_answer() {
    let api = prepared().await;
    let answer = api.get("/pixel?fields=name,id&advertiser_id=1").await;
    assert_eq!(answer["pixels"], json!([{"id": 1, "name": "Sale of shoes"}]));
    let answer = api.get("/pixel?fields=name&id=1").await;
    assert_eq!(
        (&answer["pixel"], &answer["pixels"]),
        (&json!({"name": "Sale of shoes"}), &json!([{"name": "Sale of shoes"}]))
    );
}

#[tokio::test]
async fn a_body_counts_as_parameters() {
    let api = prepared().await;
    let (_, answer) = api.call("GET", "/pixel", Some(json!({"start_element": 1, "num_elements": "1"}))).await;
    assert_eq!((ids(&answer), &answer["start_element"], &answer["num_elements"]), (vec![2], &json!(1), &json!(1)));
    let (_, answer) = api.call("GET", "/pixel", Some(json!({"id": [3, 1]}))).await;
    assert_eq!(ids(&answer), [1, 3]);
    let (_, answer) = api.call("GET", "/pixel", Some(json!({"id": 3}))).await;
    assert_eq!(answer["pixel"]["id"], 3);
    let (status, answer) = api.call("DELETE", "/pixel", Some(json!({"id": 3}))).await;
    assert_eq!((status, &answer["count"]), (200, &json!(1)));
    assert_eq!(ids(&api.get("/pixel").await), [1, 2]);
}

#[tokio::test]
async fn parameters_without_meaning_give_a_warning() {
    let api = prepared().await;
    let answer = api.get("/pixel?stat=active&fields=id,colour").await;
    assert_eq!(
        answer,
        json!({
            "status": "OK",
            "pixels": [{"id": 1}, {"id": 2}, {"id": 3}],
            "count": 3,
            "start_element": 0,
            "num_elements": 100,
            "dbg_info": {
                "output_term": "pixels",
                "warnings": [
                    "unknown parameter \"stat\" was ignored; it filters nothing",
                    "fields names \"colour\", which this service does not have",
                ],
            },
        })
    );
}

#[tokio::test]
async fn filters_that_cannot_be_read_are_refused() {
    let api = prepared().await;
    for (query, text) in [
        ("state=on", "state must be one of active, inactive, and is \"on\""),
        ("id=x", "id takes whole numbers, and has \"x\""),
        (
            "sort=line_items.asc",
            "sort names \"line_items\", which this service cannot sort by; its meta lists the fields that it can",
        ),
        ("num_elements=-1", "num_elements must be a whole number from 0 to 4294967295, and is \"-1\""),
        (
            "min_last_modified=yesterday",
            "min_last_modified takes dates such as 2026-10-01 12:00:00 (UTC), and is \"yesterday\"",
        ),
    ] {
        let refused = api.refused("GET", &format!("/pixel?{query}"), None).await;
        assert_eq!(refused, (400, "SYNTAX".to_owned(), text.to_owned()), "{query}");
    }
    let many = vec!["1"; 1001].join(",");
    let refused = api.refused("GET", &format!("/pixel?id={many}"), None).await;
    assert_eq!(refused.2, "id takes at most 1000 values, and has 1001");
    let long = "x".repeat(256);
    for name in ["search", "like_name"] {
        let refused = api.refused("GET", &format!("/pixel?{name}={long}"), None).await;
        assert_eq!(refused.2, format!("{name} must be at most 255 characters, and has 256"));
    }
}

/// A body holds more than an address. Whatever it names, SQLite gets a bounded number of terms.
#[tokio::test]
async fn lists_of_any_length_are_answered_in_words_or_with_a_list() {
    let api = prepared().await;
    let ids = (1..=1_000).map(|id| id.to_string()).collect::<Vec<_>>().join(",");
    let words = (1..=1_000).map(|id| format!("w{id}")).collect::<Vec<_>>().join(",");
    let all: Value = api.get("/pixel").await;
    let pixel = &all["pixels"][0];
    let known = format!("{words},{}", pixel["name"].as_str().unwrap()).replacen("w1,", "", 1);
    for (body, status, count) in [
        (json!({ "id": ids }), 200, all["count"].clone()),
        (json!({ "not_id": ids }), 200, json!(0)),
        (json!({ "name": known }), 200, json!(1)),
        (
            json!({ "not_name": format!("{known},null").replacen("w2,", "", 1) }),
            200,
            json!(all["count"].as_i64().unwrap() - 1),
        ),
        (json!({ "fields": words }), 200, all["count"].clone()),
        (json!({ "sort": "id.asc,".repeat(500) }), 400, Value::Null),
        (json!({ "search": "x".repeat(60_000) }), 400, Value::Null),
        (json!({ "like_name": "x".repeat(60_000) }), 400, Value::Null),
        (json!({ "fields": ids.clone() + &",x".repeat(100_000) }), 400, Value::Null),
    ] {
        let (answered, answer) = api.call("GET", "/pixel", Some(body.clone())).await;
        let start = body.to_string().chars().take(40).collect::<String>();
        assert_eq!((answered, &answer["count"]), (status, &count), "{start}: {}", answer["error"]);
    }
    let fields = ["id", "advertiser_id", "name", "code", "state", "min_minutes_per_conv", "post_click_expire_mins"];
    let fields = fields.into_iter().chain(["post_view_expire_mins", "post_click_value", "post_view_value"]);
    let filters = fields.flat_map(|field| [field.to_owned(), format!("not_{field}")]).map(|name| {
        let values = if name.ends_with("state") { "active,".repeat(900) + "active" } else { ids.clone() };
        (name, values.into())
    });
    let (status, answer) = api.call("GET", "/pixel", Some(Value::Object(filters.collect()))).await;
    assert_eq!((status, &answer["count"]), (200, &json!(0)), "{}", answer["error"]);
}
