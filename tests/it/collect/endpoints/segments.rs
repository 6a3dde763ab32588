//! Segments: on the conversion pixel, and by their own pixel `/seg`.

use pixeld::domain::{
    Advertiser, Flags, Piggyback, PiggybackKind, RedirectHosts, Segment, SegmentLoad, Status, TagKind, VisitorId,
};

use crate::collect::{BROWSER, IMAGE_ANSWER, fire, header, load, ops, rejected, segment, transcript, visit, warnings};
use crate::harness::{START, TestApp};

#[tokio::test]
async fn a_conversion_pixel_adds_and_removes_as_published() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id;
    let [a, b, c] = [segment(&app, "a").await.id, segment(&app, "b").await.id, segment(&app, "Buyers").await.id];
    for (query, done) in [
        // The published examples.
        (format!("seg={a},{b}&remove={c}&t=2"), format!("{a},{b},-{c}")),
        (format!("add={a}"), format!("{a}")),
        (format!("seg={a}:7,{b}:2147483647,{c}:0"), format!("{a}:7,{b}:2147483647,{c}:0")),
        (format!("seg={a}%2C%20{b},,"), format!("{a},{b}")),
        (format!("remove={a}&seg={a}&add={b}"), format!("{a},{b},-{a}")),
        ("seg_code=a:5,BUYERS&member=1".to_owned(), format!("{a}:5,{c}")),
        ("add_code=b&remove_code=a&member=1".to_owned(), format!("{b},-{a}")),
        // The dynamic value is never a segment's.
        (format!("seg={a}&value=5"), format!("{a}")),
        (String::new(), String::new()),
    ] {
        let response = visit(&app, &format!("/px?id={id}&{query}"), &[]).await;
        assert_eq!((response.status().as_u16(), header(&response, "x-pixeld").as_str()), (200, "ok"), "{query}");
        assert_eq!(ops(&fire(&app).await.details.segments), done, "{query}");
    }
}

#[tokio::test]
async fn a_segment_that_cannot_be_taken_costs_a_warning_and_never_the_fire() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id;
    let a = segment(&app, "a").await.id;
    for (query, done, told) in [
        (format!("seg={a},x,-1,[SEGMENT]"), format!("{a}"), vec!["seg not_an_id"]),
        (format!("seg=999,{a},998"), format!("{a}"), vec!["seg unknown_segment"]),
        (format!("seg={a}:-1"), format!("{a}"), vec!["seg not_a_segment_value"]),
        (format!("seg={a}:2147483648,{a}:x"), format!("{a},{a}"), vec!["seg not_a_segment_value"]),
        (format!("remove={a}:5"), String::new(), vec!["remove not_an_id"]),
        ("seg_code=a".to_owned(), String::new(), vec!["seg_code needs_member"]),
        ("seg_code=a&remove_code=a&member=7".to_owned(), String::new(), vec!["member unknown_member"]),
        ("seg_code=nobody&member=1".to_owned(), String::new(), vec!["seg_code unknown_segment"]),
        (
            format!("seg={}", vec![a.to_string(); 101].join(",")),
            vec![a.to_string(); 100].join(","),
            vec!["seg too_many"],
        ),
    ] {
        let response = visit(&app, &format!("/px?id={id}&{query}"), &[]).await;
        assert_eq!(response.status(), 200, "{query}");
        let logged = fire(&app).await;
        assert_eq!(ops(&logged.details.segments), done, "{query}");
        assert_eq!(warnings(&logged.warnings), told, "{query}");
    }
}

#[tokio::test]
async fn the_segment_pixel_logs_its_operations() {
    let app = TestApp::start().await;
    let [a, b] = [segment(&app, "a").await.id, segment(&app, "b").await.id];
    let query = format!("add={a}:10,{b}&remove_code=a&member=1&value=20&t=2");
    let response =
        visit(&app, &format!("/seg?{query}"), &[("cookie", "pxid=2a"), ("referer", "https://shop.example/")]).await;
    assert_eq!(transcript(response).await, IMAGE_ANSWER);
    let logged = load(&app).await;
    assert_eq!(ops(&logged.segments), format!("{a}:10,{b}:20,-{a}"));
    let expected = SegmentLoad {
        at: START,
        visitor_id: Some(VisitorId(42)),
        flags: Flags::default(),
        tag: TagKind::Image,
        segments: logged.segments.clone(),
        warnings: Vec::new(),
        query,
        referer: Some("https://shop.example/".to_owned()),
        user_agent: Some(BROWSER.to_owned()),
        ip: Some("127.0.0.0".to_owned()),
    };
    assert_eq!(logged, expected);

    let script = visit(&app, &format!("/seg?add={a}&t=1&test=1&value=-5"), &[]).await;
    assert_eq!(header(&script, "content-type"), "application/javascript");
    assert_eq!(header(&script, "x-pixeld"), "flag=test; warning=value");
    let logged = load(&app).await;
    assert_eq!((logged.tag, logged.flags.test, ops(&logged.segments)), (TagKind::Script, true, a.to_string()));
    assert_eq!(warnings(&logged.warnings), ["value not_a_segment_value"]);
}

#[tokio::test]
async fn a_segment_pixel_with_nothing_to_do_is_rejected() {
    let app = TestApp::start().await;
    let before = app.store.logged();
    for (query, reason) in [
        ("", "missing_segment"),
        ("add=&remove=", "missing_segment"),
        ("add=999", "unknown_segment"),
        ("add=x&remove=y", "unknown_segment"),
        ("add_code=a", "unknown_segment"),
    ] {
        for (t, kind) in [("1", "application/javascript"), ("2", "image/gif")] {
            let response = visit(&app, &format!("/seg?{query}&t={t}"), &[]).await;
            assert_eq!(
                (response.status().as_u16(), header(&response, "content-type").as_str()),
                (404, kind),
                "{query}"
            );
            assert_eq!(header(&response, "x-pixeld"), format!("rejected={reason}"), "{query}");
            assert_eq!(rejected(&app).await, reason, "{query}");
        }
    }
    assert_eq!(app.store.logged(), before);
}

#[tokio::test]
async fn a_segments_piggybacks_are_fired_when_it_is_added() {
    let app = TestApp::start().await;
    let a = segment(&app, "a").await.id;
    let change = |segment: &mut Segment| {
        let piggyback = |kind, url: &str| Piggyback { kind, url: url.to_owned() };
        segment.piggyback_pixels = vec![
            piggyback(PiggybackKind::Image, "https://partner.example/p?u=${USER_ID}"),
            piggyback(PiggybackKind::Script, "https://s.example/s.js"),
        ];
        Ok(())
    };
    app.store.update(&app.editor(), a.0, change).await.unwrap();
    let image = visit(&app, &format!("/seg?add={a}"), &[("cookie", "pxid=2a")]).await;
    assert_eq!(image.status(), 302);
    assert_eq!(header(&image, "location"), "https://partner.example/p?u=000000000000002a");
    let script = visit(&app, &format!("/seg?add={a}&t=1"), &[]).await.text().await.unwrap();
    assert!(script.contains("s(\"https://s.example/s.js\");i(\"https://partner.example/p?u="), "{script}");
    // Not when it is removed, and not by a conversion pixel.
    assert_eq!(visit(&app, &format!("/seg?remove={a}"), &[]).await.status(), 200);
    let id = app.shop().await.pixel.id;
    assert_eq!(visit(&app, &format!("/px?id={id}&seg={a}"), &[]).await.status(), 200);
    // An inactive one is logged, and fires nothing.
    let pause = |segment: &mut Segment| {
        segment.state = Status::Inactive;
        Ok(())
    };
    app.store.update(&app.editor(), a.0, pause).await.unwrap();
    assert_eq!(visit(&app, &format!("/seg?add={a}"), &[]).await.status(), 200);
    assert_eq!(ops(&load(&app).await.segments), a.to_string());
}

#[tokio::test]
async fn a_segment_pixel_goes_on_where_its_advertiser_allows() {
    let app = TestApp::start().await;
    let owner = app.advertiser("Owner").await;
    let allow = |advertiser: &mut Advertiser| {
        advertiser.redirect_hosts = RedirectHosts(vec!["shop.example".to_owned()]);
        Ok(())
    };
    app.store.update(&app.editor(), owner.id.0, allow).await.unwrap();
    let everybodys = segment(&app, "a").await.id;
    let own = Segment { advertiser_id: Some(owner.id), ..Segment::new("Own") };
    let own = app.store.create(&app.editor(), own).await.unwrap().id;
    for (query, location) in [
        (format!("add={own}&redir=https://shop.example/x"), "https://shop.example/x"),
        (format!("add={everybodys},{own}&redir=https%3A%2F%2Fshop.example"), "https://shop.example/"),
        (format!("add={own}&redir=https://evil.example/"), ""),
        (format!("add={everybodys}&redir=https://shop.example/"), ""),
        (format!("remove={own}&redir=https://shop.example/"), ""),
    ] {
        let response = visit(&app, &format!("/seg?{query}"), &[]).await;
        assert_eq!(header(&response, "location"), location, "{query}");
        let told: &[&str] = if location.is_empty() { &["redir redir_not_allowed"] } else { &[] };
        assert_eq!(warnings(&load(&app).await.warnings), told, "{query}");
    }
}
