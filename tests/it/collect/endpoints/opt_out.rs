//! `/optout` and `/optin`: the cookie and the page.

use pixeld::domain::Caller;

use crate::collect::{cookie_id, fire, header, transcript, visit};
use crate::harness::TestApp;

#[tokio::test]
async fn a_visitor_opts_out_and_in_again() {
    let app = TestApp::start().await;
    let px = format!("/px?id={}", app.shop().await.pixel.id);
    let out = visit(&app, "/optout", &[("cookie", "pxid=2a")]).await;
    assert_eq!(out.status(), 200);
    assert_eq!(header(&out, "set-cookie"), "pxid=optout; Path=/; Max-Age=157680000; HttpOnly; SameSite=Lax");
    assert_eq!(header(&out, "content-type"), "text/html; charset=utf-8");
    assert_eq!((header(&out, "cache-control"), header(&out, "pragma")), ("no-store".to_owned(), "no-cache".to_owned()));
    assert!(header(&out, "content-security-policy").starts_with("default-src 'none'"));
    let page = out.text().await.unwrap();
    assert!(page.contains("<h1>You have opted out</h1>") && page.contains(r#"href="/optin""#), "{page}");
    assert!(!page.contains("/admin"), "the way to the admin pages is no visitor's concern");

    let response = visit(&app, &px, &[("cookie", "pxid=optout")]).await;
    assert_eq!(
        (header(&response, "x-pixeld").as_str(), cookie_id(&response).as_str()),
        ("no_visitor=opted_out", "optout")
    );
    assert_eq!(fire(&app).await.visitor_id, None);

    let back = visit(&app, "/optin", &[("cookie", "pxid=optout"), ("sec-fetch-dest", "document")]).await;
    assert_eq!(header(&back, "set-cookie"), "pxid=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    assert!(back.text().await.unwrap().contains("<h1>You have opted in</h1>"));
    // The browser has no cookie now, and so is given one.
    assert_eq!(cookie_id(&visit(&app, &px, &[]).await).len(), 16);
}

#[tokio::test]
async fn no_page_chooses_in_the_visitors_place() {
    let app = TestApp::start().await;
    for (mode, dest, site, acts) in [
        ("", "", "", true),
        ("navigate", "document", "none", true),
        ("navigate", "document", "same-origin", true),
        ("navigate", "document", "cross-site", true),
        ("navigate", "", "cross-site", true),
        ("", "document", "", true),
        ("navigate", "iframe", "cross-site", false),
        ("navigate", "frame", "same-origin", false),
        ("navigate", "embed", "cross-site", false),
        ("navigate", "object", "cross-site", false),
        ("no-cors", "image", "cross-site", false),
        ("no-cors", "image", "same-origin", false),
        ("no-cors", "script", "cross-site", false),
        ("no-cors", "style", "cross-site", false),
        ("no-cors", "", "cross-site", false),
        ("no-cors", "document", "cross-site", false),
        ("cors", "empty", "same-site", false),
        ("same-origin", "empty", "same-origin", false),
        ("websocket", "websocket", "cross-site", false),
        ("", "image", "", false),
        ("", "empty", "", false),
    ] {
        let sent = [("sec-fetch-mode", mode), ("sec-fetch-dest", dest), ("sec-fetch-site", site)];
        let sent: Vec<_> = sent.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        for (path, cookie) in [("/optin", "pxid=;"), ("/optout", "pxid=optout;")] {
            let headers = [&[("cookie", "pxid=optout")], &sent[..]].concat();
            let response = visit(&app, path, &headers).await;
            assert_eq!(response.status(), 200, "{path} {sent:?}");
            let set = header(&response, "set-cookie");
            assert_eq!((set.starts_with(cookie), set.is_empty()), (acts, !acts), "{path} {sent:?}");
            let page = response.text().await.unwrap();
            assert_eq!(page.contains("<h1>Nothing was changed</h1>"), !acts, "{path} {sent:?}");
            let mut head = app.client.head(app.url(path));
            for (name, value) in &headers {
                head = head.header(*name, *value);
            }
            assert_eq!(header(&head.send().await.unwrap(), "set-cookie"), "", "{path} {sent:?}");
        }
    }
}

#[tokio::test]
async fn a_page_that_a_browser_fetches_in_advance_is_no_choice() {
    let app = TestApp::start().await;
    for path in ["/optin", "/optout"] {
        let headers =
            [("cookie", "pxid=optout"), ("sec-fetch-dest", "document"), ("sec-purpose", "prefetch;prerender")];
        let lines = transcript(visit(&app, path, &headers).await).await;
        let lines: Vec<_> = lines.lines().filter(|line| !line.contains("-policy") && !line.starts_with("x-")).collect();
        assert_eq!(
            lines.join("\n"),
            "503 Service Unavailable\ncache-control: no-store\ncontent-length: 0\npragma: no-cache\n",
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_page_names_its_owner_and_promises_no_id_when_the_browser_sends_a_signal() {
    let app = TestApp::start().await;
    let page = async |path: &str, headers: &[(&str, &str)]| visit(&app, path, headers).await.text().await.unwrap();
    assert!(page("/optout", &[]).await.contains("sites that report to this server are counted anonymously"));
    app.store.name_member(&Caller::shell().admin().unwrap(), "ProStarr & Sons".to_owned()).await.unwrap();
    assert!(
        page("/optout", &[]).await.contains("sites that report to <b>ProStarr &#38; Sons</b> are counted anonymously")
    );
    for (headers, title, said) in [
        (&[][..], "You have opted in", "this browser may get a visitor number again"),
        (&[("sec-gpc", "1")], "Your opt-out has ended", "still sends Global Privacy Control"),
        (&[("dnt", "1"), ("cookie", "pxid=optout")], "Your opt-out has ended", "still sends Do Not Track"),
    ] {
        let page = page("/optin", headers).await;
        assert!(page.contains(&format!("<h1>{title}</h1>")) && page.contains(said), "{page}");
        assert_eq!(page.contains("number again"), title == "You have opted in", "{page}");
    }
    let app = TestApp::start_with(|given| given.honour_gpc = Some("off".to_owned())).await;
    let page = visit(&app, "/optin", &[("sec-gpc", "1")]).await.text().await.unwrap();
    assert!(page.contains("<h1>You have opted in</h1>"), "{page}");
}

#[tokio::test]
async fn over_https_the_choice_holds_for_tags_on_other_sites() {
    let app = TestApp::start_with(|given| given.trusted_proxies = Some("127.0.0.1".to_owned())).await;
    let response = visit(&app, "/optout", &[("x-forwarded-proto", "https")]).await;
    assert_eq!(
        header(&response, "set-cookie"),
        "pxid=optout; Path=/; Max-Age=157680000; HttpOnly; SameSite=None; Secure"
    );
    for path in ["/optout", "/optin"] {
        let response = app.client.head(app.url(path)).send().await.unwrap();
        assert_eq!((response.status().as_u16(), header(&response, "set-cookie").as_str()), (200, ""), "{path}");
    }
}
