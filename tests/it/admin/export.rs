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
        "1 Purchase\n<img src=\"https://px.shop.example/px?id=1&order_id=[ORDER_ID]&value=[REVENUE]&t=2\" width=\"1\" height=\"1\" alt=\"\" referrerpolicy=\"no-referrer-when-downgrade\" />\n\n"
    );
    assert_eq!(
        tags("id=1&chosen=yes&kind=script&param=event_id&param=nonsense&param=other&test=on").await,
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
    assert!(tags("id=1,2&kind=image").await.matches("<script").count() == 2);
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
        letter("chosen=yes&id=2&param=other").await.unwrap(),
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
    for offered in [r#"id="kind-server""#, r#"id="for-magento""#, r#"value="redir""#] {
        assert!(!is_disabled(&plain, offered), "{offered}");
    }
    assert!(is_disabled(&plain, r#"name="codes" value="on""#));
    assert!(plain.text().contains("Not available: “Purchase” has no code. Give it one, or use IDs."));

    let server = browser.get("/admin/export?id=1&chosen=yes&kind=server&param=order_id").await;
    assert!(tags_in(&server).contains("/sspx?id=1&order_id=[ORDER_ID]&sspdata=[SSP_DATA]"), "{}", server.text());
    assert!(is_disabled(&server, r#"value="redir""#) && is_disabled(&server, r#"id="for-shopify""#));
    assert!(!server.has("/admin/live?test=on"), "no browser could try it out");
    let refused = browser.get("/admin/export?id=1&chosen=yes&kind=server&param=redir").await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("Your server cannot be redirected") && !refused.has("/sspx"), "{}", refused.text());
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
    let file = browser.get("/admin/export.txt?chosen=yes&id=1&segments=1%3A10%2C-2").await.body;
    assert!(file.contains("/px?id=1&seg=1:10&remove=2&t=2"), "{file}");
    let test = browser.get("/admin/live?test=on&pixel=1&tag=image&segments=1%3A10%2C-2").await;
    assert!(tags_in(&test).contains("/px?id=1&seg=1:10&remove=2&order_id=TEST-120000"), "{}", test.text());

    let wrong = browser.get("/admin/export?id=1&chosen=yes&segment=1&segment_do=add&segment_value=-3").await;
    assert_eq!(wrong.status, 422);
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
