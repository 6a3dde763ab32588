//! The cookie of known, new and unnamed visitors, over http and https.

use pixeld::domain::VisitorId;

use crate::collect::{cookie_id, fire, header, visit};
use crate::harness::TestApp;

#[tokio::test]
async fn a_known_visitor_keeps_its_id_and_its_cookie_is_renewed() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id;
    let px = format!("/px?id={id}");
    let first = cookie_id(&visit(&app, &px, &[]).await);
    assert!(fire(&app).await.flags.new_visitor);

    let again = visit(&app, &px, &[("cookie", &format!("a=b; pxid={first}; c=d"))]).await;
    assert_eq!(header(&again, "set-cookie"), format!("pxid={first}; Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax"));
    let logged = fire(&app).await;
    assert_eq!((logged.visitor_id, logged.flags.new_visitor), (VisitorId::from_hex(&first), false));
}

#[tokio::test]
async fn trackers_and_pixels_know_the_same_visitor() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let id = cookie_id(&visit(&app, &format!("/clktr?id={}", shop.click.id), &[]).await);
    let cookie = format!("pxid={id}");
    visit(&app, &format!("/px?id={}", shop.pixel.id), &[("cookie", &cookie)]).await;
    let seq = app.store.logged();
    app.judged().await;
    let conversion = app.store.conversion(&app.reader(), seq).await.unwrap();
    assert_eq!(conversion.outcome.reason().as_str(), "post_click");
    assert_eq!(conversion.visitor_id, VisitorId::from_hex(&id));
}

#[tokio::test]
async fn garbage_gets_a_new_id() {
    let app = TestApp::start().await;
    let px = format!("/px?id={}", app.shop().await.pixel.id);
    for cookie in ["pxid=junk", "pxid=", "pxid=0", "pxid=ffffffffffffffff", "pxid=\"2a\"", "pxid=<script>", ";;;"] {
        let response = visit(&app, &px, &[("cookie", cookie)]).await;
        let id = VisitorId::from_hex(&cookie_id(&response));
        assert!(id.is_some(), "{cookie}");
        let logged = fire(&app).await;
        assert_eq!((logged.visitor_id, logged.flags.new_visitor), (id, true), "{cookie}");
    }
}

#[tokio::test]
async fn an_opted_out_visitor_gets_no_id() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for cookie in ["pxid=optout", "pxid=2a; pxid=optout"] {
        let response = visit(&app, &format!("/px?id={}", shop.pixel.id), &[("cookie", cookie)]).await;
        let renewed = "pxid=optout; Path=/; Max-Age=157680000; HttpOnly; SameSite=Lax";
        assert_eq!((response.status().as_u16(), header(&response, "set-cookie").as_str()), (200, renewed), "{cookie}");
        let logged = fire(&app).await;
        assert_eq!((logged.visitor_id, logged.flags.new_visitor, logged.ip), (None, false, None), "{cookie}");
    }
}

#[tokio::test]
async fn over_https_the_cookie_goes_along_with_tags_on_other_sites() {
    let app = TestApp::start_with(|given| {
        given.trusted_proxies = Some("127.0.0.1".to_owned());
        given.cookie_days = Some("400".to_owned());
    })
    .await;
    let px = format!("/px?id={}", app.shop().await.pixel.id);
    let proxied = [("x-forwarded-proto", "https"), ("x-forwarded-for", "203.0.113.77"), ("cookie", "pxid=2a")];
    assert_eq!(
        header(&visit(&app, &px, &proxied).await, "set-cookie"),
        "pxid=000000000000002a; Path=/; Max-Age=34560000; HttpOnly; SameSite=None; Secure"
    );
    assert_eq!(fire(&app).await.ip.as_deref(), Some("203.0.113.0"));
    assert_eq!(
        header(&visit(&app, &px, &[("x-forwarded-proto", "http"), ("cookie", "pxid=2a")]).await, "set-cookie"),
        "pxid=000000000000002a; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax"
    );
}

#[tokio::test]
async fn of_a_chain_of_proxies_the_first_scheme_is_the_visitors() {
    let app = TestApp::start_with(|given| given.trusted_proxies = Some("127.0.0.1, 10.0.0.0/8".to_owned())).await;
    let px = format!("/px?id={}", app.shop().await.pixel.id);
    for (headers, is_secure) in [
        (&[("x-forwarded-proto", "https, http")][..], true),
        (&[("x-forwarded-proto", " HTTPS ,http"), ("x-forwarded-for", "203.0.113.7, 10.1.1.1")], true),
        (&[("x-forwarded-proto", "https"), ("x-forwarded-proto", "http")], true),
        (&[("x-forwarded-proto", "http, https")], false),
        // The visitor, who spoke http, wrote the first of each.
        (&[("x-forwarded-proto", "https, http"), ("x-forwarded-for", "1.2.3.4, 203.0.113.7")], false),
    ] {
        let cookie = header(&visit(&app, &px, headers).await, "set-cookie");
        assert_eq!(cookie.ends_with("SameSite=None; Secure"), is_secure, "{headers:?}: {cookie}");
    }
}

#[tokio::test]
async fn only_a_trusted_proxy_can_claim_https() {
    let app = TestApp::start().await;
    let px = format!("/px?id={}", app.shop().await.pixel.id);
    let spoofed = [("x-forwarded-proto", "https"), ("x-forwarded-for", "203.0.113.77"), ("cookie", "pxid=2a")];
    let cookie = header(&visit(&app, &px, &spoofed).await, "set-cookie");
    assert!(cookie.ends_with("SameSite=Lax"), "{cookie}");
    assert_eq!(fire(&app).await.ip.as_deref(), Some("127.0.0.0"));
}
