//! The overview, the list of conversions and their explanations, the figures of a pixel.

use pixeld::domain::{Currency, Micros, Pixel, Role, Segment, SegmentAction, SegmentId, SegmentOp, Warning};
use pixeld::store::LogRow;

use super::{Browser, Seen};
use crate::harness::{START, Shop, TestApp};
use crate::judge::{self, DAY, HOUR, MIN, fire};

#[actix_web::test]
async fn a_newcomer_is_led_step_by_step() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    let seen = browser.get("/admin").await;
    assert!(seen.has(r#"<a class="button primary" href="/admin/tracking/new">Set up tracking</a>"#), "{}", seen.body);
    let viewer = Browser::of(&app, Role::Viewer, None).await.get("/admin").await;
    assert!(!viewer.has("/admin/tracking/new") && viewer.text().contains("Nothing is set up yet"), "{}", viewer.text());
    let advertiser = app.advertiser("Shop").await;
    let seen = browser.get("/admin").await;
    assert!(seen.has(r#"<a class="button" href="/admin/tracking/new">New shop</a>"#), "{}", seen.body);
    app.store.create(&app.editor(), Pixel::new(advertiser.id, "Sale")).await.unwrap();
    let seen = browser.get("/admin").await;
    let problems = |seen: &Seen| {
        let list = seen.body.split_once(r#"<ul class="todo">"#).map_or("", |(_, rest)| rest);
        list.split("</ul>").next().unwrap().matches("<p>").count()
    };
    let before = problems(&seen);
    app.wait_minutes(11);
    let seen = browser.get("/admin").await;
    assert_eq!(
        problems(&seen),
        before + 1,
        "a pixel that never loaded is a problem after ten minutes: {}",
        seen.text()
    );
    assert!(seen.has(r#"<h3><a href="/admin/pixels/1">Sale</a>"#), "{}", seen.body);
}

/// A shop in which a visitor clicked and then bought three times, and a stranger once.
async fn sold(app: &TestApp) -> Shop {
    let shop = app
        .shop_with(|pixel| {
            pixel.min_minutes_per_conv = Some(0);
            pixel.count_each_order_once = true;
            pixel.post_click_expire_mins = Some(14 * 1440);
        })
        .await;
    let line_item = shop.line_item.id;
    let click = judge::click(line_item, 7, -3 * HOUR);
    let view = judge::view(line_item, 7, -20 * DAY);
    let sale = |order: &str, after| {
        let mut fire = fire(shop.pixel.id, 7, after);
        fire.order_id = Some(order.to_owned());
        (fire.value, fire.currency) = (Some(Micros(49_900_000)), Some(Currency::USD));
        fire.referer = Some("https://shop.example/thanks?<b>".to_owned());
        LogRow::Fire(Box::new(fire))
    };
    let mut stranger = fire(shop.pixel.id, 8, 2 * MIN);
    stranger.warnings =
        vec![Warning { parameter: "value".into(), raw: "49,90<i>".into(), rule: "not_a_plain_decimal".into() }];
    stranger.query = "id=1&value=49,90<i>".to_owned();
    let rows = vec![
        LogRow::Exposure(Box::new(view)),
        LogRow::Exposure(Box::new(click)),
        sale("A-1", 0),
        sale("A-1", MIN),
        LogRow::Fire(Box::new(stranger)),
        sale("A-2", 3 * MIN),
    ];
    app.clock.set(START.plus(5 * MIN));
    app.store.append_all(rows).await.unwrap();
    app.judged().await;
    shop
}

#[actix_web::test]
async fn the_overview_says_what_came_in_against_the_days_before() {
    let app = TestApp::start().await;
    sold(&app).await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let seen = browser.get("/admin").await;
    assert_eq!(seen.texts(r#"class="tile-figure""#), ["2", "99.80 USD", "–", "–"]);
    assert_eq!(seen.texts(r#"class="tile-sub""#), ["2 click · 0 view"]);
    let text = seen.text();
    assert!(text.contains("1 Oct 2 0"), "the table behind the chart: {text}");
    assert!(seen.has(r#"<svg class="chart" role="group""#));
    assert!(
        seen.has("outcome=attributed&#38;range=dates&#38;from=2026-10-01&#38;to=2026-10-01"),
        "a bar leads to its day: {}",
        seen.body
    );
    assert!(!seen.has(r#"class="todo""#), "no pixel needs attention: {text}");
    app.clock.set(START.plus(DAY + 2 * MIN));
    let browser = Browser::of(&app, Role::Editor, None).await;
    let seen = browser.get("/admin?range=today").await;
    assert_eq!(seen.texts(r#"class="tile-figure""#)[0], "0");
    assert_eq!(seen.texts(r#"class="delta"#)[0], "–2", "up to the same quarter hour: {}", seen.text());
}

#[actix_web::test]
async fn conversions_are_listed_filtered_and_lead_to_their_reasons() {
    let app = TestApp::start().await;
    let shop = sold(&app).await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let list = async |query: &str| browser.get(&format!("/admin/conversions{query}")).await;
    assert_eq!(places(&list("").await), 4);
    for (query, count) in [
        ("?outcome=attributed", 2),
        ("?reason=duplicate_order", 1),
        ("?order=A-1", 2),
        ("?order=A-1&outcome=attributed", 1),
        ("?from=2026-10-01&to=2026-10-01", 4),
        ("?from=nonsense&outcome=nonsense", 4),
    ] {
        let seen = list(query).await;
        assert_eq!(places(&seen), count, "{query}: {}", seen.text());
    }
    let none = list("?from=2026-09-01&to=2026-09-30").await;
    assert!(places(&none) == 0 && none.text().contains("No event matches."), "{}", none.text());
    assert_eq!(places(&list(&format!("?range=last_7_days&pixel={}", shop.pixel.id)).await), 4);
    assert_eq!(places(&list("?pixel=99").await), 0);
    let credited = list("?outcome=attributed").await;
    assert!(
        credited.has(r#"aria-current="page">Credited<small>2</small></a>"#)
            && credited.text().contains("Credited: click")
    );
    assert!(list("?outcome=not_counted").await.text().contains("Ignored · duplicate order ID"));
}

/// How many conversions a page lists.
fn places(seen: &Seen) -> usize {
    let rows = seen.body.split("<tbody>").nth(1).map_or("", |rows| rows.split("</tbody>").next().unwrap());
    rows.matches("<tr").count()
}

#[actix_web::test]
async fn a_conversions_page_names_the_segments_that_it_changed() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let mut ids = Vec::new();
    for name in ["Cart users", "Buyers"] {
        ids.push(app.store.create(&app.editor(), Segment::new(name)).await.unwrap().id);
    }
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let ops = vec![
        SegmentOp { segment_id: ids[1], action: SegmentAction::Add { value: Some(5) } },
        SegmentOp { segment_id: ids[0], action: SegmentAction::Remove },
        SegmentOp { segment_id: SegmentId(99), action: SegmentAction::Remove },
    ];
    for (test, words) in [
        (false, "Segments added to Buyers with value 5, removed from Cart users , removed from segment 99"),
        (true, "Segments not added to Buyers , not removed from Cart users , not removed from segment 99"),
    ] {
        let mut sale = fire(shop.pixel.id, 7, 0);
        sale.details.segments = ops.clone();
        sale.flags.test = test;
        let event = judge::convert(&app, sale).await.fire.seq;
        for path in [format!("/admin/conversions/{event}"), "/admin/live".to_owned()] {
            let seen = browser.get(&path).await;
            assert!(seen.text().contains(words), "{path}: {}", seen.text());
            assert!(seen.has(&format!(r#"href="/admin/segments/{}">Buyers</a>"#, ids[1])), "{}", seen.body);
        }
    }
}

#[actix_web::test]
async fn a_conversions_page_says_why() {
    let app = TestApp::start().await;
    sold(&app).await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let link = async |query: &str| {
        let body = browser.get(&format!("/admin/conversions{query}")).await.body;
        let (_, rest) = body.split_once(r#"<a class="row" href="/admin/conversions/"#).unwrap();
        format!("/admin/conversions/{}", rest.split('"').next().unwrap())
    };
    let seen = browser.get(&link("?order=A-2").await).await;
    let text = seen.text();
    assert!(text.contains("Order A-2, credited · pixeld") && seen.has("<h1>Order A-2</h1>"), "{text}");
    assert!(text.contains("Credited to a click on Daily News, 3 hours 3 minutes earlier."), "{text}");
    assert!(text.contains("It was the last ad click in the 14 days before the event. A click wins over any"), "{text}");
    assert!(text.contains("All 9 checks passed") && text.contains("The ad click gets the credit"), "{text}");
    assert!(text.contains("the reason post_click ."), "{text}");
    let line = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"));
    let (view, click) = (line("Ad view on Daily News Autumn sale"), line("Ad click on Daily News Autumn sale"));
    assert!(view < click && click < line("This event"), "oldest first");
    assert!(text.contains("3 h 3 min before Ad click on Daily News Autumn sale Gets the credit"), "{text}");
    assert!(text.contains("In time, but a click wins"), "{text}");
    assert!(seen.has(r#"class="win-click""#) && seen.has(r#"class="won click""#), "the ruler: {}", seen.body);
    assert!(text.contains("Order value 49.90 USD, from the tag Payout none set"), "{text}");
    assert!(seen.has("shop.example/thanks?&#60;b&#62;"));

    let text = browser.get(&link("?reason=duplicate_order").await).await.text();
    assert!(text.contains("Ignored: order A-1 was recorded twice."), "{text}");
    assert!(text.contains("already counted this order") && text.contains("Counts in its place"), "{text}");
    assert!(text.contains("Would get the credit") && text.contains("Stopped at check 3 of 9"), "{text}");
    let text = browser.get(&link("?order=A-1&outcome=attributed").await).await.text();
    assert!(text.contains("The tag sent the same event") && text.contains("Same order ID, counted once"), "{text}");

    let seen = browser.get(&link("?reason=no_exposure").await).await;
    let text = seen.text();
    assert!(text.contains("Not credited: this visitor saw and clicked no ad."), "{text}");
    assert!(
        text.contains("value “49,90&#60;i&#62;” is not a plain number such as 10 or 10.50, and was ignored."),
        "{text}"
    );
    assert!(!seen.has("<i>"));

    assert_eq!(browser.get("/admin/conversions/999999").await.status, 404);
    let other = app.advertiser("Other").await;
    let limited = Browser::of(&app, Role::Viewer, Some(other.id)).await;
    assert_eq!(limited.get(&link("?order=A-2").await).await.status, 404);
    assert!(limited.get("/admin/conversions").await.is_empty());
}

#[actix_web::test]
async fn a_pixels_page_shows_how_it_fares() {
    let app = TestApp::start().await;
    sold(&app).await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let page = browser.get("/admin/pixels/1").await;
    assert_eq!(page.texts(r#"class="tile-figure""#), ["2 min ago", "4", "2", "1"]);
    let text = page.text();
    assert!(text.contains("Events with a value set aside 1 of 4 events in 14 days"), "{text}");
    assert!(
        text.contains("value is not a plain number such as 10 or 10.50, and was ignored 1 of the latest"),
        "{text}"
    );
    assert_eq!(page.column("Page")[0], "shop.example/thanks?&#60;b&#62;");
    assert_eq!(page.column("Events"), ["3", "1"]);
    assert!(page.has(r#"<a href="/admin/line-items/1">Autumn sale</a>"#), "{}", page.body);
    let list = browser.get("/admin/pixels").await;
    let column = |heading| list.column(heading).concat();
    let row = ["Events", "Last event", "Conversions"].map(column);
    assert_eq!(row, ["4", "2 min ago", "2"]);
}
