//! The optional limit of requests from one address: what is over it is answered as tags expect, and is no event.

use crate::collect::{header, rejected, segment, send, visit};
use crate::harness::{START, TestApp};

#[tokio::test]
async fn what_is_over_the_limit_is_answered_and_not_logged() {
    let app = TestApp::start_with(|given| {
        given.events_per_minute = Some("2".to_owned());
        given.trusted_proxies = Some("127.0.0.1".to_owned());
    })
    .await;
    let shop = app.shop().await;
    let other = app.shop().await.pixel.id;
    let a = segment(&app, "a").await.id;
    let (pixel, advertiser) = (shop.pixel.id, shop.advertiser.id);
    let from = [("x-forwarded-for", "203.0.113.7")];
    let seen = visit(&app, &format!("/imptr?id={}", shop.impression.id), &[("x-forwarded-for", "192.0.2.1")]).await;
    let token = header(&seen, "x-pixeld-imp");
    let gif = ("image/gif", 43);
    for (path, address, status, (kind, length)) in [
        (format!("/px?id={pixel}"), "203.0.113.1", 429, gif),
        (format!("/px?id={pixel}&t=1"), "203.0.113.2", 429, ("application/javascript", 0)),
        (format!("/seg?add={a}"), "203.0.113.3", 429, gif),
        (format!("/imptr?id={}", shop.impression.id), "203.0.113.4", 429, gif),
        (format!("/clktr?id={}", shop.click.id), "203.0.113.5", 302, ("", 0)),
        (format!("/pixels/conversion/{advertiser}.gif"), "203.0.113.6", 429, gif),
        (format!("/tracked_actions/web_sale/{advertiser}"), "203.0.113.9", 429, gif),
        (format!("/sspx?id={pixel}&sspdata={token}"), "203.0.113.8", 429, ("text/plain; charset=utf-8", 69)),
    ] {
        let from = [("x-forwarded-for", address)];
        for _ in 0..2 {
            assert!(!header(&visit(&app, &path, &from).await, "x-pixeld").contains("rejected"), "{path}");
        }
        let before = app.store.logged();
        let over = visit(&app, &path, &from).await;
        assert_eq!((over.status().as_u16(), header(&over, "content-type").as_str()), (status, kind), "{path}");
        assert_eq!(header(&over, "x-pixeld"), "rejected=too_many", "{path}");
        assert_eq!(header(&over, "set-cookie"), "", "{path}");
        assert_eq!(over.bytes().await.unwrap().len(), length, "{path}");
        assert_eq!((app.store.logged(), rejected(&app).await.as_str()), (before, "too_many"), "{path}");
        // A trial is no event.
        let head = app.client.head(app.url(&path)).header(from[0].0, from[0].1).send().await.unwrap();
        assert!(!header(&head, "x-pixeld").contains("too_many"), "{path}");
    }
    let count = app.store.rejected_since(&app.reader(), START).await.unwrap();
    assert_eq!(count, [("too_many".to_owned(), 8)]);
    // Another pixel and another address have a count of their own.
    for (path, from) in
        [(format!("/px?id={other}"), from), (format!("/px?id={pixel}"), [("x-forwarded-for", "198.51.100.1")])]
    {
        assert_eq!(visit(&app, &path, &from).await.status(), 200, "{path}");
    }
    // A beacon, and the next minute. Its query and its form count together.
    let px = format!("id={pixel}");
    let statuses = async || {
        let mut statuses = Vec::new();
        for _ in 0..3 {
            statuses.push(send(&app, "/px", "text/plain", px.clone()).await.status().as_u16());
        }
        statuses
    };
    assert_eq!(statuses().await, [204, 204, 429]);
    assert_eq!(statuses().await, [429, 429, 429]);
    app.wait_minutes(1);
    assert_eq!(statuses().await, [204, 204, 429]);
}

#[tokio::test]
async fn without_the_setting_there_is_no_limit() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id;
    for _ in 0..200 {
        assert_eq!(visit(&app, &format!("/px?id={id}"), &[]).await.status(), 200);
    }
}
