//! Piggybacks and `redir` of `/px`: where they lead, and where they never do.

use pixeld::domain::{Advertiser, Piggyback, PiggybackKind, Pixel, RedirectHosts, Segment, Status};

use crate::collect::{BROWSER, fire, header, visit, warnings};
use crate::harness::{Shop, TestApp};

fn piggyback(kind: PiggybackKind, url: &str) -> Piggyback {
    Piggyback { kind, url: url.to_owned() }
}

async fn allow(app: &TestApp, shop: &Shop, hosts: &[&str]) {
    let hosts: Vec<_> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let change = move |advertiser: &mut Advertiser| {
        advertiser.redirect_hosts = RedirectHosts(hosts);
        Ok(())
    };
    app.store.update(&app.editor(), shop.advertiser.id.0, change).await.unwrap();
}

#[tokio::test]
async fn an_image_goes_on_to_the_image_piggyback() {
    let app = TestApp::start().await;
    let url = "https://partner.example/p?o=${ORDER_ID}&v=${VALUE}&c=${CURRENCY}&x=${OTHER}&e=${EVENT_ID}\
               &p=${PIXEL_ID}&u=${USER_ID}&n=${NOBODY}";
    let shop = app.shop_with(|pixel| pixel.piggyback_pixels = vec![piggyback(PiggybackKind::Image, url)]).await;
    let px = format!("/px?id={}&order_id=A%261&value=10.50&other=%22%0d%0ax&t=2", shop.pixel.id);
    let response = visit(&app, &px, &[("cookie", "pxid=2a")]).await;
    assert_eq!((response.status().as_u16(), header(&response, "x-pixeld").as_str()), (302, "warning=other"));
    assert_eq!(
        header(&response, "location"),
        format!(
            "https://partner.example/p?o=A%261&v=10.50&c=USD&x=%22x&e=&p={}&u=000000000000002a&n=${{NOBODY}}",
            shop.pixel.id
        )
    );
    assert!(header(&response, "set-cookie").starts_with("pxid=000000000000002a;"));
    assert_eq!(header(&response, "cache-control"), "no-store");
    assert_eq!(fire(&app).await.order_id.as_deref(), Some("A&1"));
}

#[tokio::test]
async fn a_cachebuster_differs_each_time() {
    let app = TestApp::start().await;
    let image = piggyback(PiggybackKind::Image, "https://partner.example/p?n=${CACHEBUSTER}");
    let shop = app.shop_with(|pixel| pixel.piggyback_pixels = vec![image]).await;
    let px = format!("/px?id={}", shop.pixel.id);
    let first = header(&visit(&app, &px, &[]).await, "location");
    let second = header(&visit(&app, &px, &[]).await, "location");
    for location in [&first, &second] {
        let number = location.strip_prefix("https://partner.example/p?n=").unwrap();
        assert!(!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()), "{location}");
    }
    assert_ne!(first, second);
}

#[tokio::test]
async fn a_script_fires_scripts_and_images_and_redir() {
    let app = TestApp::start().await;
    let shop = app
        .shop_with(|pixel| {
            pixel.piggyback_pixels = vec![
                piggyback(PiggybackKind::Script, "https://s.example/s.js?o=${ORDER_ID}&a=</script>"),
                piggyback(PiggybackKind::Image, "https://i.example/p"),
            ];
        })
        .await;
    allow(&app, &shop, &["shop.example"]).await;
    let px = format!("/px?id={}&t=1&order_id=%3C/script%3E%22&redir=https://shop.example/a?b=1&t=2", shop.pixel.id);
    let response = visit(&app, &px, &[]).await;
    assert_eq!((response.status().as_u16(), header(&response, "x-pixeld").as_str()), (200, "ok"));
    assert_eq!(header(&response, "content-type"), "application/javascript");
    assert_eq!(
        response.text().await.unwrap(),
        "(function(d){\
         function s(u){var e=d.createElement(\"script\");e.async=true;e.src=u;(d.head||d.documentElement).appendChild(e)}\
         function i(u){new Image().src=u}\
         s(\"https://s.example/s.js?o=%3C%2Fscript%3E%22\\u0026a=%3C/script%3E\");\
         i(\"https://shop.example/a?b=1\\u0026t=2\");\
         i(\"https://i.example/p\");\
         })(document);\n"
    );
}

#[tokio::test]
async fn a_redir_is_followed_where_the_advertiser_allows_it() {
    let app = TestApp::start().await;
    let image = piggyback(PiggybackKind::Image, "https://partner.example/p");
    let shop = app.shop_with(|pixel| pixel.piggyback_pixels = vec![image]).await;
    let px = |redir: &str| format!("/px?id={}&order_id=A1&redir={redir}", shop.pixel.id);
    let there = "https%3A%2F%2Fshop.example%2Fthanks%3Fo%3D%24%7BORDER_ID%7D&t=2";

    // An empty list means none, never all, and a refused redir does not fall back on the piggyback.
    let response = visit(&app, &px(there), &[]).await;
    assert_eq!((response.status().as_u16(), header(&response, "location").as_str()), (200, ""));
    assert_eq!(header(&response, "content-type"), "image/gif");
    assert_eq!(header(&response, "x-pixeld"), "warning=redir");
    assert_eq!(warnings(&fire(&app).await.warnings), ["redir redir_not_allowed"]);

    // Once the edit is answered, tags follow it.
    allow(&app, &shop, &["shop.example", "*.cdn.example"]).await;
    for (redir, location) in [
        (there, "https://shop.example/thanks?o=A1"),
        ("http://a.cdn.example", "http://a.cdn.example/"),
        ("https://shop.example/?a=1&b=2", "https://shop.example/?a=1&b=2"),
        ("https://partner.example/other", "https://partner.example/other"),
    ] {
        let response = visit(&app, &px(redir), &[]).await;
        assert_eq!((response.status().as_u16(), header(&response, "location").as_str()), (302, location), "{redir}");
        assert_eq!((header(&response, "x-pixeld").as_str(), fire(&app).await.warnings), ("ok", vec![]), "{redir}");
    }
}

#[tokio::test]
async fn no_redir_leads_anywhere_else() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    allow(&app, &shop, &["shop.example", "*.cdn.example"]).await;
    for redir in [
        "https://evil.example/",
        "//shop.example/",
        "//evil.example",
        "/px",
        "javascript:alert(1)",
        "JaVaScRiPt://shop.example/%0aalert(1)",
        "data:text/html,x",
        "https://shop.example@evil.example/",
        "https%3A%2F%2Fshop.example%40evil.example",
        "https://evil.example%5C@shop.example/",
        "https://evil.example%23@shop.example",
        "https://shop.example.evil.example",
        "https://evilshop.example",
        "https://cdn.example",
        "https://%24%7BOTHER%7D/",
        "https%253A%252F%252Fshop.example",
        "https://evil.example/?https://shop.example/",
        "%00https://shop.example.evil.example",
        "https:evil.example",
        "http://0x7f.1/",
    ] {
        for t in [1, 2] {
            let px = format!("/px?id={}&other=evil.example&t={t}&redir={redir}", shop.pixel.id);
            let response = visit(&app, &px, &[]).await;
            assert_eq!((response.status().as_u16(), header(&response, "location").as_str()), (200, ""), "{redir}");
            let body = response.bytes().await.unwrap();
            assert!(t == 2 || body.is_empty(), "{redir}: {body:?}");
            assert_eq!(warnings(&fire(&app).await.warnings), ["redir redir_not_allowed"], "{redir}");
        }
    }
}

#[tokio::test]
async fn an_inactive_pixel_fires_no_piggyback() {
    let app = TestApp::start().await;
    let image = piggyback(PiggybackKind::Image, "https://partner.example/p");
    let shop = app.shop_with(|pixel| pixel.piggyback_pixels = vec![image]).await;
    let pause = |pixel: &mut Pixel| {
        pixel.state = Status::Inactive;
        Ok(())
    };
    app.store.update(&app.editor(), shop.pixel.id.0, pause).await.unwrap();
    for t in [1, 2] {
        let response = visit(&app, &format!("/px?id={}&t={t}", shop.pixel.id), &[]).await;
        assert_eq!((response.status().as_u16(), header(&response, "location").as_str()), (200, ""));
        let body = response.bytes().await.unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("partner"), "{body:?}");
    }
}

/// What `t=1` answers to a tag that was loaded in advance.
const ONCE_SHOWN: &str = "(function(d,s){if(!s||s.pixeld)return;";

#[tokio::test]
async fn only_real_fires_call_partners() {
    let app = TestApp::start().await;
    let both = vec![
        piggyback(PiggybackKind::Script, "https://s.example/s.js"),
        piggyback(PiggybackKind::Image, "https://i.example/p"),
    ];
    let piggybacks = both.clone();
    let shop = app.shop_with(|pixel| pixel.piggyback_pixels = piggybacks).await;
    allow(&app, &shop, &["shop.example"]).await;
    let segment = Segment { piggyback_pixels: both, ..Segment::new("Cart") };
    let segment = app.store.create(&app.editor(), segment).await.unwrap();
    let bot = ("user-agent", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)");
    let ahead = ("sec-purpose", "prefetch;prerender");
    let (px, seg) = (format!("/px?id={}", shop.pixel.id), format!("/seg?add={}", segment.id));
    for path in [&px, &seg] {
        for (query, header_sent, script) in [
            ("", ("accept", "*/*"), Some("s(\"https://s.example/s.js\");i(\"https://i.example/p\");")),
            ("&test=1", ("accept", "*/*"), None),
            ("", bot, None),
            ("", ahead, Some(ONCE_SHOWN)),
            ("&test=1", ahead, Some(ONCE_SHOWN)),
        ] {
            let sent = if header_sent == bot { vec![bot] } else { vec![("user-agent", BROWSER), header_sent] };
            let image = app.get(&format!("{path}{query}"), &sent).await;
            let real = script.is_some_and(|script| script != ONCE_SHOWN);
            let location = if real { "https://i.example/p" } else { "" };
            assert_eq!(header(&image, "location"), location, "{path}{query} {header_sent:?}");
            let program = app.get(&format!("{path}{query}&t=1"), &sent).await.text().await.unwrap();
            assert_eq!(program.is_empty(), script.is_none(), "{path}{query} {header_sent:?}: {program}");
            assert!(program.contains(script.unwrap_or_default()), "{path}{query} {header_sent:?}: {program}");
        }
    }
    // Where the page itself goes on to is no partner's matter; a tag that is loaded again goes on then.
    let to = "redir=https://shop.example/thanks";
    let image = visit(&app, &format!("{px}&test=1&{to}"), &[]).await;
    assert_eq!(header(&image, "location"), "https://shop.example/thanks");
    let program = visit(&app, &format!("{px}&test=1&t=1&{to}"), &[]).await.text().await.unwrap();
    assert!(program.ends_with("i(\"https://shop.example/thanks\");})(document);\n"), "{program}");
    let program = visit(&app, &format!("{px}&t=1&{to}"), &[ahead]).await.text().await.unwrap();
    assert!(program.starts_with(ONCE_SHOWN) && !program.contains("shop.example"), "{program}");
    let program = visit(&app, &format!("/imptr?id={}&t=1", shop.impression.id), &[ahead]).await.text().await.unwrap();
    assert!(program.starts_with(ONCE_SHOWN) && !program.contains("pixeld_imp"), "{program}");
}
