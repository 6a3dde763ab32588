//! Invoca's addresses (`docs/rules/collection.md`): every example as published, the default pixel, the old form, and what is wrong.

use pixeld::domain::{Advertiser, Currency, FireDetails, Micros, Pixel, PixelId, TagKind, TriggerType};

use crate::collect::{IMAGE_ANSWER, cookie_id, fire, header, rejected, transcript, visit, warnings};
use crate::harness::TestApp;

async fn default_pixel(app: &TestApp, advertiser: i64) -> Option<PixelId> {
    app.store.get::<Advertiser>(&app.reader(), advertiser).await.unwrap().default_pixel_id
}

#[tokio::test]
async fn every_published_example_is_a_conversion() {
    let app = TestApp::start().await;
    let advertiser = app.advertiser("ProStarr Sportswear").await.id;
    assert_eq!(advertiser.0, 1);
    let text = |text: &str| Some(text.to_owned());
    let units = |units: i64| Some(Micros(units * Micros::UNIT));
    let none = FireDetails::default();
    let skus = |skus: &[&str]| skus.iter().map(|sku| (*sku).to_owned()).collect();
    for (path, value, details) in [
        ("/pixels/conversion/1.gif", None, none.clone()),
        ("/pixels/conversion/1.gif?sale_amount=10", units(10), none.clone()),
        (
            "/pixels/conversion/1.gif?sale_amount=10&reason_code=renewal&sku_list[]=34657",
            units(10),
            FireDetails { reason_code: text("renewal"), content_ids: skus(&["34657"]), ..none.clone() },
        ),
        (
            "/pixels/conversion/1.gif?sale_amount=10&sku_list[]=dog&sku_list[]=cat",
            units(10),
            FireDetails { content_ids: skus(&["dog", "cat"]), ..none.clone() },
        ),
        (
            "/pixels/conversion/1.gif?sale_amount=10&sku_list%5B%5D=dog&sku_list%5B%5D=cat",
            units(10),
            FireDetails { content_ids: skus(&["dog", "cat"]), ..none.clone() },
        ),
        (
            "/pixels/conversion/1.gif?sale_amount=0&reason_code=new_signup&reference_id=2012994455",
            units(0),
            FireDetails { reason_code: text("new_signup"), reference_id: text("2012994455"), ..none.clone() },
        ),
        (
            "/pixels/conversion/1.gif?sale_amount=95.0&reason_code=confirmed_order&parent_reference_id=2012994455",
            units(95),
            FireDetails {
                reason_code: text("confirmed_order"),
                parent_reference_id: text("2012994455"),
                ..none.clone()
            },
        ),
    ] {
        let response = visit(&app, path, &[("referer", "https://shop.example/thanks")]).await;
        assert_eq!(transcript(response).await, IMAGE_ANSWER, "{path}");
        let logged = fire(&app).await;
        assert_eq!((logged.tag, Some(logged.pixel_id)), (TagKind::Invoca, default_pixel(&app, 1).await), "{path}");
        assert_eq!((logged.value, logged.currency), (value, Some(Currency::USD)), "{path}");
        assert_eq!((logged.order_id, logged.event_id, logged.other), (None, None, None), "{path}");
        assert_eq!(logged.details, details, "{path}");
        assert_eq!(logged.query, path.split_once('?').map_or("", |(_, query)| query), "{path}");
        assert_eq!(logged.referer.as_deref(), Some("https://shop.example/thanks"));
    }
}

#[tokio::test]
async fn the_default_pixel_is_made_once_and_can_be_set() {
    let app = TestApp::start().await;
    let (one, other) = (app.advertiser("One").await, app.advertiser("Other").await);
    let gif = |advertiser: &Advertiser| format!("/pixels/conversion/{}.gif", advertiser.id);
    // Asked at once, asked for the headers alone.
    assert_eq!(app.client.head(app.url(&gif(&one))).send().await.unwrap().status(), 200);
    assert_eq!(default_pixel(&app, one.id.0).await, None);
    let path = gif(&one);
    let many = (0..8).map(|_| visit(&app, &path, &[]));
    for response in futures(many).await {
        assert_eq!(response, 200);
    }
    let made = default_pixel(&app, one.id.0).await.unwrap();
    let pixel: Pixel = app.store.get(&app.reader(), made.0).await.unwrap();
    assert_eq!((pixel.name.as_str(), pixel.advertiser_id), ("Invoca conversions", one.id));
    assert_eq!((pixel.trigger_type, pixel.min_minutes_per_conv), (TriggerType::Hybrid, Some(0)));
    let count = |advertiser: i64| {
        let query = pixeld::store::ListQuery::default()
            .with::<Pixel>("advertiser_id", pixeld::store::Test::In(vec![pixeld::store::Scalar::Int(advertiser)]));
        let (store, reader) = (app.store.clone(), app.reader());
        async move { store.list::<Pixel>(&reader, query).await.unwrap().items.len() }
    };
    assert_eq!((count(one.id.0).await, count(other.id.0).await), (1, 0));

    // Another one is set; it is deleted.
    let own = app.store.create(&app.editor(), Pixel::new(one.id, "Own")).await.unwrap().id;
    let set = move |advertiser: &mut Advertiser| {
        advertiser.default_pixel_id = Some(own);
        Ok(())
    };
    app.store.update(&app.editor(), one.id.0, set).await.unwrap();
    visit(&app, &path, &[]).await;
    assert_eq!(fire(&app).await.pixel_id, own);
    app.store.delete::<Pixel>(&app.editor(), own.0).await.unwrap();
    visit(&app, &path, &[]).await;
    let again = fire(&app).await.pixel_id;
    assert_eq!(default_pixel(&app, one.id.0).await, Some(again));
    assert!(again != own && again != made);
}

/// Waits for all at once; their statuses.
async fn futures(requests: impl Iterator<Item = impl Future<Output = reqwest::Response>>) -> Vec<u16> {
    let mut requests: Vec<_> = requests.map(Box::pin).collect();
    let mut statuses = Vec::new();
    std::future::poll_fn(|cx| {
        requests.retain_mut(|request| match request.as_mut().poll(cx) {
            std::task::Poll::Ready(response) => {
                statuses.push(response.status().as_u16());
                false
            }
            std::task::Poll::Pending => true,
        });
        if requests.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    statuses
}

#[tokio::test]
async fn the_old_form_is_taken_too() {
    let app = TestApp::start().await;
    let change = |advertiser: &mut Advertiser| {
        advertiser.default_currency = Currency::parse("EUR").unwrap();
        Ok(())
    };
    let id = app.advertiser("One").await.id;
    app.store.update(&app.editor(), id.0, change).await.unwrap();
    let data = "x".repeat(255);
    for (query, value, currency, other) in [
        (String::new(), None, "USD", None),
        ("amount=12.50".to_owned(), Some(Micros(12_500_000)), "USD", None),
        (format!("amount=1&currency=gbp&external_data={data}"), Some(Micros(1_000_000)), "GBP", Some(data.as_str())),
    ] {
        let response = visit(&app, &format!("/tracked_actions/web_sale/{id}?{query}"), &[]).await;
        assert_eq!((response.status().as_u16(), header(&response, "x-pixeld").as_str()), (200, "ok"), "{query}");
        let logged = fire(&app).await;
        assert_eq!((logged.value, logged.currency), (value, Currency::parse(currency)), "{query}");
        assert_eq!((logged.other.as_deref(), logged.tag), (other, TagKind::Invoca), "{query}");
    }
    // The newer form's values are in the advertiser's currency.
    visit(&app, &format!("/pixels/conversion/{id}.gif?sale_amount=1"), &[]).await;
    assert_eq!(fire(&app).await.currency, Currency::parse("EUR"));
}

#[tokio::test]
async fn a_bad_parameter_gives_a_warning_and_an_unknown_advertiser_is_rejected() {
    let app = TestApp::start().await;
    let id = app.advertiser("One").await.id;
    let gif = format!("/pixels/conversion/{id}.gif?sale_amount=$10&reason_code={}&sku_list[]=", "r".repeat(70));
    let response = visit(&app, &gif, &[("cookie", "pxid=2a")]).await;
    assert_eq!((response.status().as_u16(), cookie_id(&response).as_str()), (200, "000000000000002a"));
    assert_eq!(header(&response, "x-pixeld"), "warning=sale_amount,reason_code");
    let logged = fire(&app).await;
    assert_eq!(warnings(&logged.warnings), ["sale_amount not_a_plain_decimal", "reason_code cut_to_its_length"]);
    let before = app.store.logged();
    for (path, reason) in [
        ("/pixels/conversion/999.gif", "unknown_advertiser"),
        ("/pixels/conversion/x.gif", "bad_id"),
        ("/pixels/conversion/.gif", "bad_id"),
        ("/pixels/conversion/1.png", "bad_id"),
        ("/tracked_actions/web_sale/999?amount=1", "unknown_advertiser"),
        ("/tracked_actions/web_sale/-1", "bad_id"),
    ] {
        let response = visit(&app, path, &[]).await;
        assert_eq!(
            (response.status().as_u16(), header(&response, "content-type").as_str()),
            (404, "image/gif"),
            "{path}"
        );
        assert_eq!(header(&response, "x-pixeld"), format!("rejected={reason}"), "{path}");
        assert_eq!(rejected(&app).await, reason, "{path}");
    }
    let long = visit(&app, &format!("/pixels/conversion/{id}.gif?{}", "x".repeat(8193)), &[]).await;
    assert_eq!((long.status().as_u16(), rejected(&app).await.as_str()), (414, "query_too_long"));
    assert_eq!(app.store.logged(), before);
    app.store.stop();
    let response = visit(&app, &format!("/pixels/conversion/{id}.gif"), &[]).await;
    assert_eq!((response.status().as_u16(), header(&response, "x-pixeld").as_str()), (503, "error=unavailable"));
}
