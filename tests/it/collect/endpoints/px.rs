//! `/px`: image, script, parameters, what is logged of them.

use pixeld::domain::{Currency, Fire, FireDetails, Flags, Micros, Pixel, Status, TagForm, TagKind, VisitorId, Warning};

use crate::collect::{BROWSER, IMAGE_ANSWER, cookie_id, fire, header, transcript, visit, warnings};
use crate::harness::{START, TestApp};

#[tokio::test]
async fn an_image_is_answered_and_its_fire_logged() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let id = shop.pixel.id;
    let query = format!("id={id}&order_id=A%201&value=10.50&currency=eur&other=x&event_id=e1&t=2&cb=7&more=1");
    let page = "https://shop.example/thanks?order=1";
    let response = visit(&app, &format!("/px?{query}"), &[("referer", page)]).await;
    let visitor = VisitorId::from_hex(&cookie_id(&response));
    assert!(visitor.is_some());
    assert_eq!(transcript(response).await, IMAGE_ANSWER);
    let expected = Fire {
        at: START,
        received: START,
        pixel_id: id,
        visitor_id: visitor,
        flags: Flags { new_visitor: true, ..Flags::default() },
        tag: TagKind::Image,
        order_id: Some("A 1".to_owned()),
        value: Some(Micros(10_500_000)),
        currency: Currency::parse("EUR"),
        other: Some("x".to_owned()),
        event_id: Some("e1".to_owned()),
        exposure: None,
        details: FireDetails::default(),
        warnings: Vec::new(),
        // Of an unknown parameter the name, and of a page no query.
        query: query.trim_end_matches("=1").to_owned(),
        referer: Some("https://shop.example/thanks".to_owned()),
        user_agent: Some(BROWSER.to_owned()),
        ip: Some("127.0.0.0".to_owned()),
    };
    assert_eq!(fire(&app).await, expected);
}

#[tokio::test]
async fn a_script_with_nothing_to_do_is_empty() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id;
    assert_eq!(
        transcript(visit(&app, &format!("/px?id={id}&t=1"), &[]).await).await,
        "200 OK\n\
         cache-control: no-store\n\
         content-length: 0\n\
         content-type: application/javascript\n\
         cross-origin-resource-policy: cross-origin\n\
         pragma: no-cache\n\
         set-cookie: pxid=(16 hex digits); Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax\n\
         x-pixeld: ok\n\
         \n"
    );
    assert_eq!(fire(&app).await.tag, TagKind::Script);
}

#[tokio::test]
async fn the_exported_tag_fires_the_pixel() {
    use pixeld::tag::{Parameter, TagHost, TrackerTagOptions, pixel_tag};
    let app = TestApp::start().await;
    let pixel = app.shop().await.pixel;
    let host = TagHost::parse(&app.address.to_string()).unwrap();
    for kind in [TagForm::Image, TagForm::Script] {
        let parameters = Parameter::OF_PIXELS.to_vec();
        let options = TrackerTagOptions { kind, secure: false, host: host.clone(), parameters, test: false };
        let url = pixel_tag(&pixel, &options).unwrap().url;
        // Exactly as exported, with nothing filled in: every placeholder gives a warning, none becomes a value.
        let response = app.client.get(&url).header("user-agent", BROWSER).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let odd = "order_id,value,currency,other,event_id,content_ids,num_items,gdpr,gdpr_consent,gpp,redir";
        assert_eq!(header(&response, "x-pixeld"), format!("warning={odd}"));
        let logged = fire(&app).await;
        assert_eq!((logged.tag, logged.order_id, logged.event_id, logged.value), (kind.into(), None, None, None));
    }
}

#[tokio::test]
async fn head_is_answered_and_logs_nothing() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let before = app.store.logged();
    for (path, status, length) in [
        (format!("/px?id={}", shop.pixel.id), 200, "43"),
        ("/px?id=999".to_owned(), 404, "43"),
        (format!("/imptr?id={}", shop.impression.id), 200, "43"),
        (format!("/clktr?id={}", shop.click.id), 302, "0"),
    ] {
        let response = app.client.head(app.url(&path)).send().await.unwrap();
        assert_eq!((response.status().as_u16(), cookie_id(&response)), (status, String::new()), "{path}");
        assert_eq!(header(&response, "content-length"), length, "{path}");
        assert_eq!(response.bytes().await.unwrap().len(), 0, "{path}");
    }
    assert_eq!(app.store.logged(), before);
    assert_eq!(app.store.rejected_since(&app.reader(), START).await.unwrap(), []);
}

#[tokio::test]
async fn a_bad_parameter_costs_a_warning_and_never_the_fire() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id;
    let long = "é".repeat(400);
    let query = format!("id={id}&order_id={long}&value=$10&other={long}&event_id={long}&currency=euro&test=maybe&id=7");
    let response = visit(&app, &format!("/px?{query}"), &[]).await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "x-pixeld"), "warning=id,test,order_id,value,currency,other,event_id");
    let logged = fire(&app).await;
    assert_eq!(
        warnings(&logged.warnings),
        [
            "id repeated",
            "test not_0_or_1",
            "order_id too_long",
            "value not_a_plain_decimal",
            "currency not_a_currency",
            "other cut_to_its_length",
            "event_id too_long",
        ]
    );
    assert!(logged.warnings.iter().all(|warning| warning.raw.chars().count() <= 200));
    assert_eq!(
        logged.warnings[3],
        Warning { parameter: "value".into(), raw: "$10".into(), rule: "not_a_plain_decimal".into() }
    );
    assert_eq!((logged.order_id, logged.other), (None, Some("é".repeat(20))));
    assert_eq!((logged.value, logged.event_id, logged.flags.test), (None, None, false));
    assert_eq!(logged.currency, None, "no other steps in for one that was not understood");
}

#[tokio::test]
async fn a_fire_that_does_not_count_is_flagged_and_answered_with_its_reason() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id;
    for (query, headers, told, flags) in [
        ("", &[][..], "ok", Flags::default()),
        ("&test=1", &[], "flag=test", Flags { test: true, ..Flags::default() }),
        ("", &[("user-agent", "Googlebot/2.1")], "flag=bot", Flags { bot: true, ..Flags::default() }),
        ("", &[("user-agent", "")], "ok", Flags::default()),
        ("", &[("sec-purpose", "prefetch")], "flag=prefetch", Flags { prefetch: true, ..Flags::default() }),
        ("", &[("purpose", "prefetch")], "flag=prefetch", Flags { prefetch: true, ..Flags::default() }),
        ("", &[("x-moz", "prefetch")], "flag=prefetch", Flags { prefetch: true, ..Flags::default() }),
        (
            "&test=1&value=-1",
            &[("sec-purpose", "prefetch;prerender")],
            "flag=test,prefetch; warning=value",
            Flags { test: true, prefetch: true, ..Flags::default() },
        ),
    ] {
        let mut all = vec![("cookie", "pxid=2a")];
        if !headers.iter().any(|(name, _)| *name == "user-agent") {
            all.push(("user-agent", BROWSER));
        }
        all.extend(headers);
        let response = app.get(&format!("/px?id={id}{query}"), &all).await;
        assert_eq!((response.status().as_u16(), header(&response, "x-pixeld").as_str()), (200, told));
        assert_eq!(fire(&app).await.flags, flags, "{told}");
    }
}

#[tokio::test]
async fn an_inactive_pixel_is_answered_logged_and_not_credited() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id;
    let pause = |pixel: &mut Pixel| {
        pixel.state = Status::Inactive;
        Ok(())
    };
    app.store.update(&app.editor(), id.0, pause).await.unwrap();
    let response = visit(&app, &format!("/px?id={id}"), &[]).await;
    assert_eq!((response.status().as_u16(), header(&response, "x-pixeld").as_str()), (200, "ok"));
    let seq = app.store.logged();
    app.judged().await;
    let conversion = app.store.conversion(&app.reader(), seq).await.unwrap();
    assert_eq!(conversion.outcome.reason().as_str(), "pixel_inactive");
}

#[tokio::test]
async fn any_page_may_send_it_with_cookies() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id;
    let response = visit(&app, &format!("/px?id={id}"), &[("origin", "https://shop.example")]).await;
    for (name, value) in [
        ("access-control-allow-origin", "https://shop.example"),
        ("access-control-allow-credentials", "true"),
        ("access-control-expose-headers", "x-pixeld"),
        ("vary", "Origin"),
    ] {
        assert_eq!(header(&response, name), value, "{name}");
    }
    let asked = app.client.request(reqwest::Method::OPTIONS, app.url("/px?id=1"));
    let response = asked.header("origin", "https://shop.example").send().await.unwrap();
    assert_eq!(
        transcript(response).await,
        "204 No Content\n\
         access-control-allow-credentials: true\n\
         access-control-allow-headers: Content-Type\n\
         access-control-allow-methods: GET, HEAD, POST, OPTIONS\n\
         access-control-allow-origin: https://shop.example\n\
         access-control-expose-headers: x-pixeld\n\
         access-control-max-age: 86400\n\
         allow: GET, HEAD, POST, OPTIONS\n\
         cache-control: no-store\n\
         pragma: no-cache\n\
         vary: Origin\n\
         \n"
    );
}

#[tokio::test]
async fn a_fire_that_cannot_be_logged_is_never_answered_200() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let before = app.store.logged();
    // The writer has stopped while the server still answers, as when the disk is full.
    app.store.stop();
    let image = transcript(visit(&app, &format!("/px?id={}", shop.pixel.id), &[]).await).await;
    assert_eq!(
        image,
        "503 Service Unavailable\n\
         cache-control: no-store\n\
         content-length: 43\n\
         content-type: image/gif\n\
         cross-origin-resource-policy: cross-origin\n\
         pragma: no-cache\n\
         retry-after: 30\n\
         x-pixeld: error=unavailable\n\
         \n\
         (the image)"
    );
    let script = visit(&app, &format!("/px?id={}&t=1", shop.pixel.id), &[]).await;
    assert_eq!((script.status().as_u16(), header(&script, "content-type").as_str()), (503, "application/javascript"));
    let unknown = visit(&app, "/px?id=999", &[]).await;
    assert_eq!((unknown.status().as_u16(), header(&unknown, "x-pixeld").as_str()), (503, "error=unavailable"));

    // A click says the same, and gets the visitor to the shop.
    let click = visit(&app, &format!("/clktr?id={}", shop.click.id), &[]).await;
    assert_eq!((click.status().as_u16(), header(&click, "location").as_str()), (302, "https://shop.example/landing"));
    assert_eq!(header(&click, "x-pixeld"), "error=unavailable");
    assert_eq!(app.store.logged(), before);
}
