//! `/imptr` and `/clktr`: what they log, and where a click arrives.

use pixeld::domain::{
    Advertiser, CampaignId, Exposure, ExposureKind, Flags, Micros, RedirectHosts, Seq, Status, VisitorId,
};
use pixeld::store::{ClickTracker, ImpTracker};

use crate::collect::{BROWSER, IMAGE_ANSWER, exposure, header, transcript, visit, warnings};
use crate::harness::{START, TestApp};

#[tokio::test]
async fn an_impression_is_logged_for_its_line_item_and_publisher() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let query = format!("id={}&t=2&cachebuster=9&ancost=0.0012&campaign_id=7&creative_id=8", shop.impression.id);
    let response = visit(&app, &format!("/imptr?{query}"), &[("cookie", "pxid=2a")]).await;
    assert_eq!(transcript(response).await, IMAGE_ANSWER.replace("x-pixeld: ok", "x-pixeld-imp: (token)\nx-pixeld: ok"));
    let expected = Exposure {
        at: START,
        kind: ExposureKind::Impression,
        tracker_id: shop.impression.id,
        line_item_id: shop.line_item.id,
        publisher_id: shop.publisher.id,
        campaign_id: Some(CampaignId(7)),
        creative_id: Some(8),
        visitor_id: Some(VisitorId(42)),
        flags: Flags::default(),
        ancost: Some(Micros(1_200)),
        impression: None,
        arrival: None,
        warnings: Vec::new(),
        query,
        referer: None,
        user_agent: Some(BROWSER.to_owned()),
        ip: Some("127.0.0.0".to_owned()),
    };
    assert_eq!(exposure(&app).await.row, expected);

    let script = visit(&app, &format!("/imptr?id={}&t=1", shop.impression.id), &[]).await;
    assert_eq!((script.status().as_u16(), header(&script, "content-type").as_str()), (200, "application/javascript"));
    let token = header(&script, "x-pixeld-imp");
    assert_eq!(
        script.text().await.unwrap(),
        format!(
            "(function(w,n,t){{(w.pixeld_imp=w.pixeld_imp||{{}})[n]=t;w.dispatchEvent(new CustomEvent(\"pixeld:imp\",\
             {{detail:{{tracker:n,token:t}}}}))}})(window,{},\"{token}\");\n",
            shop.impression.id
        )
    );
    assert!(exposure(&app).await.flags.new_visitor);
}

#[tokio::test]
async fn a_click_is_logged_and_arrives() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for path in ["/clktr", "/clktrb"] {
        let before = app.store.logged();
        let response = visit(&app, &format!("{path}?id={}", shop.click.id), &[]).await;
        assert_eq!(
            transcript(response).await,
            "302 Found\n\
             cache-control: no-store\n\
             content-length: 0\n\
             cross-origin-resource-policy: cross-origin\n\
             location: https://shop.example/landing\n\
             pragma: no-cache\n\
             set-cookie: pxid=(16 hex digits); Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax\n\
             x-pixeld: ok\n\
             \n"
        );
        let logged = exposure(&app).await;
        assert_eq!((logged.seq, logged.kind), (Seq(before.0 + 1), ExposureKind::Click));
        assert_eq!((logged.tracker_id, logged.line_item_id), (shop.click.id, shop.line_item.id));
    }
}

#[tokio::test]
async fn a_click_that_is_fetched_in_advance_is_asked_for_again() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let click = |query: &str, headers: &'static [(&str, &str)]| {
        let (app, path) = (&app, format!("/clktr?id={}{query}", shop.click.id));
        async move { transcript(visit(app, &path, headers).await).await }
    };
    let nothing = "503 Service Unavailable\n\
        cache-control: no-store\n\
        content-length: 0\n\
        cross-origin-resource-policy: cross-origin\n\
        pragma: no-cache\n\
        x-pixeld: flag=prefetch\n\
        \n";
    for (name, value) in [("sec-purpose", "prefetch"), ("sec-purpose", "prefetch;prerender"), ("purpose", "prefetch")] {
        let before = app.store.logged();
        let response = visit(&app, &format!("/clktr?id={}", shop.click.id), &[(name, value)]).await;
        assert_eq!(transcript(response).await, nothing, "{name}: {value}");
        let logged = exposure(&app).await;
        assert_eq!((logged.seq, logged.flags.prefetch), (Seq(before.0 + 1), true), "it is logged for what it is");
    }
    // The click itself, then, is counted, and arrives.
    assert!(click("", &[]).await.starts_with("302 Found\n"));
    assert!(!exposure(&app).await.flags.prefetch);
    // Nor is there anything to use where it could not be taken.
    app.store.stop();
    let failed = click("", &[("sec-purpose", "prefetch")]).await;
    assert_eq!(
        failed,
        nothing.replace("flag=prefetch", "error=unavailable").replace("x-pixeld", "retry-after: 30\nx-pixeld")
    );
}

#[tokio::test]
async fn a_click_goes_to_an_allowed_redir_and_else_to_the_landing_page() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let landing = "https://shop.example/landing";
    let arrives = |redir: &'static str| {
        let (app, path) = (&app, format!("/clktr?id={}&redir={redir}", shop.click.id));
        async move {
            let response = visit(app, &path, &[]).await;
            assert_eq!(response.status(), 302, "{redir}");
            (header(&response, "location"), warnings(&exposure(app).await.warnings))
        }
    };
    let refused = (landing.to_owned(), vec!["redir redir_not_allowed".to_owned()]);
    // Not even the landing page's own host, unless it is in the list.
    for redir in ["https://shop.example/other", "https://evil.example/", "//evil.example", "javascript:alert(1)"] {
        assert_eq!(arrives(redir).await, refused, "{redir}");
    }
    let allow = |advertiser: &mut Advertiser| {
        advertiser.redirect_hosts = RedirectHosts(vec!["shop.example".to_owned()]);
        Ok(())
    };
    app.store.update(&app.editor(), shop.advertiser.id.0, allow).await.unwrap();
    let followed = ("https://shop.example/other?a=1&b=2".to_owned(), vec![]);
    assert_eq!(arrives("https://shop.example/other?a=1&b=2").await, followed);
    assert_eq!(arrives("https%3A%2F%2Fshop.example%2Fother%3Fa%3D1%26b%3D2&t=2").await, followed);
    assert_eq!(arrives("").await, (landing.to_owned(), vec![]));
    for redir in ["https://evil.example/", "https://shop.example@evil.example/", "https://shop.example.evil.example/"] {
        assert_eq!(arrives(redir).await, refused, "{redir}");
    }
}

#[tokio::test]
async fn macros_in_a_landing_page_are_filled_in() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let url = "https://shop.example/?l=${LINE_ITEM_ID}&p=${PUBLISHER_ID}&c=${CAMPAIGN_ID}&n=${CACHEBUSTER}&x=${X}";
    let change = move |tracker: &mut ClickTracker| {
        tracker.0.click_url = Some(url.to_owned());
        Ok(())
    };
    app.store.update(&app.editor(), shop.click.id.0, change).await.unwrap();
    let response = visit(&app, &format!("/clktr?id={}&campaign_id=7", shop.click.id), &[]).await;
    let location = header(&response, "location");
    let begins = format!("https://shop.example/?l={}&p={}&c=7&n=", shop.line_item.id, shop.publisher.id);
    let number = location.strip_prefix(&begins).and_then(|rest| rest.strip_suffix("&x=${X}")).unwrap();
    assert!(number.parse::<u64>().is_ok(), "{location}");
}

#[tokio::test]
async fn a_click_that_leads_nowhere_is_rejected() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let change = |tracker: &mut ClickTracker| {
        tracker.0.click_url = None;
        Ok(())
    };
    app.store.update(&app.editor(), shop.click.id.0, change).await.unwrap();
    let before = app.store.logged();
    for query in ["", "&redir=https://evil.example/"] {
        let response = visit(&app, &format!("/clktr?id={}{query}", shop.click.id), &[]).await;
        assert_eq!(
            transcript(response).await,
            "404 Not Found\n\
             cache-control: no-store\n\
             content-length: 56\n\
             content-type: text/plain; charset=utf-8\n\
             cross-origin-resource-policy: cross-origin\n\
             pragma: no-cache\n\
             x-pixeld: rejected=no_landing_page\n\
             \n\
             This link leads nowhere: its landing page is not known.\n"
        );
    }
    assert_eq!(app.store.logged(), before);
    let counts = app.store.rejected_since(&app.reader(), START).await.unwrap();
    assert_eq!(counts, [("no_landing_page".to_owned(), 2)]);
}

#[tokio::test]
async fn an_inactive_tracker_records_nothing_but_its_clicks_arrive() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let by = app.editor();
    let pause = |tracker: &mut ClickTracker| {
        tracker.0.state = Status::Inactive;
        Ok(())
    };
    app.store.update(&by, shop.click.id.0, pause).await.unwrap();
    let pause = |tracker: &mut ImpTracker| {
        tracker.0.state = Status::Inactive;
        Ok(())
    };
    app.store.update(&by, shop.impression.id.0, pause).await.unwrap();
    let before = app.store.logged();
    let click = visit(&app, &format!("/clktr?id={}", shop.click.id), &[]).await;
    assert_eq!((click.status().as_u16(), header(&click, "location").as_str()), (302, "https://shop.example/landing"));
    let view = visit(&app, &format!("/imptr?id={}", shop.impression.id), &[]).await;
    assert_eq!((view.status().as_u16(), header(&view, "content-type").as_str()), (200, "image/gif"));
    for response in [click, view] {
        assert_eq!(header(&response, "x-pixeld"), "rejected=tracker_inactive");
        assert_eq!(header(&response, "set-cookie"), "");
    }
    assert_eq!(app.store.logged(), before);
    let counts = app.store.rejected_since(&app.reader(), START).await.unwrap();
    assert_eq!(counts, [("tracker_inactive".to_owned(), 2)]);
}

#[tokio::test]
async fn a_bad_parameter_costs_a_warning_and_never_the_exposure() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let query = format!("id={}&ancost=$1&campaign_id=x&creative_id=0&redir=//evil.example", shop.impression.id);
    let response = visit(&app, &format!("/imptr?{query}"), &[]).await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "x-pixeld"), "warning=ancost,campaign_id,creative_id,redir");
    let logged = exposure(&app).await;
    assert_eq!((logged.ancost, logged.campaign_id, logged.creative_id), (None, None, None));
    assert_eq!(
        warnings(&logged.warnings),
        ["ancost not_a_plain_decimal", "campaign_id not_an_id", "creative_id not_an_id", "redir redir_not_allowed"]
    );
}
