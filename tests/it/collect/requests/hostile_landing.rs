//! Hostile values in every field of `/landing`: nothing of them is written back, and every row stays bounded.

use crate::collect::send;
use crate::harness::TestApp;

const FORM: &str = "application/x-www-form-urlencoded;charset=UTF-8";

#[tokio::test]
async fn hostile_arrivals_change_nothing_else_and_are_not_written_back() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let id = shop.advertiser.id.0;
    let deep = |text: &str| format!("{}{text}{}", "[".repeat(100), "]".repeat(100));
    let long = "x".repeat(100_000);
    let many: String = (0..5_000).map(|n| format!("p{n}=A{n:039}&")).collect();
    let values = [
        "\"</script><script>alert(1)</script>\"".to_owned(),
        "\"\\u0000\\r\\nSet-Cookie: evil=1\"".to_owned(),
        "\"=cmd|'/c calc'!A0\"".to_owned(),
        "\"{\\\"$gt\\\":\\\"\\\"}\"".to_owned(),
        "[\"a\",[\"b\"],{\"c\":1},null,true,1e309]".to_owned(),
        "{\"a\":{\"b\":[1]}}".to_owned(),
        "1e400".to_owned(),
        "-99999999999999999999999999999999".to_owned(),
        "true".to_owned(),
        "null".to_owned(),
        "\"\\ud83c\\udf89\\u202e\"".to_owned(),
        deep("1"),
        format!("\"{long}\""),
        format!("[{}1]", "\"x\",".repeat(20_000)),
        format!("\"{many}\""),
    ];
    let names = [
        "id",
        "advertiser_id",
        "code",
        "member",
        "page_url",
        "referrer",
        "visitor_id",
        "test",
        "gdpr",
        "gdpr_consent",
        "us_privacy",
        "gpp",
        "parameters",
        "utm_source",
        "gclid",
        "ref",
        "__proto__",
        "",
    ];
    for value in &values {
        for name in names {
            let body = format!("{{\"{name}\":{value},\"gclid\":\"good\",\"id\":{id}}}");
            let answer = send(&app, "/landing", "application/json", body.clone()).await;
            let begin: String = body.chars().take(120).collect();
            assert!([200, 204, 400, 404].contains(&answer.status().as_u16()), "{begin} {}", answer.status());
            for (name, value) in answer.headers() {
                let text = String::from_utf8_lossy(value.as_bytes());
                assert!(!text.contains("evil") && !text.contains("script"), "{begin} {name}: {text}");
            }
            let text = answer.text().await.unwrap();
            assert!(text.len() < 120 && !text.contains("alert"), "{begin} {text}");
        }
    }
    for body in [
        b"id=1&gclid=\xff\xfe".to_vec(),
        b"\xff\xfe".to_vec(),
        vec![0; 1_000],
        b"{\"id\":1,\"gclid\":\"\xff\"}".to_vec(),
    ] {
        let answer = send(&app, "/landing", FORM, body).await;
        assert!([204, 400, 404, 415].contains(&answer.status().as_u16()), "{}", answer.status());
    }
    // Every row can be read, is bounded, and is judged.
    let reader = app.reader();
    for seq in 1..=app.store.logged().0 {
        if let Ok(row) = app.store.exposure(&reader, pixeld::domain::Seq(seq)).await {
            let arrival = row.arrival.as_ref().unwrap();
            assert!(row.query.len() <= 4 * 8_192 && row.warnings.len() <= 40, "{}", row.warnings.len());
            assert!(arrival.parameters.iter().all(|(_, value)| value.chars().count() <= 255));
            assert!(arrival.click_ids.iter().all(|id| id.value.as_ref().is_none_or(|value| value.len() <= 512)));
        }
    }
    app.judged().await;
}
