//! The last 7, 14 and 30 days on pages and in the reports that their buttons open: the advertiser's days, and the same
//! figures to the last unit, however near to midnight the clock is.

use jiff::tz::TimeZone;
use pixeld::domain::{Advertiser, Caller, Campaign, Millis, Role, Segment, SegmentAction, SegmentOp, User};
use pixeld::store::LogRow;

use super::reports::cells;
use crate::admin::{Browser, PASSWORD, Seen};
use crate::harness::{START, Shop, TestApp};
use crate::judge::{DAY, HOUR, click, fire, segment_load, view};

/// Midnight in Auckland, 13 hours before that in UTC. Clocks went forward on 27 September.
const MIDNIGHT: &str = "2026-10-01 11:00:00";
const ZONE: &str = "Pacific/Auckland";

fn midnight() -> Millis {
    Millis::parse(MIDNIGHT).unwrap()
}

/// Moments around each midnight of 40 days, of UTC and of Auckland, and of each noon.
fn moments() -> Vec<Millis> {
    let days = -40..3;
    let around = |at: Millis| [at.plus(-1), at, at.plus(1)];
    let mut moments: Vec<Millis> = days
        .flat_map(|day| {
            let begin = midnight().plus(day * DAY);
            // Before clocks went forward, days began an hour later by UTC.
            [around(begin), around(begin.plus(HOUR)), around(begin.plus(13 * HOUR))].concat()
        })
        .collect();
    moments.sort();
    moments
}

/// How many of these moments are of the latest days.
fn among(moments: &[Millis], days: i64, now: Millis, zone: &str) -> String {
    let zone = TimeZone::get(zone).unwrap();
    let date = |at: Millis| zone.to_datetime(at.timestamp()).date();
    let back = |at: Millis| date(now).since(date(at)).unwrap().get_days();
    moments.iter().filter(|at| (0..days).contains(&i64::from(back(**at)))).count().to_string()
}

struct World {
    app: TestApp,
    shop: Shop,
    campaign: Campaign,
    segment: Segment,
    /// Of as many views, clicks, conversions and loads of the segment.
    moments: Vec<Millis>,
}

async fn world() -> World {
    let app = TestApp::start().await;
    let shop = app.shop_with(|pixel| pixel.min_minutes_per_conv = Some(0)).await;
    let by = app.editor();
    let there = |advertiser: &mut Advertiser| {
        advertiser.timezone = ZONE.to_owned();
        Ok(())
    };
    app.store.update::<Advertiser, _>(&by, shop.advertiser.id.0, there).await.unwrap();
    let campaign = Campaign::new(shop.advertiser.id, shop.line_item.id, "Search ads");
    let campaign = app.store.create(&by, campaign).await.unwrap();
    let segment = Segment { advertiser_id: Some(shop.advertiser.id), ..Segment::new("Visitors") };
    let segment = app.store.create(&by, segment).await.unwrap();
    let moments = moments();
    let mut log = Vec::new();
    for at in &moments {
        let after = at.since(START);
        for mut exposure in [view(shop.line_item.id, 1, after), click(shop.line_item.id, 1, after)] {
            exposure.campaign_id = Some(campaign.id);
            log.push(LogRow::Exposure(Box::new(exposure)));
        }
        log.push(LogRow::Fire(Box::new(fire(shop.pixel.id, 1, after))));
        let mut load = segment_load(1, after);
        load.segments = vec![SegmentOp { segment_id: segment.id, action: SegmentAction::Add { value: None } }];
        log.push(LogRow::SegmentLoad(Box::new(load)));
    }
    app.store.append_all(log).await.unwrap();
    app.judged().await;
    World { app, shop, campaign, segment, moments }
}

/// The address behind the page's button.
fn button(seen: &Seen) -> String {
    let (before, _) = seen.body.split_once(">Report</a>").expect("a button");
    before.rsplit_once("href=\"").unwrap().1.trim_end_matches('"').replace("&amp;", "&")
}

fn events(count: &str) -> String {
    format!("{count} event{}", if count == "1" { "" } else { "s" })
}

/// The text of the page between two others.
fn between(seen: &Seen, before: &str, after: &str) -> String {
    let text = seen.text();
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("{before} is not in {text}"));
    rest.split_once(after).unwrap_or_else(|| panic!("{after} is not behind {before} in {text}")).0.trim().to_owned()
}

/// These columns of the report's line of totals.
async fn totals(browser: &Browser, address: &str, columns: &[usize]) -> Vec<String> {
    let seen = browser.get(address).await;
    let rows = cells(&seen);
    let total = rows.first().unwrap_or_else(|| panic!("{address}: {}", seen.text()));
    assert!(total.starts_with("Total") || rows.len() == 1, "{address}: {rows:?}");
    let cells: Vec<&str> = total.split(" | ").collect();
    columns.iter().map(|column| cells[*column].to_owned()).collect()
}

/// Compares the pages about one advertiser with their reports, and with a plain count.
async fn compare(world: &World, browser: &Browser, publisher_zone: &str) {
    let World { app, shop, campaign, segment, moments } = world;
    let now = app.clock.now();
    let count = |days, zone| among(moments, days, now, zone);
    for (page, zone) in [
        (format!("/admin/line-items/{}", shop.line_item.id), ZONE),
        (format!("/admin/campaigns/{}", campaign.id), ZONE),
        (format!("/admin/publishers/{}", shop.publisher.id), publisher_zone),
    ] {
        let seen = browser.get(&page).await;
        let month = count(30, zone);
        let clicks = if month == "1" { "1 click".to_owned() } else { format!("{month} clicks") };
        let both = format!("{month} {clicks} · 100.00% CTR");
        assert_eq!(between(&seen, "Impressions", "Conversions"), both, "{page} at {now}");
        assert_eq!(seen.texts(r#"class="tile-figure""#)[..2], [month.as_str(); 2], "{page} at {now}");
        assert!(seen.text().contains(&format!("{month} click · 0 view")), "{}", seen.text());
        assert!(seen.text().contains(&format!("Days in {zone}.")), "{}", seen.text());
        // Views, clicks and post-click conversions.
        assert_eq!(totals(browser, &button(&seen), &[3, 4, 7]).await, vec![month; 3], "{page} at {now}");
    }
    let page = format!("/admin/pixels/{}", shop.pixel.id);
    let seen = browser.get(&page).await;
    let (week, fortnight) = (count(7, ZONE), count(14, ZONE));
    assert_eq!(between(&seen, "Events by day 14 days: ", " credited to a click"), fortnight, "{page} at {now}");
    assert_eq!(between(&seen, "Events by day, last 14 days: ", " in all"), fortnight, "{page} at {now}");
    assert_eq!(between(&seen, "Events by day, last 14 days: ", " today").split(", ").last(), Some(&*count(1, ZONE)));
    let of_14_days = format!("Events with a value set aside 0 of {} in 14 days", events(&fortnight));
    assert!(seen.text().contains(&of_14_days), "{page} at {now}: {}", seen.text());
    assert_eq!(seen.texts(r#"class="tile-figure""#)[2], week, "{page} at {now}");
    // Fires, and those credited to a click.
    assert_eq!(totals(browser, &button(&seen), &[2, 3]).await, vec![fortnight; 2], "{page} at {now}");
    // A day of the list of conversions is one of the pixel's advertiser, too.
    let zone = TimeZone::get(ZONE).unwrap();
    let today = zone.to_datetime(now.timestamp()).date();
    let seen = browser.get(&format!("/admin/conversions?pixel={}&from={today}&to={today}", shop.pixel.id)).await;
    assert_eq!(seen.body.matches(r#"<a class="row""#).count().to_string(), count(1, ZONE), "at {now}");
    let list = browser.get(&format!("/admin/pixels?range=last_7_days&advertiser_id={}", shop.advertiser.id)).await;
    assert_eq!(list.column("Conversions"), std::slice::from_ref(&week), "at {now}");
    // The browser remembers what was chosen last.
    browser.get("/admin/pixels?range=last_30_days&advertiser_id=all").await;
    let report = browser.post("/admin/pixels/selected", &[("csrf", &list.csrf()), ("id", "1"), ("do", "report")]).await;
    assert_eq!(totals(browser, report.location(), &[2, 3]).await, vec![week; 2], "the list at {now}");

    let seen = browser.get(&format!("/admin/segments/{}", segment.id)).await;
    assert_eq!(seen.texts(r#"class="tile-figure""#)[1], count(30, "UTC"), "at {now}");
    assert_eq!(totals(browser, &button(&seen), &[2]).await, [count(30, "UTC")], "at {now}");
}

/// Compares the overview with the reports of its time zone.
async fn compare_overview(world: &World, browser: &Browser, zone: &str) {
    let now = world.app.clock.now();
    for (range, days) in [("today", 1), ("last_7_days", 7), ("last_30_days", 30)] {
        let seen = browser.get(&format!("/admin?range={range}")).await;
        assert!(seen.text().contains(&format!("Days in {zone}.")), "{}", seen.text());
        let count = among(&world.moments, days, now, zone);
        assert_eq!(seen.texts(r#"class="tile-figure""#)[0], count, "{range} at {now}");
        let report = format!("/admin/reports?type=advertiser_analytics&range={range}");
        assert_eq!(totals(browser, &report, &[7]).await, [count], "{range} at {now}");
    }
}

#[actix_web::test]
async fn a_page_and_its_report_have_the_same_days() {
    let world = world().await;
    let by = Caller::shell().admin().unwrap();
    world.app.auth.create_user(&by, User::new("mira", Role::Admin), PASSWORD).await.unwrap();
    let utc_midnight = midnight().plus(13 * HOUR);
    for now in [midnight().plus(-1), midnight(), midnight().plus(1), utc_midnight.plus(-1), utc_midnight] {
        world.app.clock.set(now);
        // Sessions end after some hours.
        let browser = Browser::new(&world.app);
        browser.sign_in("mira").await;
        compare(&world, &browser, ZONE).await;
        compare_overview(&world, &browser, ZONE).await;
    }
    // Pages about several advertisers of different zones go by UTC, and say so.
    world.app.clock.set(midnight());
    world.app.advertiser("Other").await;
    let browser = Browser::new(&world.app);
    browser.sign_in("mira").await;
    compare(&world, &browser, "UTC").await;
    compare_overview(&world, &browser, "UTC").await;
}
