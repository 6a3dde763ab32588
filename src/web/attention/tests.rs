//! Tests of the rules: one table of facts and what is found, over all of them.

use super::facts::{AdvertiserFacts, ServerFacts};
use super::*;
use crate::attribution::MissingCookie;
use crate::domain::{AdvertiserId, Currency, LineItemId, Millis, Pixel, PixelId, Status, TrackerId, TrackerKind};
use crate::store::{AdlessLineItem, PixelHealth, PixelLinks, PixelWeek, UnloadedSiteTag, UnseenTracker};
use crate::tag::Reach;

const NOW: Millis = Millis(20_000 * Millis::DAY + 12 * Millis::HOUR);

/// A busy pixel on a line item, all of whose days are alike.
struct PixelCase {
    pixel: Pixel,
    links: PixelLinks,
    health: PixelHealth,
    lacks_ads: bool,
    cookie: Option<CookieFacts>,
}

fn lines(found: &[Finding]) -> Vec<String> {
    found.iter().map(|finding| format!("{}: {} [{}]", finding.rule, finding.text, finding.action)).collect()
}

fn pixel(change: impl FnOnce(&mut PixelCase)) -> Vec<String> {
    let mut pixel = Pixel::new(AdvertiserId(1), "Sale");
    (pixel.id, pixel.created_on) = (PixelId(7), NOW.plus(-30 * Millis::DAY));
    let on = (LineItemId(3), "Autumn".to_owned(), Status::Active, Status::Active);
    let week = PixelWeek { unattributed: 2_000, browsers: 3_360, without_cookie: 1_000, private: 100 };
    let health = PixelHealth {
        loads_12h: 240,
        last_load: Some(NOW.plus(-60_000)),
        conversions_7d: 1_360,
        loads_by_day: [480; 14],
        days_before: 13,
        week,
        ..PixelHealth::default()
    };
    let links = PixelLinks { line_items: vec![on], campaigns: Vec::new() };
    let mut case = PixelCase { pixel, links, health, lacks_ads: false, cookie: None };
    change(&mut case);
    let PixelCase { pixel, links, health, lacks_ads, cookie } = &case;
    let facts = PixelFacts { pixel, links, health, lacks_ads: *lacks_ads, cookie: cookie.as_ref(), now: NOW };
    lines(&findings(&Facts::Pixel(facts)))
}

fn cookie(page: &str, tag: &str) -> Option<CookieFacts> {
    Some(CookieFacts { missing: MissingCookie::of(page, tag) })
}

#[test]
fn a_busy_or_inactive_pixel_has_no_finding() {
    assert_eq!(pixel(|_| ()), [""; 0]);
    assert_eq!(pixel(|case| (case.pixel.state, case.links) = (Status::Inactive, PixelLinks::default())), [""; 0]);
}

#[test]
fn silence_is_found_once_many_loads_are_missing() {
    let quiet = |hours: i64, a_day: u64| {
        pixel(move |PixelCase { health, .. }| {
            (health.last_load, health.loads_by_day) = (Some(NOW.plus(-hours * Millis::HOUR)), [a_day; 14]);
        })
    };
    assert_eq!(
        quiet(3, 480),
        ["silent: No events for 3 hours (usually about 60). Check that the tag is still on the page. [Check the tag]"]
    );
    assert_eq!(quiet(1, 48_000), [""; 0], "an hour may be a deployment");
    assert_eq!(quiet(3, 100), [""; 0], "12 in 3 hours may be the night");
    assert_eq!(quiet(24, 10).len(), 1);
    assert_eq!(quiet(48, 2), [""; 0]);
    // The usual number of a young pixel counts only its own days.
    let young = pixel(|PixelCase { health, .. }| {
        health.days_before = 2;
        let loads_by_day = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 240, 240, 5];
        (health.last_load, health.loads_by_day) = (Some(NOW.plus(-4 * Millis::HOUR)), loads_by_day);
    });
    assert_eq!(young.len(), 1);
}

#[test]
fn a_new_pixel_has_ten_minutes_to_load() {
    let never = |minutes: i64| {
        pixel(move |case| {
            (case.pixel.created_on, case.health) = (NOW.plus(-minutes * 60_000), PixelHealth::default());
        })
    };
    assert_eq!(never(10), [""; 0]);
    assert_eq!(
        never(11),
        [
            "never_loaded: No events yet, 11 minutes after it was created. Add the tag to your page and open the page once. \
          [Copy tag]"
        ]
    );
    assert!(never(90 * 24 * 60 + 23 * 60)[0].contains(" 90 days after it was created."));
}

#[test]
fn a_pixel_needs_a_line_item_and_plain_values() {
    assert_eq!(
        pixel(|case| case.links.line_items.clear()),
        ["no_line_item: Not attached to an active line item: 240 events in the last 12 hours could not be credited. \
          [Create line item]"]
    );
    assert_eq!(pixel(|case| case.links.line_items[0].2 = Status::Inactive).len(), 1);
    assert_eq!(pixel(|case| case.health.warned = 335), [""; 0]);
    assert!(pixel(|case| case.health.warned = 336)[0].starts_with("many_warnings: 5% of events in the last 14 days"));
}

#[test]
fn a_week_without_credit_is_found_where_ads_report() {
    let none = |events: u64, lacks_ads: bool| {
        pixel(move |case| {
            (case.health.conversions_7d, case.health.week.unattributed) = (0, events);
            case.lacks_ads = lacks_ads;
        })
    };
    assert_eq!(
        none(5, false),
        ["none_credited: 5 events in 7 days, none credited. Open one to see why. [View events]"]
    );
    assert_eq!(none(2, false), [""; 0], "too few to tell");
    assert_eq!(none(5, true), [""; 0], "the line item says why");
}

#[test]
fn events_without_a_cookie_are_found_where_the_browser_withholds_it() {
    let share = |without: u64, of: u64, found: Option<CookieFacts>| {
        pixel(move |case| {
            (case.health.week.without_cookie, case.health.week.browsers, case.health.week.private) = (without, of, 0);
            case.cookie = found;
        })
    };
    let other = || cookie("https://shop.example/", "https://px.other.example");
    assert_eq!(
        share(57, 69, other()),
        [
            "no_cookie: 83% of events in 7 days came without a cookie. Browsers block cookies from another site: the page is \
          on shop.example, the tag on px.other.example. [See how to fix it]"
        ]
    );
    assert!(
        share(10, 10, cookie("http://shop.example/", "http://px.other.example"))[0]
            .contains("Browsers send no cookie to another site by http:")
    );
    for (without, of, found, why) in [
        (57, 69, None, "the cause was not looked up"),
        (30, 69, other(), "many come with one"),
        (9, 9, other(), "too few to tell"),
        (69, 69, cookie("https://shop.example/", "https://px.shop.example"), "first visits"),
        (69, 69, cookie("", "https://px.shop.example"), "the page is not known"),
    ] {
        assert_eq!(share(without, of, found), [""; 0], "{why}");
    }
}

#[test]
fn visitors_who_are_not_to_be_known_are_found_once_they_are_many() {
    let private = |part: u64| pixel(move |case| case.health.week.private = part);
    assert_eq!(private(1_679), [""; 0]);
    assert_eq!(
        private(1_680),
        [
            "private_visitors: 50% of events in 7 days came from visitors who opted out or gave no consent. Check the consent \
          values of the tag. [View events]"
        ]
    );
}

#[test]
fn a_line_item_without_ads_says_what_it_costs() {
    let line_item = |minutes: i64, uncredited: u64| {
        let line_item = AdlessLineItem {
            id: LineItemId(3),
            name: "Autumn".to_owned(),
            advertiser_id: AdvertiserId(1),
            created_on: NOW.plus(-minutes * 60_000),
            pixels: Vec::new(),
        };
        lines(&findings(&Facts::LineItem(LineItemFacts { line_item: &line_item, uncredited, now: NOW })))
    };
    assert_eq!(
        line_item(1, 5),
        ["none_credited_no_ad: 5 events in 7 days, none credited: no ad reports to this line item yet. [Create an ad]"]
    );
    assert_eq!(line_item(60, 0), [""; 0], "it was just created");
    assert_eq!(
        line_item(180, 0),
        ["no_ad: No ad reports to this line item yet, 3 hours after it was created. [Create an ad]"]
    );
}

#[test]
fn a_site_tag_that_no_page_loads_is_named() {
    let tag = UnloadedSiteTag {
        advertiser_id: AdvertiserId(1),
        name: "Harbour Tea".to_owned(),
        waits_since: NOW.plus(-3 * Millis::HOUR),
    };
    assert_eq!(
        lines(&findings(&Facts::SiteTag(SiteTagFacts { tag: &tag, now: NOW }))),
        [
            "site_tag_never_loaded: No page has loaded its site tag, 3 hours after its first source. Without it no arrival is \
          seen. [Show the tag]"
        ]
    );
}

#[test]
fn a_tracker_has_a_day_to_report() {
    let tracker = |hours: i64, kind: TrackerKind| {
        let created_on = NOW.plus(-hours * Millis::HOUR);
        let (id, advertiser_id, name) = (TrackerId(9), AdvertiserId(1), "Banner".to_owned());
        let tracker = UnseenTracker { id, kind, name, advertiser_id, created_on };
        lines(&findings(&Facts::Tracker(TrackerFacts { tracker: &tracker, now: NOW })))
    };
    assert_eq!(tracker(24, TrackerKind::Click), [""; 0]);
    assert_eq!(
        tracker(72, TrackerKind::Impression),
        ["never_reported: No ad view yet, 3 days after it was created. Is its tag next to the ad? [Copy its tag]"]
    );
    assert!(tracker(72, TrackerKind::Click)[0].contains("No click yet"));
}

#[test]
fn the_address_of_tags_is_found_wanting() {
    let server = |address: &str, reach: Reach, is_set: bool| {
        lines(&findings(&Facts::Server(ServerFacts { address: address.to_owned(), reach, is_set })))
    };
    for (address, reach, is_set, found) in [
        (
            "127.0.0.1:8080",
            Reach::ThisComputer,
            false,
            "tags_only_here: Tags load from 127.0.0.1:8080, which works on this computer only. Visitors cannot reach it. \
             [Set the public address]",
        ),
        (
            "192.168.1.5",
            Reach::OwnNetwork,
            true,
            "tags_only_here: Tags load from 192.168.1.5, which works on your own network only. Visitors cannot reach it. \
             [Set the public address]",
        ),
        (
            "px.shop.example",
            Reach::HttpPages,
            true,
            "tags_by_http: Tags load from px.shop.example. Pages with https block them, so nothing is recorded there. [Set an \
             https address]",
        ),
        (
            "px.shop.example",
            Reach::AllPages,
            false,
            "no_public_address: The public address is not set. Tags load from the address in your browser, px.shop.example. \
             [Set the public address]",
        ),
    ] {
        assert_eq!(server(address, reach, is_set), [found]);
    }
    assert_eq!(server("px.shop.example", Reach::AllPages, true), [""; 0]);
}

#[test]
fn a_currency_that_no_event_has_is_found() {
    let code = |text: &str| Currency::parse(text).unwrap();
    let advertiser = |sent: &[(&str, u64)]| {
        let sent = sent.iter().map(|(text, events)| (code(text), *events)).collect();
        lines(&findings(&Facts::Advertiser(AdvertiserFacts { id: AdvertiserId(1), currency: Currency::USD, sent })))
    };
    assert_eq!(
        advertiser(&[("EUR", 300), ("GBP", 12)]),
        [
            "other_currency: None of 312 order values in 7 days is in USD, the currency of this advertiser. Most are in EUR. \
          [Change the currency]"
        ]
    );
    assert_eq!(advertiser(&[("EUR", 300), ("USD", 1)]), [""; 0]);
    assert_eq!(advertiser(&[("EUR", 9)]), [""; 0], "too few to tell");
    assert_eq!(advertiser(&[]), [""; 0]);
}

#[test]
fn every_rule_has_a_name_of_its_own_and_short_sentences() {
    let mut names: Vec<_> = RULES.iter().map(|rule| rule.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), RULES.len());
    let documented = include_str!("../../../docs/rules/admin.md");
    for name in names {
        assert!(documented.contains(&format!("| `{name}` |")), "{name}");
    }
}
