//! The most entries of the lists in objects, through the API and the forms. An object that has more stays usable.

use pixeld::domain::{Advertiser, Pixel, Role};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::admin::Browser;
use crate::api::Api;
use crate::harness::{TestApp, open_database};

fn hosts(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("h{n}.example")).collect()
}

fn scripts(count: usize) -> Vec<Value> {
    (0..count).map(|n| json!({"pixel_type": "js", "url": format!("https://p{n}.example/a.js")})).collect()
}

const OF_HOSTS: &str = "leave some out, or name a domain as *.shop.example";

#[tokio::test]
async fn lists_in_objects_have_a_bound() {
    let api = Api::start().await;
    let advertiser = api.advertiser("Shop").await;
    api.pixel(advertiser, "Sale").await;
    api.post("/segment", json!({"segment": {"short_name": "Buyers"}})).await;
    api.post("/line-item?advertiser_id=1", json!({"line-item": {"name": "Autumn"}})).await;
    let pixels: Vec<_> = (1..=21).map(|id| json!({"id": id})).collect();
    let piggybacks = "piggyback_pixels must be at most 20, and are";
    for (path, body, status, text) in [
        ("/advertiser?id=1", json!({"redirect_hosts": hosts(1_000)}), 200, String::new()),
        (
            "/advertiser?id=1",
            json!({"redirect_hosts": hosts(1_001)}),
            400,
            format!("redirect_hosts must be at most 1000, and are 1001; {OF_HOSTS}"),
        ),
        (
            "/advertiser?id=1&append=true",
            json!({"redirect_hosts": ["one-more.example"]}),
            400,
            format!("redirect_hosts must be at most 1000, and are 1001; {OF_HOSTS}"),
        ),
        ("/advertiser?id=1&append=true", json!({"redirect_hosts": hosts(5)}), 200, String::new()),
        (
            "/advertiser?id=1",
            json!({"redirect_hosts": hosts(60_000)}),
            400,
            r#"redirect_hosts must be an array of at most 5000 elements, and is ["h0.example","h1.example","h2.example","h3.example","h4.exa..."#.to_owned(),
        ),
        ("/pixel?id=1", json!({"piggyback_pixels": scripts(20)}), 200, String::new()),
        ("/pixel?id=1", json!({"piggyback_pixels": scripts(21)}), 400, format!("{piggybacks} 21; leave some out")),
        (
            "/pixel?id=1&append=true",
            json!({"piggyback_pixels": [{"pixel_type": "js", "url": "https://x.example/"}]}),
            400,
            format!("{piggybacks} 21; leave some out"),
        ),
        ("/segment?id=1", json!({"piggyback_pixels": scripts(21)}), 400, format!("{piggybacks} 21; leave some out")),
        (
            "/line-item?id=1",
            json!({ "pixels": pixels }),
            409,
            "pixels may hold at most 20 pixels per line item, and holds 21".to_owned(),
        ),
    ] {
        let service = path.trim_start_matches('/').split('?').next().unwrap();
        let (answered, answer) = api.call("PUT", path, Some(json!({ service: body }))).await;
        assert_eq!((answered, answer["error"].as_str().unwrap_or("")), (status, text.as_str()), "{path}");
    }
}

/// As few errors as a person reads, however many there are.
#[tokio::test]
async fn an_error_names_a_hundred_broken_rules_at_most() {
    let api = Api::start().await;
    api.advertiser("Shop").await;
    let body = json!({"advertiser": {"redirect_hosts": vec!["http://"; 1_000]}});
    let (status, _, text) = api.refused("PUT", "/advertiser?id=1", Some(body)).await;
    assert_eq!((status, text.matches("must be a host such as").count()), (400, 100));
}

#[tokio::test]
async fn forms_have_the_same_bounds() {
    let app = TestApp::start().await;
    app.shop().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let fields = |hosts: &str| {
        [
            ("name", "Shop"),
            ("default_currency", "EUR"),
            ("timezone", "UTC"),
            ("state", "active"),
            ("redirect_hosts", hosts),
        ]
        .map(|(name, value)| (name, value.to_owned()))
    };
    for (count, status) in [(1_000, 303), (1_001, 422)] {
        let fields = fields(&hosts(count).join("\n"));
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let seen = browser.submit("/admin/advertisers/1/edit", &fields).await;
        assert_eq!(seen.status, status, "{count}: {}", seen.text());
        let text = "Allowed hosts must be at most 1000";
        assert_eq!(seen.text().contains(text), status == 422, "{count}");
    }
    let form = |rows: usize| {
        let mut fields = vec![
            ("short_name", "Buyers".to_owned()),
            ("state", "active".to_owned()),
            ("expire_minutes_unit", "max".to_owned()),
        ];
        for n in 0..rows {
            fields.push(("piggyback_type", "js".to_owned()));
            fields.push(("piggyback_url", format!("https://p{n}.example/a.js")));
        }
        fields
    };
    for (rows, status) in [(20, 303), (60, 422)] {
        let fields = form(rows);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let seen = browser.submit("/admin/segments/new", &fields).await;
        assert_eq!(seen.status, status, "{rows}: {}", seen.text());
        assert_eq!(seen.text().contains("must be at most 20, and are 60"), status == 422, "{rows}");
    }
}

#[tokio::test]
async fn an_object_over_a_bound_stays_usable_and_becomes_smaller() {
    let directory = TempDir::new().unwrap();
    let app = TestApp::start_on(directory.path()).await;
    app.shop().await;
    app.stop();
    let conn = open_database(directory.path());
    conn.execute("UPDATE advertisers SET redirect_hosts = ?1", [hosts(1_500).join("\n")]).unwrap();
    for place in 0..50 {
        let url = format!("https://p{place}.example/a.js");
        let sql = "INSERT INTO pixel_piggybacks (pixel_id, place, pixel_type, url) VALUES (1, ?1, 'js', ?2)";
        conn.execute(sql, (place, url)).unwrap();
    }
    drop(conn);
    let api = Api::on(TestApp::start_on(directory.path()).await).await;
    for (path, body, status) in [
        ("/advertiser?id=1", json!({"name": "Renamed"}), 200),
        ("/advertiser?id=1&append=true", json!({"redirect_hosts": ["one-more.example"]}), 400),
        ("/advertiser?id=1", json!({"redirect_hosts": hosts(1_501)}), 400),
        ("/advertiser?id=1", json!({"redirect_hosts": hosts(1_200)}), 200),
        ("/advertiser?id=1", json!({"redirect_hosts": hosts(1_201)}), 400),
        ("/pixel?id=1", json!({"name": "Renamed"}), 200),
        ("/pixel?id=1", json!({"piggyback_pixels": scripts(51)}), 400),
        ("/pixel?id=1", json!({"piggyback_pixels": scripts(30)}), 200),
        ("/pixel?id=1", json!({"piggyback_pixels": scripts(31)}), 400),
    ] {
        let service = path.trim_start_matches('/').split('?').next().unwrap();
        let (answered, answer) = api.call("PUT", path, Some(json!({ service: body }))).await;
        assert_eq!(answered, status, "{path} {}: {}", answer["error"], body.to_string().len());
    }
    let browser = Browser::of(&api.app, Role::Editor, None).await;
    for page in ["/admin/advertisers/1", "/admin/advertisers/1/edit", "/admin/pixels/1", "/admin/pixels/1/edit"] {
        assert_eq!(browser.get(page).await.status, 200, "{page}");
    }
    let by = api.app.reader();
    let advertiser: Advertiser = api.app.store.get(&by, 1).await.unwrap();
    let pixel: Pixel = api.app.store.get(&by, 1).await.unwrap();
    assert_eq!((advertiser.redirect_hosts.0.len(), pixel.piggyback_pixels.len()), (1_200, 30));
}
