//! `/openapi.json`: open to all, and true of every address that it names.

use pixeld::domain::{ConversionChange, ConversionName};
use pixeld::store::LogRow;
use serde_json::{Value, json};

use super::Api;

async fn document(api: &Api) -> Value {
    let response = api.raw("GET", "/openapi.json", None, None).await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"application/json".parse().unwrap())
    );
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

#[tokio::test]
async fn the_description_needs_no_token_and_takes_no_other_method() {
    let api = Api::start().await;
    let document = document(&api).await;
    assert_eq!(
        (&document["openapi"], &document["info"]["version"]),
        (&json!("3.1.0"), &json!(env!("CARGO_PKG_VERSION")))
    );
    let (status, error_id, error) = api.refused("POST", "/openapi.json", Some(json!({}))).await;
    assert_eq!(
        (status, error_id.as_str(), error.as_str()),
        (400, "SYNTAX", "openapi.json does not take POST; it takes GET")
    );
}

#[tokio::test]
async fn every_address_is_there_and_takes_just_the_methods_that_are_described() {
    let api = Api::start().await;
    let document = document(&api).await;
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = path.replace("{id}", "1");
        for method in ["GET", "POST", "PUT", "DELETE"] {
            let (_, answer) = match path.as_str() {
                "/openapi.json" if method == "GET" => continue,
                _ => api.call(method, &path, None).await,
            };
            let error = answer["error"].as_str().unwrap_or("");
            let refused = error.contains(&format!("does not take {method}")) || error.contains("no such service");
            assert_eq!(refused, item.get(method.to_lowercase()).is_none(), "{method} {path}: {answer}");
        }
    }
}

#[tokio::test]
async fn objects_have_just_the_fields_that_are_described() {
    let app = crate::harness::TestApp::start().await;
    let advertiser = app.shop().await.advertiser.id;
    let (of, change) = (ConversionName::OrderId("A1".to_owned()), ConversionChange::Retract);
    let adjustment = crate::judge::adjustment(advertiser, of, change);
    app.store.append(LogRow::Adjustment(Box::new(adjustment))).await.unwrap();
    let api = Api::on(app).await;
    api.post("/segment", json!({"segment": {"short_name": "Buyers"}})).await;
    crate::judge::segments::load(&api.app, 7, 0, "1").await;
    let shop = json!({"campaign": {"name": "Autumn", "line_item_id": 1}});
    api.post("/campaign?advertiser_id=1", shop).await;
    let cost = json!({"line_item_id": 1, "day": "2026-09-30", "amount": 1, "currency": "EUR"});
    api.post("/cost", json!({ "cost": cost })).await;
    let document = document(&api).await;
    for (service, shape) in [
        ("pixel", "Pixel"),
        ("advertiser", "Advertiser"),
        ("publisher", "Publisher"),
        ("line-item", "LineItem"),
        ("campaign", "Campaign"),
        ("segment", "Segment"),
        ("imptracker", "Imptracker"),
        ("clicktracker", "Clicktracker"),
        ("user", "User"),
        ("member", "Member"),
        ("audit", "Audit"),
        ("membership?visitor_id=7", "Membership"),
        ("adjustment", "Adjustment"),
        ("cost", "Cost"),
    ] {
        let answer = api.get(&format!("/{service}")).await;
        let data = &answer[answer["dbg_info"]["output_term"].as_str().unwrap()];
        let object = data.get(0).unwrap_or(data).as_object().unwrap_or_else(|| panic!("{answer}"));
        let described = document["components"]["schemas"][shape]["properties"].as_object().unwrap();
        let names = |object: &serde_json::Map<String, Value>| {
            let mut names: Vec<_> = object.keys().cloned().collect();
            names.sort();
            names
        };
        assert_eq!(names(object), names(described), "{service}");
    }
}
