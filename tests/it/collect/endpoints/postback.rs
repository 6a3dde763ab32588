//! `/sspx`: a sale that the advertiser's server reports, credited by a token.

use pixeld::domain::{Currency, Fire, FireDetails, Flags, Micros, TagKind};

use crate::collect::{fire, header, rejected, transcript, visit, warnings};
use crate::harness::{START, Shop, TestApp};

/// A click's token.
async fn token(app: &TestApp, shop: &Shop) -> String {
    let landing = |tracker: &mut pixeld::store::ClickTracker| {
        tracker.0.click_url = Some("https://shop.example/?c=${CLICK_ID}".to_owned());
        Ok(())
    };
    app.store.update(&app.editor(), shop.click.id.0, landing).await.unwrap();
    let location = header(&visit(app, &format!("/clktr?id={}", shop.click.id), &[]).await, "location");
    location.strip_prefix("https://shop.example/?c=").unwrap().to_owned()
}

#[tokio::test]
async fn a_servers_report_is_credited_to_the_click_it_names() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let token = token(&app, &shop).await;
    let clicked = app.store.logged();
    let query = format!("id={}&order_id=A1&value=10.50&other=x&event_id=e1&sspdata={token}", shop.pixel.id);
    let response = app.get(&format!("/sspx?{query}"), &[("user-agent", "curl/8"), ("cookie", "pxid=2a")]).await;
    assert_eq!(
        transcript(response).await,
        "200 OK\n\
         cache-control: no-store\n\
         content-length: 2\n\
         content-type: text/plain; charset=utf-8\n\
         cross-origin-resource-policy: cross-origin\n\
         pragma: no-cache\n\
         x-pixeld: ok\n\
         \n\
         OK"
    );
    let expected = Fire {
        at: START,
        received: START,
        pixel_id: shop.pixel.id,
        visitor_id: None,
        flags: Flags::default(),
        tag: TagKind::Postback,
        order_id: Some("A1".to_owned()),
        value: Some(Micros(10_500_000)),
        currency: Some(Currency::USD),
        other: Some("x".to_owned()),
        event_id: Some("e1".to_owned()),
        exposure: Some(clicked),
        details: FireDetails::default(),
        warnings: Vec::new(),
        query,
        referer: None,
        user_agent: Some("curl/8".to_owned()),
        ip: None,
    };
    assert_eq!(fire(&app).await, expected);
    app.judged().await;
    let conversion = app.store.conversion(&app.reader(), app.store.logged()).await.unwrap();
    assert_eq!(conversion.outcome.reason().as_str(), "post_click");
}

#[tokio::test]
async fn an_error_is_answered_in_one_line() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let token = token(&app, &shop).await;
    let id = shop.pixel.id;
    let before = app.store.logged();
    let bad_token = "sspdata is no token of this server, or was altered; send it as it came, to the last character\n";
    for (query, reason, line) in [
        (String::new(), "missing_id", "id is missing: which pixel?\n"),
        (format!("id=x&sspdata={token}"), "bad_id", "id must be a whole number from 1 up\n"),
        (format!("id=999&sspdata={token}"), "unknown_pixel", "no pixel has this id or code\n"),
        (
            format!("code=x&sspdata={token}"),
            "missing_member",
            "member is missing: a code needs the member it belongs to\n",
        ),
        (format!("code=x&member=2&sspdata={token}"), "unknown_member", "there is no such member here\n"),
        (format!("code=x&member=1&sspdata={token}"), "unknown_pixel", "no pixel has this id or code\n"),
        (format!("id={id}"), "missing_token", "sspdata is missing: which exposure?\n"),
        (format!("id={id}&sspdata="), "missing_token", "sspdata is missing: which exposure?\n"),
        (format!("id={id}&sspdata={token}."), "bad_token", bad_token),
        (format!("id={id}&sspdata={}", &token[1..]), "bad_token", bad_token),
        (format!("id={id}&sspdata=${{SSP_DATA}}"), "bad_token", bad_token),
        (format!("id={id}&seg=1&sspdata={token}"), "segments_refused", "segments cannot be changed from a server\n"),
        (
            format!("id={id}&remove_code=&sspdata={token}"),
            "segments_refused",
            "segments cannot be changed from a server\n",
        ),
        (format!("id={id}&sspdata={token}&redir=https://a.example/"), "redir_refused", "redir has no meaning here\n"),
    ] {
        let response = visit(&app, &format!("/sspx?{query}"), &[]).await;
        assert_eq!((response.status().as_u16(), header(&response, "x-pixeld")), (400, format!("rejected={reason}")));
        assert_eq!(header(&response, "content-type"), "text/plain; charset=utf-8", "{query}");
        assert_eq!(response.text().await.unwrap(), line, "{query}");
        assert_eq!(rejected(&app).await, reason, "{query}");
    }
    let long = visit(&app, &format!("/sspx?id={id}&x={}", "y".repeat(8192)), &[]).await;
    assert_eq!(
        (long.status().as_u16(), long.text().await.unwrap().as_str()),
        (414, "the query string is longer than 8192 bytes\n")
    );
    assert_eq!(app.store.logged(), before);
}

#[tokio::test]
async fn a_bad_parameter_costs_a_warning_and_never_the_sale() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let token = token(&app, &shop).await;
    let query = format!("id={}&value=$1&test=1&gdpr=0&num_items=x&sspdata={token}", shop.pixel.id);
    let response = visit(&app, &format!("/sspx?{query}"), &[]).await;
    assert_eq!(
        (response.status().as_u16(), header(&response, "x-pixeld").as_str()),
        (200, "flag=test; warning=value,num_items")
    );
    let logged = fire(&app).await;
    assert_eq!(warnings(&logged.warnings), ["value not_a_plain_decimal", "num_items not_a_whole_number"]);
    assert_eq!(logged.details.consent.as_deref(), Some("gdpr=0"));
}

#[tokio::test]
async fn without_consent_the_token_names_no_visitor() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let token = token(&app, &shop).await;
    let response = visit(&app, &format!("/sspx?id={}&gdpr=1&sspdata={token}", shop.pixel.id), &[]).await;
    assert_eq!((response.status().as_u16(), header(&response, "x-pixeld").as_str()), (200, "no_visitor=no_consent"));
    let logged = fire(&app).await;
    assert_eq!((logged.exposure, logged.query), (None, format!("id={}&gdpr=1", shop.pixel.id)));
}

#[tokio::test]
async fn a_postback_that_cannot_be_logged_is_never_ok() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let token = token(&app, &shop).await;
    assert_eq!(
        app.client.head(app.url(&format!("/sspx?id={}&sspdata={token}", shop.pixel.id))).send().await.unwrap().status(),
        200
    );
    app.store.stop();
    let response = visit(&app, &format!("/sspx?id={}&sspdata={token}", shop.pixel.id), &[]).await;
    assert_eq!((response.status().as_u16(), header(&response, "retry-after").as_str()), (503, "30"));
    assert_eq!(response.text().await.unwrap(), "Not taken; please send it again.\n");
}
