//! Pixels and trackers named by code and member, as exported by "use codes".

use pixeld::domain::Pixel;
use pixeld::store::ImpTracker;

use crate::collect::{exposure, fire, header, rejected, visit};
use crate::harness::TestApp;

async fn coded(app: &TestApp, advertiser: &str, code: &str) -> Pixel {
    let advertiser = app.advertiser(advertiser).await;
    let pixel = Pixel { code: Some(code.to_owned()), ..Pixel::new(advertiser.id, "Purchase") };
    app.store.create(&app.editor(), pixel).await.unwrap()
}

#[tokio::test]
async fn a_pixel_is_found_by_its_code() {
    let app = TestApp::start().await;
    let (one, other) = (coded(&app, "One", "buy").await, coded(&app, "Other", "buy").await);
    let own = coded(&app, "Third", "an order & more").await;
    let (first, second) = (one.advertiser_id, other.advertiser_id);
    for (query, pixel) in [
        ("code=an%20order%20%26%20more&member=1".to_owned(), own.id),
        (format!("code=buy&member=1&advertiser_id={first}"), one.id),
        (format!("code=buy&member=1&advertiser_id={second}"), other.id),
        // A number says more than a code.
        (format!("id={}&code=buy", own.id), own.id),
        (format!("id=&code=buy&member=1&advertiser_id={first}"), one.id),
    ] {
        let response = visit(&app, &format!("/px?{query}"), &[]).await;
        assert_eq!((response.status().as_u16(), header(&response, "x-pixeld").as_str()), (200, "ok"), "{query}");
        assert_eq!(fire(&app).await.pixel_id, pixel, "{query}");
    }
    for (query, reason) in [
        ("code=buy", "missing_member"),
        ("code=buy&member=", "missing_member"),
        ("code=buy&member=2", "unknown_member"),
        ("code=buy&member=x", "unknown_member"),
        ("code=buy&member=1", "ambiguous_code"),
        ("code=buy&member=1&advertiser_id=x", "bad_advertiser_id"),
        ("code=buy&member=1&advertiser_id=999", "unknown_pixel"),
        ("code=BUY&member=1", "unknown_pixel"),
        ("code=&member=1", "missing_id"),
        ("id=x&code=an%20order%20%26%20more&member=1", "bad_id"),
    ] {
        let response = visit(&app, &format!("/px?{query}"), &[]).await;
        assert_eq!(response.status(), 404, "{query}");
        assert_eq!(header(&response, "x-pixeld"), format!("rejected={reason}"), "{query}");
        assert_eq!(rejected(&app).await, reason, "{query}");
    }
}

#[tokio::test]
async fn a_tracker_is_found_by_its_code_among_those_of_its_kind() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let name = |tracker: &mut ImpTracker| {
        tracker.0.code = Some("banner".to_owned());
        Ok(())
    };
    app.store.update(&app.editor(), shop.impression.id.0, name).await.unwrap();
    assert_eq!(visit(&app, "/imptr?code=banner&member=1", &[]).await.status(), 200);
    assert_eq!(exposure(&app).await.tracker_id, shop.impression.id);
    let click = visit(&app, "/clktr?code=banner&member=1", &[]).await;
    assert_eq!((click.status().as_u16(), header(&click, "x-pixeld").as_str()), (404, "rejected=unknown_tracker"));
}

#[tokio::test]
async fn tags_follow_a_code_that_changes() {
    let app = TestApp::start().await;
    let pixel = coded(&app, "One", "buy").await;
    let rename = |pixel: &mut Pixel| {
        pixel.code = Some("order".to_owned());
        Ok(())
    };
    app.store.update(&app.editor(), pixel.id.0, rename).await.unwrap();
    assert_eq!(visit(&app, "/px?code=buy&member=1", &[]).await.status(), 404);
    assert_eq!(visit(&app, "/px?code=order&member=1", &[]).await.status(), 200);
    assert_eq!(fire(&app).await.pixel_id, pixel.id);
    app.store.delete::<Pixel>(&app.editor(), pixel.id.0).await.unwrap();
    assert_eq!(visit(&app, "/px?code=order&member=1", &[]).await.status(), 404);
}
