//! The export page: what can be chosen, what cannot and why, and the tags that come of it.

use pixeld::domain::{Piggyback, PiggybackKind, Pixel, Role, Segment};

use super::{Browser, Seen};
use crate::harness::TestApp;

/// The page's text, with the ampersands of its tags.
fn tags_in(page: &Seen) -> String {
    page.text().replace("&#38;", "&")
}

#[actix_web::test]
async fn tags_carry_the_chosen_parameters() {
    let app = TestApp::start_with(|given| given.public_url = Some("https://px.shop.example".to_owned())).await;
    let shop = app.shop().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let tags = async |query: &str| browser.get(&format!("/admin/export.txt?{query}")).await.body;
    assert_eq!(
        tags("id=1").await,
        "1 Purchase\nEvery page:\n<script async src=\"https://px.shop.example/site.js?id=1\"></script>\n\nThank-you page:\n<img src=\"https://px.shop.example/px?id=1&order_id=[ORDER_ID]&value=[REVENUE]&t=2\" width=\"1\" height=\"1\" alt=\"\" referrerpolicy=\"no-referrer-when-downgrade\" />\n\n"
    );
    assert_eq!(
        tags("id=1&chosen=yes&site=no&kind=script&param=event_id&param=nonsense&param=other&test=on").await,
        "1 Purchase\n<script src=\"http://px.shop.example/px?id=1&other=[EXTERNAL_DATA]&event_id=[EVENT_ID]&t=1&test=1\" async referrerpolicy=\"no-referrer-when-downgrade\"></script>\n\n"
    );
    assert_eq!(tags("").await, tags("id=1").await, "the only one there is");
    assert_eq!(tags("chosen=yes").await, "");
    let page = browser.get("/admin/export?id=1").await;
    assert!(page.has("&#60;img src=&#34;https://px.shop.example/px?id=1"), "{}", page.body);
    assert!(page.has(r#"href="/admin/export.txt?id=1""#));

    let mut scripted = Pixel::new(shop.advertiser.id, "Cart");
    scripted.piggyback_pixels =
        vec![Piggyback { kind: PiggybackKind::Script, url: "https://a.example/t.js".to_owned() }];
    app.store.create(&app.editor(), scripted).await.unwrap();
    let both = tags("id=1,2&kind=image").await;
    assert_eq!((both.matches("<script src").count(), both.matches("/site.js").count()), (2, 1), "{both}");
    let page = browser.get("/admin/export?id=1,2").await;
    assert!(
        page.text().contains("Not available: “Cart” has an extra script pixel, which an image tag cannot load"),
        "{}",
        page.text()
    );
    let (_, rest) = page.body.split_once(r#"id="kind-image""#).unwrap();
    assert!(rest.split('>').next().unwrap().contains(" disabled"));
}

#[actix_web::test]
async fn tags_go_into_a_letter_unless_they_are_too_long_for_an_address() {
    let app = TestApp::start_with(|given| given.public_url = Some("https://px.shop.example".to_owned())).await;
    let shop = app.shop().await;
    let hostile = Pixel::new(shop.advertiser.id, "\"><img onerror=1> & Söhne");
    app.store.create(&app.editor(), hostile).await.unwrap();
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let letter = async |query: &str| {
        let page = browser.get(&format!("/admin/export?{query}")).await.body;
        let (_, rest) = page.split_once("href=\"mailto:?")?;
        let address = rest.split('"').next().unwrap().replace("&#38;", "&");
        let fields = url::form_urlencoded::parse(address.as_bytes()).into_owned();
        Some(fields.collect::<Vec<_>>())
    };
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        letter("chosen=yes&site=no&id=2&param=other").await.unwrap(),
        [
            field("subject", "Tag of the pixel \"><img onerror=1> & Söhne"),
            field(
                "body",
                "2 \"><img onerror=1> & Söhne\r\n<img src=\"http://px.shop.example/px?id=2&other=[EXTERNAL_DATA]&t=2\" width=\"1\" height=\"1\" alt=\"\" referrerpolicy=\"no-referrer-when-downgrade\" />\r\n\r\n"
            ),
        ]
    );
    assert_eq!(letter("id=1,2").await.unwrap()[0], field("subject", "Tags of 2 pixels"));
    assert_eq!(letter("chosen=yes").await, None, "there is no tag");
    assert_eq!(letter("id=1&for=magento").await, None, "its snippet is too long");
}

#[actix_web::test]
async fn the_export_does_not_offer_impossible_tags_and_says_why() {
    let app = TestApp::start().await;
    app.shop().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let is_disabled = |page: &Seen, mark: &str| {
        let (_, rest) = page.body.split_once(mark).unwrap_or_else(|| panic!("{mark}: {}", page.body));
        rest.split('>').next().unwrap().contains(" disabled")
    };
    let plain = browser.get("/admin/export?id=1").await;
    for offered in [r#"id="kind-script""#, r#"id="for-magento""#, r#"value="redir""#] {
        assert!(!is_disabled(&plain, offered), "{offered}");
    }
    assert!(is_disabled(&plain, r#"name="codes" value="on""#));
    assert!(plain.text().contains("Not available: “Purchase” has no code. Give it one, or use IDs."));

    let server = browser.get("/admin/export?id=1&chosen=yes&kind=server&param=order_id").await;
    assert!(tags_in(&server).contains("/sspx?id=1&order_id=[ORDER_ID]&sspdata=[SSP_DATA]"), "{}", server.text());
    assert!(is_disabled(&server, r#"value="redir""#) && !is_disabled(&server, r#"id="for-shopify""#));
    assert!(server.has(r#"id="for-postback" name="for" value="postback" checked"#), "{}", server.body);
    assert!(!server.has("/admin/live?test=on"), "no browser could try it out");
    let refused = browser.get("/admin/export?id=1&chosen=yes&kind=server&param=redir").await;
    assert_eq!(refused.status, 200);
    assert!(refused.text().contains("A server cannot be redirected") && !refused.has("/sspx"), "{}", refused.text());
    assert!(!is_disabled(&refused, r#"value="redir""#), "it can be put right");
    assert_eq!(browser.get("/admin/export.txt?id=1&chosen=yes&kind=server&param=redir").await.status, 400);
}

#[actix_web::test]
async fn tags_put_visitors_into_segments() {
    let app = TestApp::start().await;
    app.shop().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    assert!(browser.get("/admin/export?id=1").await.text().contains("There are no segments yet."));
    for name in ["Buyers", "Lookers"] {
        app.store.create(&app.editor(), Segment::new(name)).await.unwrap();
    }
    let rows = "segment=1&segment_do=add&segment_value=10&segment=2&segment_do=remove&segment_value=\
                &segment=&segment_do=add&segment_value=&segment=77&segment_do=add&segment_value=";
    let page = browser.get(&format!("/admin/export?id=1&chosen=yes&{rows}")).await;
    assert!(tags_in(&page).contains("/px?id=1&seg=1:10&remove=2&t=2"), "{}", page.text());
    assert!(page.has("/admin/export.txt?chosen=yes&#38;id=1&#38;segments=1%3A10%2C-2"), "{}", page.body);
    let shop = browser.get(&format!("/admin/export?id=1&chosen=yes&for=server&{rows}")).await;
    assert!(shop.has("These options cannot be combined"), "a server changes no segments: {}", shop.text());
    // Another target keeps the rows for the way back.
    let away = browser.get(&format!("/admin/export?id=1&chosen=yes&was=page&for=server&{rows}")).await;
    assert_eq!((away.status, away.has("seg=1")), (200, false), "{}", away.text());
    assert!(away.has(r#"name="kept_segments" value="1:10,-2,77""#), "{}", away.body);
    let still = browser.get("/admin/export?id=1&chosen=yes&was=server&for=server&kept_segments=1:10,-2").await;
    assert!(still.status == 200 && still.has(r#"name="kept_segments" value="1:10,-2""#), "{}", still.text());
    let back = browser.get("/admin/export?id=1&chosen=yes&was=server&for=page&kept_segments=1:10,-2").await;
    assert!(tags_in(&back).contains("/px?id=1&seg=1:10&remove=2&t=2"), "{}", back.text());
    let file = browser.get("/admin/export.txt?chosen=yes&id=1&segments=1%3A10%2C-2").await.body;
    assert!(file.contains("/px?id=1&seg=1:10&remove=2&t=2"), "{file}");
    let test = browser.get("/admin/live?test=on&pixel=1&tag=image&segments=1%3A10%2C-2").await;
    assert!(tags_in(&test).contains("/px?id=1&seg=1:10&remove=2&order_id=TEST-120000"), "{}", test.text());

    let wrong = browser.get("/admin/export?id=1&chosen=yes&segment=1&segment_do=add&segment_value=-3").await;
    assert_eq!(wrong.status, 200);
    assert!(wrong.text().contains("“-3” is no value for a segment. Enter a whole number from 0 to 2147483647."));
}

#[actix_web::test]
async fn without_a_public_address_tags_name_the_host_that_was_asked() {
    let app = TestApp::start().await;
    app.shop().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let tag = browser.get("/admin/export.txt?id=1").await.body;
    assert!(tag.contains(&format!("http://{}/px?id=1", app.address)), "{tag}");
}

#[actix_web::test]
async fn each_target_begins_with_its_own_choices() {
    let app = TestApp::start_with(|given| given.public_url = Some("https://px.shop.example".to_owned())).await;
    app.shop().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let is_ticked = |page: &Seen, value: &str| page.has(&format!(r#"name="param" value="{value}" checked"#));
    let page = browser.get("/admin/export?id=1").await;
    assert!(is_ticked(&page, "order_id") && !is_ticked(&page, "currency"));
    // The boxes of another target say nothing.
    let moved = browser.get("/admin/export?id=1&chosen=yes&was=page&for=shopify&param=other").await;
    assert!(is_ticked(&moved, "currency") && is_ticked(&moved, "event_id") && !is_ticked(&moved, "other"));
    assert!(moved.has(r#"name="consent" value="on" checked"#) && moved.has("/site.js?id=1"), "{}", moved.body);
    let own = browser
        .get("/admin/export?id=1&chosen=yes&was=shopify&for=shopify&param=other&param=value&net=on&site=no")
        .await;
    assert!(is_ticked(&own, "other") && !is_ticked(&own, "currency"));
    assert!(own.text().contains("totalTax") && !own.has("/site.js"), "{}", own.text());
}

#[actix_web::test]
async fn files_hold_one_pixel_and_come_with_a_name() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    app.store.create(&app.editor(), Pixel::new(shop.advertiser.id, "</script>\"")).await.unwrap();
    let browser = Browser::of(&app, Role::Viewer, None).await;
    for (target, name) in [
        ("gtm", "pixeld-gtm-2.json"),
        ("woocommerce", "pixeld-pixel-2.zip"),
        ("magento", "pixeld-magento-2.zip"),
        ("shopware", "PixeldPixel2.zip"),
        ("prestashop", "pixeldpixel2.zip"),
    ] {
        let file = browser.get(&format!("/admin/export/file?id=2&for={target}")).await;
        let disposition = format!("attachment; filename=\"{name}\"");
        assert_eq!((file.status, file.header("content-disposition")), (200, disposition.as_str()));
    }
    for (query, status) in [("id=2&for=page", 404), ("id=1,2&for=gtm", 400), ("for=gtm", 400), ("id=99&for=gtm", 400)] {
        assert_eq!(browser.get(&format!("/admin/export/file?{query}")).await.status, status, "{query}");
    }
}

#[actix_web::test]
async fn every_pixel_is_found_by_its_advertiser_or_name() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for number in 0..60 {
        app.store.create(&app.editor(), Pixel::new(shop.advertiser.id, format!("Lead {number}"))).await.unwrap();
    }
    let other = app.advertiser("Böhm & Söhne").await;
    app.store.create(&app.editor(), Pixel::new(other.id, "Purchase")).await.unwrap();
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let page = browser.get("/admin/export").await;
    assert_eq!(page.body.matches("<optgroup").count(), 2);
    assert!(page.has("Lead 59 ·") && page.has("Purchase · Böhm &#38; Söhne"), "{}", page.body);
    let found = browser.get("/admin/export?chosen=yes&q=lead+59&id=").await;
    assert!(found.text().contains("2 of 62 pixels listed.") && !found.has("Lead 49 ·"), "{}", found.text());
    let one = browser.get("/admin/export?chosen=yes&q=b%C3%B6hm&id=").await;
    assert!(one.has("/px?id=62") && one.has(r#"<option value="62" selected>"#), "{}", one.body);
    let kept = browser.get("/admin/export?chosen=yes&q=b%C3%B6hm&id=1").await;
    assert!(kept.has("/px?id=1&#38;") && kept.has(r#"<option value="62">"#), "the chosen one stays");
}

#[actix_web::test]
async fn an_address_that_visitors_cannot_reach_is_said_above_the_tags() {
    for (url, words) in [
        (None, Some("This address works on this computer only")),
        (Some("https://192.168.1.5"), Some("This address works in your own network only")),
        (Some("http://px.shop.example"), Some("This address has no https")),
        (Some("https://px.shop.example"), None),
    ] {
        let app = TestApp::start_with(|given| given.public_url = url.map(str::to_owned)).await;
        app.shop().await;
        let browser = Browser::of(&app, Role::Viewer, None).await;
        for path in ["/admin/export?id=1", "/admin/pixels/1", "/admin/trackers/1"] {
            let page = browser.get(path).await;
            let said = words
                .is_some_and(|words| page.text().contains(words) && page.has(r#"href="/admin/settings">Settings"#));
            assert_eq!(said, words.is_some(), "{url:?} {path} {}", page.text());
        }
    }
}
