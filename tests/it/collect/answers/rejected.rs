//! Requests that cannot be taken: answered without harm, logged with their reason, bounded in rows, counted in full.

use pixeld::domain::{Rejected, Seq};
use pixeld::store::REJECTED_ROWS_AN_HOUR;

use crate::collect::{header, transcript, visit};
use crate::harness::{START, TestApp};

#[tokio::test]
async fn unknown_and_malformed_ids_get_the_image_and_a_404() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let before = app.store.logged();
    assert_eq!(
        transcript(visit(&app, "/px?id=999", &[("cookie", "pxid=2a")]).await).await,
        "404 Not Found\n\
         cache-control: no-store\n\
         content-length: 43\n\
         content-type: image/gif\n\
         cross-origin-resource-policy: cross-origin\n\
         pragma: no-cache\n\
         x-pixeld: rejected=unknown_pixel\n\
         \n\
         (the image)"
    );
    for (path, content_type, reason) in [
        ("/px", "image/gif", "missing_id"),
        ("/px?id=", "image/gif", "missing_id"),
        ("/px?id=0", "image/gif", "bad_id"),
        ("/px?id=-1", "image/gif", "bad_id"),
        ("/px?id=1%20OR%201=1", "image/gif", "bad_id"),
        ("/px?id=99999999999999999999", "image/gif", "bad_id"),
        ("/px?id=x&t=1", "application/javascript", "bad_id"),
        ("/px?id=999&t=1", "application/javascript", "unknown_pixel"),
        ("/imptr?id=999", "image/gif", "unknown_tracker"),
        ("/imptr?t=1", "application/javascript", "missing_id"),
        ("/clktr?id=999", "text/plain; charset=utf-8", "unknown_tracker"),
        ("/clktrb?id=x", "text/plain; charset=utf-8", "bad_id"),
    ] {
        let response = visit(&app, path, &[("referer", "https://shop.example/")]).await;
        assert_eq!(response.status(), 404, "{path}");
        assert_eq!(header(&response, "content-type"), content_type, "{path}");
        assert_eq!(header(&response, "x-pixeld"), format!("rejected={reason}"), "{path}");
        assert_eq!(header(&response, "set-cookie"), "", "{path}");
        let (asked, query) = path.split_once('?').unwrap_or((path, ""));
        let rejected = Rejected {
            at: START,
            method: "GET".to_owned(),
            path: asked.to_owned(),
            reason: reason.to_owned(),
            message: String::new(),
            query: query.to_owned(),
            referer: Some("https://shop.example/".to_owned()),
            ip: Some("127.0.0.0".to_owned()),
        };
        assert_eq!(app.store.latest_rejected(&app.reader(), 1).await.unwrap(), [rejected], "{path}");
    }
    // A tracker of the other kind is no tracker of this one.
    for path in [format!("/imptr?id={}", shop.click.id), format!("/clktr?id={}", shop.impression.id)] {
        assert_eq!(header(&visit(&app, &path, &[]).await, "x-pixeld"), "rejected=unknown_tracker", "{path}");
    }
    assert_eq!(app.store.logged(), before, "none of them is a fire or an exposure");
    let counts = app.store.rejected_since(&app.reader(), START).await.unwrap();
    let expected = [("bad_id", 6), ("unknown_tracker", 4), ("missing_id", 3), ("unknown_pixel", 2)];
    assert_eq!(counts, expected.map(|(reason, count)| (reason.to_owned(), count)));
}

#[tokio::test]
async fn a_query_of_8_kib_is_taken_and_a_longer_one_is_not() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let query = |id: i64, length: usize| {
        let query = format!("id={id}&x=");
        let rest = length - query.len();
        query + &"y".repeat(rest)
    };
    let taken = query(shop.pixel.id.0, 8192);
    assert_eq!(visit(&app, &format!("/px?{taken}"), &[]).await.status(), 200);
    assert_eq!(
        crate::collect::fire(&app).await.query,
        format!("id={}&x", shop.pixel.id),
        "an unknown parameter's name"
    );

    let before = app.store.logged();
    for (path, id, content_type) in [
        ("/px", shop.pixel.id.0, "image/gif"),
        ("/imptr", shop.impression.id.0, "image/gif"),
        ("/clktr", shop.click.id.0, "text/plain; charset=utf-8"),
    ] {
        let response = visit(&app, &format!("{path}?{}", query(id, 8193)), &[]).await;
        assert_eq!(response.status(), 414, "{path}");
        assert_eq!(header(&response, "x-pixeld"), "rejected=query_too_long", "{path}");
        assert_eq!(header(&response, "content-type"), content_type, "{path}");
        let rejected = app.store.latest_rejected(&app.reader(), 1).await.unwrap().remove(0);
        assert_eq!((rejected.path.as_str(), rejected.query), (path, format!("id={id}&x")));
    }
    assert_eq!(app.store.logged(), before);
}

#[tokio::test]
async fn junk_is_bounded_in_rows_and_counted_in_full() {
    let app = TestApp::start().await;
    let row = |_| Rejected {
        at: START,
        method: "GET".to_owned(),
        path: "/px".to_owned(),
        reason: "bad_id".to_owned(),
        message: String::new(),
        query: String::new(),
        referer: None,
        ip: None,
    };
    app.store.reject_all((1..REJECTED_ROWS_AN_HOUR).map(row).collect()).await.unwrap();
    for _ in 0..3 {
        assert_eq!(visit(&app, "/px?id=junk", &[]).await.status(), 404);
    }
    let limit = usize::try_from(REJECTED_ROWS_AN_HOUR).unwrap();
    let rows = || async { app.store.latest_rejected(&app.reader(), 10_000).await.unwrap().len() };
    let count = || async { app.store.rejected_since(&app.reader(), START).await.unwrap() };
    assert_eq!(rows().await, limit);
    assert_eq!(count().await, [("bad_id".to_owned(), i64::from(REJECTED_ROWS_AN_HOUR) + 2)]);

    // The next hour has room again.
    app.wait_minutes(60);
    visit(&app, "/px?id=junk", &[]).await;
    assert_eq!(rows().await, limit + 1);
    assert_eq!(app.store.logged(), Seq(0));
}
