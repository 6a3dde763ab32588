//! Reads for pages and API: conversions, health, top pages, outcomes by day, and the rights to see them.

use jiff::civil::date;
use jiff::tz::TimeZone;
use pixeld::domain::{
    AdvertiserId, Caller, Currency, Flags, LineItem, LineItemPixel, Micros, OutcomeKind, Reader, Reason, Role, Scope,
    Status, TotalMicros, Warning,
};
use pixeld::store::{ConversionQuery, DayValues, Page, PixelHealth, PixelWeek, StoreError, TopUrl};

use super::*;

fn limited_to(advertiser: AdvertiserId) -> Reader {
    let scope = Scope::Advertiser(advertiser);
    Caller { user_id: None, token_id: None, name: "guest".into(), role: Role::Viewer, scope }.reader().unwrap()
}

/// The places in the log of a page's conversions.
fn places(page: &Page<Conversion>) -> Vec<Seq> {
    page.items.iter().map(|conversion| conversion.fire.seq).collect()
}

#[actix_web::test]
async fn conversions_are_listed_newest_first_and_filtered() {
    let app = TestApp::start().await;
    let shop = app.shop_with(|pixel| pixel.min_minutes_per_conv = Some(0)).await;
    let other = app.shop_with(|_| ()).await;
    show(&app.store, click(shop.line_item.id, 1, -HOUR)).await;
    let order = |id: &str| Some(id.to_owned());
    let first = convert(&app, Fire { order_id: order("A1"), ..fire(shop.pixel.id, 1, 0) }).await.fire.seq;
    let late = convert(&app, Fire { order_id: order("A2"), ..fire(shop.pixel.id, 1, -30 * MIN) }).await.fire.seq;
    let unknown = convert(&app, Fire { order_id: order("A1"), ..fire(shop.pixel.id, 2, HOUR) }).await.fire.seq;
    let elsewhere = convert(&app, fire(other.pixel.id, 1, 2 * HOUR)).await.fire.seq;

    let list = async |query: ConversionQuery| app.store.conversions(&app.reader(), query).await.unwrap();
    let all = ConversionQuery::default;
    assert_eq!(places(&list(all()).await), [elsewhere, unknown, first, late]);
    for (query, wanted) in [
        (ConversionQuery { advertiser: Some(other.advertiser.id), ..all() }, vec![elsewhere]),
        (ConversionQuery { pixel: Some(shop.pixel.id), ..all() }, vec![unknown, first, late]),
        (ConversionQuery { line_item: Some(shop.line_item.id), ..all() }, vec![first, late]),
        (ConversionQuery { outcome: Some(OutcomeKind::Attributed), ..all() }, vec![first, late]),
        (ConversionQuery { reason: Some(Reason::NoExposure), ..all() }, vec![elsewhere, unknown]),
        (ConversionQuery { order_id: order("A1"), ..all() }, vec![unknown, first]),
        (ConversionQuery { from: Some(START), to: Some(START.plus(HOUR)), ..all() }, vec![first]),
        (
            ConversionQuery { pixel: Some(shop.pixel.id), reason: Some(Reason::PostClick), from: Some(START), ..all() },
            vec![first],
        ),
    ] {
        let page = list(query.clone()).await;
        assert_eq!((places(&page), page.count), (wanted.clone(), u64::try_from(wanted.len()).unwrap()), "{query:?}");
    }
    let page = list(ConversionQuery { start_element: 1, num_elements: 2, ..all() }).await;
    assert_eq!((places(&page), page.count), (vec![unknown, first], 4));
    let recent = app.store.recent_fires(&app.reader(), shop.pixel.id, 2).await.unwrap();
    assert_eq!(recent.iter().map(|conversion| conversion.fire.seq).collect::<Vec<_>>(), [unknown, first]);
}

#[actix_web::test]
async fn a_conversion_bears_all_of_its_fire_and_its_credit() {
    let app = TestApp::start().await;
    let shop = app.shop_with(|pixel| pixel.post_click_value = Some(Micros(5_000_000))).await;
    let clicked = show(
        &app.store,
        Exposure {
            campaign_id: Some(pixeld::domain::CampaignId(8)),
            creative_id: Some(9),
            ..click(shop.line_item.id, 1, -HOUR)
        },
    )
    .await;
    let sent = Fire {
        order_id: Some("A1".into()),
        value: Some(Micros(10_500_000)),
        currency: Currency::parse("EUR"),
        other: Some("blue".into()),
        event_id: Some("e1".into()),
        details: crate::store::log::details(),
        warnings: vec![Warning { parameter: "other".into(), raw: "blue, long".into(), rule: "too_long".into() }],
        query: "id=1&order_id=A1".into(),
        referer: Some("https://shop.example/thanks".into()),
        user_agent: Some("Mozilla/5.0".into()),
        ip: Some("203.0.113.0".into()),
        ..fire(shop.pixel.id, 1, 0)
    };
    let mut got = convert(&app, sent.clone()).await;
    // Its parent is unknown, which the judge finds out.
    let found_out = got.fire.row.warnings.pop().unwrap();
    assert_eq!((found_out.raw.as_str(), found_out.rule.as_str()), ("R0", "unknown_parent_reference"));
    assert_eq!(got.fire.row, sent);
    assert_eq!((got.advertiser_id, got.visitor_id), (shop.advertiser.id, Some(VisitorId(1))));
    let credit = got.credit.unwrap();
    assert_eq!(
        (credit.exposure, credit.exposure_at, credit.line_item_id),
        (clicked, START.plus(-HOUR), shop.line_item.id)
    );
    assert_eq!((credit.campaign_id.unwrap().0, credit.creative_id, credit.publisher_id.0), (8, Some(9), 1));
    assert_eq!(
        (credit.window.0, credit.static_value, credit.static_currency),
        (129_600, Some(Micros(5_000_000)), Currency::USD)
    );
    assert!(got.pixel_version < credit.line_item_version && credit.line_item_version < clicked);
}

#[actix_web::test]
async fn a_limited_caller_sees_its_own_advertiser_alone() {
    let app = TestApp::start().await;
    let (own, other) = (app.shop().await, app.shop().await);
    let by = limited_to(own.advertiser.id);
    let mine = convert(&app, fire(own.pixel.id, 1, 0)).await.fire.seq;
    let theirs = convert(&app, fire(other.pixel.id, 1, 0)).await.fire.seq;
    let nobodys = convert(&app, fire(PixelId(999), 1, 0)).await.fire.seq;

    let page = app.store.conversions(&by, ConversionQuery::default()).await.unwrap();
    assert_eq!((places(&page), page.count), (vec![mine], 1));
    let asked = ConversionQuery { advertiser: Some(other.advertiser.id), ..ConversionQuery::default() };
    assert_eq!(app.store.conversions(&by, asked).await.unwrap().count, 0);
    assert_eq!(app.store.conversion(&by, mine).await.unwrap().fire.seq, mine);
    for hidden in [theirs, nobodys, Seq(1_000_000)] {
        let refused = app.store.conversion(&by, hidden).await.unwrap_err();
        assert!(matches!(refused, StoreError::NotFound { what: "conversion", .. }), "{refused}");
        let refused = pixeld::judge::explain(&app.store, &by, hidden).await.unwrap_err();
        assert!(matches!(refused, StoreError::NotFound { what: "conversion", .. }), "{refused}");
    }
    let ids = vec![own.pixel.id, other.pixel.id];
    let health = app.store.pixel_health(&by, ids).await.unwrap();
    assert_eq!(health.keys().collect::<Vec<_>>(), [&own.pixel.id]);
    assert!(app.store.recent_fires(&by, other.pixel.id, 10).await.unwrap().is_empty());
    assert!(app.store.top_urls(&by, other.pixel.id, START).await.unwrap().is_empty());
    let day = date(2026, 10, 1);
    for (by, pixel, count) in [(by, own.pixel.id, 1), (by, other.pixel.id, 0), (app.reader(), other.pixel.id, 1)] {
        let days = app.store.daily_outcomes(&by, pixel, day, day, TimeZone::UTC).await.unwrap();
        assert_eq!(days[0].unattributed, count, "{pixel}");
    }
}

#[actix_web::test]
async fn health_counts_loads_to_the_millisecond() {
    let app = TestApp::start().await;
    let shop = app.shop_with(|pixel| pixel.min_minutes_per_conv = Some(0)).await;
    let pixel = shop.pixel.id;
    let health = async || app.store.pixel_health(&app.reader(), vec![pixel]).await.unwrap().remove(&pixel).unwrap();
    assert_eq!(health().await, PixelHealth::default());

    // The clock stands at 12:34:56.789, so that every span begins within an hour.
    app.clock.set(START.plus(34 * MIN + 56_789));
    let now = app.clock.now().since(START);
    show(&app.store, view(shop.line_item.id, 1, -20 * DAY)).await;
    let bad = vec![Warning { parameter: "value".into(), raw: "$1".into(), rule: "not_a_plain_decimal".into() }];
    let week = app.clock.now().day().plus(-6 * DAY).since(START);
    for after in [now, now - 12 * HOUR, now - 12 * HOUR - 1, week, week - 1, now - 13 * DAY] {
        convert(&app, Fire { warnings: bad.clone(), ..fire(pixel, 1, after) }).await;
    }
    let early = app.clock.now().day().plus(-13 * DAY - 1).since(START);
    convert(&app, fire(pixel, 1, early)).await;
    convert(&app, fire(pixel, 2, now - 1)).await;
    for (test, bot, prefetch) in [(true, false, false), (false, true, false), (false, false, true)] {
        let flags = Flags { test, bot, prefetch, new_visitor: false };
        convert(&app, Fire { flags, warnings: bad.clone(), ..fire(pixel, 1, now + 1) }).await;
    }
    let got = health().await;
    let wanted = PixelHealth {
        loads_12h: 3,
        last_load: Some(app.clock.now()),
        conversions_7d: 4,
        loads_by_day: [1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 4],
        warned: 6,
        days_before: 0,
        week: PixelWeek { unattributed: 1, browsers: 5, ..PixelWeek::default() },
    };
    assert_eq!((got.clone(), got.loads()), (wanted, 7));
}

#[actix_web::test]
async fn top_urls_are_the_pages_with_most_loads() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let at = async |referer: Option<&str>, after: i64| {
        convert(&app, Fire { referer: referer.map(str::to_owned), ..fire(shop.pixel.id, 1, after) }).await
    };
    at(Some("https://shop.example/old"), -1).await;
    at(Some("https://shop.example/a"), 0).await;
    at(Some("https://shop.example/b"), 1).await;
    at(Some("https://shop.example/b"), 3).await;
    at(None, 2).await;
    let flags = Flags { test: true, ..Flags::default() };
    convert(&app, Fire { flags, referer: Some("https://test.example/".into()), ..fire(shop.pixel.id, 1, 4) }).await;
    let top = app.store.top_urls(&app.reader(), shop.pixel.id, START).await.unwrap();
    let url =
        |url: Option<&str>, loads, after| TopUrl { url: url.map(str::to_owned), loads, last_load: START.plus(after) };
    let wanted =
        [url(Some("https://shop.example/b"), 2, 3), url(None, 1, 2), url(Some("https://shop.example/a"), 1, 0)];
    assert_eq!(top, wanted);
}

#[actix_web::test]
async fn days_follow_the_zone_and_currencies_stay_apart() {
    let app = TestApp::start().await;
    let shop = app.shop_with(|pixel| pixel.min_minutes_per_conv = Some(0)).await;
    let pixel = shop.pixel.id;
    let priced = move |l: &mut LineItem| {
        l.currency = Currency::parse("CHF");
        l.pixels = vec![LineItemPixel {
            pixel_id: pixel,
            state: Status::Active,
            post_click_revenue: Some(Micros(7)),
            post_view_revenue: None,
        }];
        Ok(())
    };
    app.store.update::<LineItem, _>(&app.editor(), shop.line_item.id.0, priced).await.unwrap();
    show(&app.store, click(shop.line_item.id, 1, -DAY)).await;
    show(&app.store, view(shop.line_item.id, 2, -DAY)).await;
    // START is noon in UTC, 14:00 in Zurich.
    let paid = |visitor, after, value, currency: Option<&str>| Fire {
        value: Some(Micros(value)),
        currency: currency.and_then(Currency::parse),
        ..fire(pixel, visitor, after)
    };
    convert(&app, paid(1, 0, 10, Some("EUR"))).await;
    convert(&app, paid(1, 9 * HOUR, 20, Some("USD"))).await;
    convert(&app, paid(1, 10 * HOUR, 40, Some("EUR"))).await;
    convert(&app, paid(2, 10 * HOUR, 80, Some("EUR"))).await;
    convert(&app, paid(3, 10 * HOUR, 160, None)).await;
    let flags = Flags { bot: true, ..Flags::default() };
    convert(&app, Fire { flags, ..paid(1, 10 * HOUR, 320, Some("EUR")) }).await;
    let flags = Flags { test: true, ..Flags::default() };
    convert(&app, Fire { flags, ..paid(1, 10 * HOUR, 640, Some("EUR")) }).await;

    let zone = TimeZone::get("Europe/Zurich").unwrap();
    let (from, to) = (date(2026, 10, 1), date(2026, 10, 3));
    let days = app.store.daily_outcomes(&app.reader(), pixel, from, to, zone).await.unwrap();
    let counts: Vec<_> =
        days.iter().map(|day| (day.day, day.post_click, day.post_view, day.unattributed, day.not_counted)).collect();
    let wanted = [(from, 2, 0, 0, 0), (date(2026, 10, 2), 1, 1, 1, 1), (to, 0, 0, 0, 0)];
    assert_eq!(counts, wanted);
    let of = |post_click, post_view, unattributed| DayValues {
        post_click: TotalMicros(post_click),
        post_view: TotalMicros(post_view),
        unattributed: TotalMicros(unattributed),
    };
    let (eur, chf) = (Currency::parse("EUR").unwrap(), Currency::parse("CHF").unwrap());
    assert_eq!(
        days[0].values.clone().into_iter().collect::<Vec<_>>(),
        [(eur, of(10, 0, 0)), (Currency::USD, of(20, 0, 0))]
    );
    assert_eq!(
        days[1].values.clone().into_iter().collect::<Vec<_>>(),
        [(eur, of(40, 80, 0)), (Currency::NONE, of(0, 0, 160))]
    );
    assert_eq!(days[0].static_values.clone().into_iter().collect::<Vec<_>>(), [(chf, of(14, 0, 0))]);
    assert_eq!(days[1].static_values.clone().into_iter().collect::<Vec<_>>(), [(chf, of(7, 0, 0))]);
    let utc = app.store.daily_outcomes(&app.reader(), pixel, from, from, TimeZone::UTC).await.unwrap();
    assert_eq!((utc.len(), utc[0].post_click, utc[0].post_view), (1, 3, 1));
    let backwards = app.store.daily_outcomes(&app.reader(), pixel, to, from, TimeZone::UTC).await.unwrap();
    assert_eq!(backwards, []);
    let too_long = app.store.daily_outcomes(&app.reader(), pixel, date(2000, 1, 1), to, TimeZone::UTC).await;
    assert!(matches!(too_long, Err(StoreError::Invalid(_))));
}

#[actix_web::test]
async fn sums_of_the_largest_values_are_exact() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for _ in 0..12 {
        convert(&app, Fire { value: Some(Micros::MAX), currency: Some(Currency::USD), ..fire(shop.pixel.id, 1, 0) })
            .await;
        convert(&app, Fire { value: Some(Micros::MAX), currency: Some(Currency::USD), ..fire(shop.pixel.id, 1, HOUR) })
            .await;
    }
    let day = date(2026, 10, 1);
    let days = app.store.daily_outcomes(&app.reader(), shop.pixel.id, day, day, TimeZone::UTC).await.unwrap();
    assert_eq!(days[0].values[&Currency::USD].unattributed, TotalMicros(24 * i128::from(Micros::MAX.0)));
    assert_eq!(days[0].unattributed, 24);
}
