//! The second step: each kind of advertising gets the objects that its credit needs, once.

use pixeld::domain::{
    AdvertiserId, Campaign, LineItem, Pixel, PixelId, Publisher, Source, SourceTemplate, Status, Tracker, TrackerKind,
};

use super::{SHOP, all, setup, start, start_with};
use crate::admin::objects::{beside, changed};

const TEMPLATED: [(&str, &str, &str); 11] = [
    ("google", "Google Ads", "Google"),
    ("meta", "Meta Ads", "Meta"),
    ("microsoft", "Microsoft Ads", "Microsoft"),
    ("tiktok", "TikTok Ads", "TikTok"),
    ("newsletter", "Newsletter", "Newsletter"),
    ("pinterest", "Pinterest Ads", "Pinterest"),
    ("reddit", "Reddit Ads", "Reddit"),
    ("linkedin", "LinkedIn Ads", "LinkedIn"),
    ("snap", "Snap Ads", "Snapchat"),
    ("x", "X Ads", "X"),
    ("partner", "Affiliates, influencers", "Affiliates"),
];

#[actix_web::test]
async fn a_kind_without_tracker_gets_a_line_item_and_a_source_of_its_template() {
    let names = TEMPLATED.map(|(channel, ..)| channel);
    let (app, _browser) = start_with(&names).await;
    let setup = setup(&app).await;
    assert_eq!(setup.channels.len(), TEMPLATED.len());
    let (sources, publishers) = (all::<Source>(&app).await, all::<Publisher>(&app).await);
    for (channel, name, publisher) in TEMPLATED {
        let line_item: LineItem = app.store.get(&app.reader(), setup.line_item_of(channel).unwrap().0).await.unwrap();
        assert_eq!((line_item.name.as_str(), line_item.state), (name, Status::Active));
        let pixels: Vec<_> = line_item.pixels.iter().map(|entry| (entry.pixel_id, entry.state)).collect();
        assert_eq!(pixels, [(PixelId(1), Status::Active)], "{channel}");
        let [source] = sources.iter().filter(|source| source.line_item_id == line_item.id).collect::<Vec<_>>()[..]
        else {
            panic!("{channel} has one source")
        };
        let template = SourceTemplate::of(channel).unwrap();
        assert_eq!((source.name.as_str(), &source.condition), (name, &template.condition()));
        assert_eq!((source.campaign_by.as_deref(), source.makes_campaigns), (Some(template.campaign_by), true));
        let place = publishers.iter().find(|place| Some(place.id) == source.publisher_id);
        assert_eq!(place.map(|place| place.name.as_str()), Some(publisher), "{channel}");
    }
    assert_eq!(all::<Tracker>(&app).await.len(), 0);
    assert_eq!(all::<Campaign>(&app).await.len(), 0, "campaigns come with their first arrival");
}

#[actix_web::test]
async fn banners_get_trackers_that_lead_to_the_shop() {
    let (app, browser) = start_with(&["banners"]).await;
    let trackers = all::<Tracker>(&app).await;
    let kinds: Vec<_> = trackers.iter().map(|tracker| (tracker.kind, tracker.click_url.as_deref())).collect();
    assert_eq!(
        kinds,
        [(TrackerKind::Click, Some("https://shop.example/?px=${CLICK_ID}")), (TrackerKind::Impression, None),]
    );
    assert_eq!(all::<Source>(&app).await.len(), 0);
    let line_item = setup(&app).await.line_item_of("banners").unwrap();
    assert!(trackers.iter().all(|tracker| tracker.line_item_id == line_item && tracker.name == "Banners, partners"));
    let page = browser.get("/admin/tracking/1/snippets").await;
    assert!(page.has("/clktr?id=1") && page.has("/imptr?id=2"), "{}", page.text());
    let answer = app.get("/clktr?id=1", &[]).await;
    let to = answer.headers()["location"].to_str().unwrap();
    assert!(answer.status() == 302 && to.starts_with("https://shop.example/?px="), "{to}");
}

#[actix_web::test]
async fn a_further_shop_takes_the_places_that_are_there() {
    let (app, browser) = start_with(&["google", "banners"]).await;
    let second =
        browser.submit("/admin/tracking/new", &changed(&SHOP, &[("name", "Tea"), ("site", "tea.example")])).await;
    assert_eq!(second.location(), "/admin/tracking/2/ads");
    let fields = [("ads", "google"), ("ads", "banners"), ("ads", "meta"), ("shop_system", "shopify")];
    assert_eq!(browser.submit("/admin/tracking/2/ads", &fields).await.location(), "/admin/tracking/2/snippets");
    let names: Vec<_> = all::<Publisher>(&app).await.into_iter().map(|place| place.name).collect();
    assert_eq!(names, ["Google", "Partner sites", "Meta"], "each once");
    let by_shop = |shop| move |source: &&Source| source.advertiser_id == AdvertiserId(shop);
    let sources = all::<Source>(&app).await;
    assert_eq!((sources.iter().filter(by_shop(1)).count(), sources.iter().filter(by_shop(2)).count()), (1, 2));
    let pixels: Vec<_> = all::<Pixel>(&app).await.iter().map(|pixel| pixel.advertiser_id).collect();
    assert_eq!(pixels, [AdvertiserId(1), AdvertiserId(2)]);
    let second = app.store.tracking_setup(&app.reader(), AdvertiserId(2)).await.unwrap().unwrap();
    assert_eq!(second.shop_system.as_deref(), Some("shopify"));
}

#[actix_web::test]
async fn further_kinds_can_be_added_and_none_is_created_twice() {
    let (app, browser) = start_with(&["google"]).await;
    let count = async || (all::<LineItem>(&app).await.len(), all::<Source>(&app).await.len());
    for (fields, counts) in [
        (vec![("ads", "google"), ("ads", "google"), ("shop_system", "page")], (1, 1)),
        (vec![("shop_system", "gtm")], (1, 1)),
        (vec![("ads", "meta"), ("shop_system", "gtm")], (2, 2)),
        (vec![("ads", "meta"), ("shop_system", "gtm")], (2, 2)),
    ] {
        let done = browser.submit("/admin/tracking/1/ads", &fields).await;
        assert_eq!((done.status, done.location()), (303, "/admin/tracking/1/snippets"), "{}", done.text());
        assert_eq!(count().await, counts, "{fields:?}");
    }
    let page = browser.get("/admin/tracking/1/ads").await;
    let boxes: Vec<_> =
        page.body.split("<input type=\"checkbox\"").skip(1).map(|tag| tag.split('>').next().unwrap()).collect();
    let fixed: Vec<_> = boxes.iter().filter(|tag| tag.contains("disabled") && tag.contains("checked")).collect();
    assert_eq!(fixed.len(), 2, "what is set up stays ticked: {boxes:?}");
    assert_eq!(setup(&app).await.shop_system.as_deref(), Some("gtm"));
}

#[actix_web::test]
async fn errors_appear_beside_their_fields_and_the_ticks_stay() {
    let (app, browser) = start().await;
    browser.submit("/admin/tracking/new", &SHOP).await;
    let none = browser.submit("/admin/tracking/1/ads", &[("shop_system", "page")]).await;
    assert_eq!((none.status, none.errors()), (422, 1), "{}", none.text());
    assert_eq!(beside(&none, "ads"), "Choose at least one. Without it no sale can be credited.");
    let unknown = browser.submit("/admin/tracking/1/ads", &[("ads", "television"), ("shop_system", "abacus")]).await;
    assert_eq!((unknown.status, unknown.errors()), (422, 2), "{}", unknown.text());
    assert_eq!(beside(&unknown, "shop_system"), "Choose what your shop runs on.");
    let half = browser.submit("/admin/tracking/1/ads", &[("ads", "x"), ("shop_system", "")]).await;
    assert_eq!((half.status, half.errors()), (422, 1));
    assert!(half.has(r#"id="ads-x" name="ads" value="x" checked"#), "the tick stays");
    assert!(half.has(r#"<details class="fold" open>"#), "and can be seen");
    assert_eq!(all::<LineItem>(&app).await.len(), 0);
    assert_eq!(setup(&app).await.shop_system, None);
    let two = browser.submit("/admin/tracking/2/ads", &[("ads", "x"), ("shop_system", "page")]).await;
    assert_eq!(two.status, 404, "such a shop is not there");
}

#[actix_web::test]
async fn two_browsers_at_once_create_each_kind_once() {
    let (app, browser) = start().await;
    browser.submit("/admin/tracking/new", &SHOP).await;
    let fields = [("ads", "google"), ("ads", "banners"), ("shop_system", "page")];
    let (one, other) = tokio::join!(
        browser.submit("/admin/tracking/1/ads", &fields),
        browser.submit("/admin/tracking/1/ads", &fields)
    );
    assert_eq!((one.status, other.status), (303, 303));
    assert_eq!((all::<LineItem>(&app).await.len(), all::<Tracker>(&app).await.len()), (2, 2));
}
