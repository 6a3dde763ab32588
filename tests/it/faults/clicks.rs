//! A click that cannot be recorded: the visitor arrives all the same, without a token.

use pixeld::domain::{Status, TrackerKind};
use pixeld::store::ClickTracker;
use reqwest::Method;

use crate::collect::{BROWSER, header, visit};
use crate::harness::TestApp;

const LANDING: &str = "https://shop.example/landing?click=${CLICK_ID}&s=${SSP_DATA}&line=${LINE_ITEM_ID}";

#[tokio::test]
async fn a_click_that_cannot_be_recorded_leads_on_without_a_token() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let by = app.editor();
    let mut with_macros = shop.click.clone();
    with_macros.click_url = Some(LANDING.to_owned());
    with_macros.code = Some("macros".to_owned());
    let with_macros = app.store.create(&by, ClickTracker(with_macros)).await.unwrap().0;
    let mut inactive = shop.click.clone();
    (inactive.state, inactive.code) = (Status::Inactive, Some("inactive".to_owned()));
    let inactive = app.store.create(&by, ClickTracker(inactive)).await.unwrap().0;
    assert_eq!((with_macros.kind, inactive.kind), (TrackerKind::Click, TrackerKind::Click));
    let hosts = |advertiser: &mut pixeld::domain::Advertiser| {
        advertiser.redirect_hosts = pixeld::domain::RedirectHosts(vec!["deals.example".to_owned()]);
        Ok(())
    };
    app.store.update(&by, shop.advertiser.id.0, hosts).await.unwrap();
    app.store.stop();

    let landing = format!("https://shop.example/landing?click=&s=&line={}", shop.line_item.id);
    let plain = "https://shop.example/landing";
    let (macros, click, inactive) = (with_macros.id, shop.click.id, inactive.id);
    for (path, headers, status, location, note) in [
        (format!("/clktr?id={macros}"), &[][..], 302, landing.as_str(), "error=unavailable"),
        (format!("/clktrb?id={macros}"), &[], 302, &landing, "error=unavailable"),
        ("/clktr?code=macros&member=1".to_owned(), &[], 302, &landing, "error=unavailable"),
        (
            format!("/clktr?id={click}&redir=https://deals.example/x?c=${{CLICK_ID}}%26d=1"),
            &[],
            302,
            "https://deals.example/x?c=%26d=1",
            "error=unavailable",
        ),
        (format!("/clktr?id={click}&redir=https://evil.example/"), &[], 302, plain, "error=unavailable"),
        (format!("/clktr?id={inactive}"), &[], 302, plain, "error=unavailable"),
        (format!("/clktr?id={click}"), &[("sec-purpose", "prefetch")], 503, "", "error=unavailable"),
        ("/clktr?id=999".to_owned(), &[], 503, "", "error=unavailable"),
        (format!("/imptr?id={}&redir=https://deals.example/", shop.impression.id), &[], 503, "", "error=unavailable"),
    ] {
        let response = visit(&app, &path, headers).await;
        assert_eq!((response.status().as_u16(), header(&response, "location").as_str()), (status, location), "{path}");
        assert_eq!(header(&response, "x-pixeld"), note, "{path}");
        assert_eq!(header(&response, "retry-after"), if status == 503 { "30" } else { "" }, "{path}");
        assert_eq!((header(&response, "refresh"), header(&response, "set-cookie")), (String::new(), String::new()));
        assert_eq!(header(&response, "cache-control"), "no-store", "{path}");
    }
    let head = app.client.request(Method::HEAD, app.url(&format!("/clktr?id={macros}")));
    let head = head.header("user-agent", BROWSER).send().await.unwrap();
    assert_eq!((head.status().as_u16(), header(&head, "location").as_str()), (302, landing.as_str()));
    let told = "5 ad clicks were led on but not recorded, and 1 ad view was refused, between 12:00 and 12:00 UTC on \
                2026-10-01.";
    assert_eq!(app.store.losses().unwrap().to_string(), told, "a prefetched click is none, nor is one of no tracker");
}
