//! Ridgeline Cycles, the bicycle shop: most of the traffic, one page that writes its values wrongly, an old checkout
//! that was forgotten, and a line item that has ended.

use super::super::brand::{Brand, Goal, LINK, Line, LinkAd, PLAIN, Place, Story, google_ads, meta_ads, newsletter};
use super::super::rhythm::Habits;
use super::{GOOGLE_ADS, META_ADS, NEWSLETTER};
use crate::domain::TriggerType;

pub(super) const BRAND: Brand = Brand {
    name: "Ridgeline Cycles",
    code: "ridgeline",
    site: "www.ridgeline-cycles.example",
    currency: "EUR",
    zone: "Europe/Berlin",
    share: 600,
    habits: Habits {
        hours: [6, 3, 2, 1, 1, 2, 8, 18, 26, 30, 34, 38, 42, 40, 36, 36, 40, 48, 58, 70, 76, 66, 40, 18],
        weekdays: [88, 84, 86, 90, 96, 124, 138],
        growth: 8,
        outlier: (23, 31),
    },
    goals: &[
        Goal {
            code: "purchase",
            name: "Purchase",
            page: "/checkout/thank-you",
            event: 7,
            repeat: Some(0),
            once: true,
            per_click: 170,
            per_view: 125,
            unprompted: 7,
            delay: 95,
            orders: Some("RC-"),
            prices: &[3_490, 4_990, 6_450, 8_900, 12_900, 18_990, 34_900, 89_900, 129_900, 219_000],
            returned: 35,
            removes: Some("cart_no_purchase"),
            ..PLAIN
        },
        Goal {
            code: "add-to-cart",
            name: "Add to cart",
            page: "/cart",
            trigger: TriggerType::Click,
            event: 4,
            repeat: Some(60),
            click_mins: Some(7 * 1_440),
            per_click: 340,
            per_view: 120,
            unprompted: 15,
            delay: 12,
            again: 240,
            adds: Some("cart_no_purchase"),
            ..PLAIN
        },
        Goal {
            code: "newsletter",
            name: "Newsletter sign-up",
            page: "/newsletter/welcome",
            worth: Some((250, 80)),
            per_click: 50,
            per_view: 30,
            unprompted: 2,
            again: 60,
            ..PLAIN
        },
        Goal {
            code: "workshop",
            name: "Workshop booking",
            page: "/workshop/booked",
            event: 7,
            repeat: Some(1_440),
            click_mins: Some(30 * 1_440),
            per_click: 60,
            per_view: 40,
            unprompted: 3,
            delay: 400,
            orders: Some("WS-"),
            prices: &[4_990, 7_900, 11_900, 14_990],
            story: Story::CommaSince(8),
            ..PLAIN
        },
        Goal {
            code: "store-finder",
            name: "Store finder opened",
            page: "/stores",
            trigger: TriggerType::View,
            event: 2,
            repeat: Some(1_440),
            view_mins: Some(7 * 1_440),
            per_click: 50,
            per_view: 60,
            unprompted: 3,
            again: 80,
            ..PLAIN
        },
        Goal {
            code: "test-ride",
            name: "Test ride booked",
            page: "/test-ride/confirmed",
            per_click: 120,
            per_view: 90,
            unprompted: 1,
            delay: 200,
            worth: Some((1_500, 500)),
            ..PLAIN
        },
        Goal {
            code: "old-checkout",
            name: "Purchase (old checkout)",
            page: "/shop/order-complete.php",
            event: 7,
            repeat: Some(0),
            per_click: 22,
            per_view: 10,
            unprompted: 1,
            delay: 95,
            orders: Some("A"),
            prices: &[3_490, 4_990, 8_900, 34_900],
            story: Story::InactiveSince(45),
            ..PLAIN
        },
    ],
    lines: &[
        Line {
            code: "road",
            name: "Road bikes",
            campaigns: &["Road bikes, new riders", "Road bikes, upgrades"],
            pixels: &[
                ("purchase", Some((1_800, 400))),
                ("add-to-cart", None),
                ("newsletter", None),
                ("workshop", Some((600, 200))),
                ("store-finder", Some((50, 50))),
                ("old-checkout", Some((1_800, 400))),
            ],
            pays: ("cpa", 1_800),
            ended: 0,
            segment: None,
        },
        Line {
            code: "e-bike",
            name: "E-bike launch",
            campaigns: &["Launch film", "Launch banners"],
            pixels: &[
                ("purchase", Some((4_500, 900))),
                ("add-to-cart", None),
                ("newsletter", None),
                ("store-finder", Some((80, 80))),
            ],
            pays: ("cpm", 610),
            ended: 0,
            segment: Some("e_bike_interest"),
        },
        Line {
            code: "retargeting",
            name: "Always-on retargeting",
            campaigns: &["Cart reminders"],
            pixels: &[("purchase", Some((900, 150))), ("workshop", None), ("old-checkout", Some((900, 150)))],
            pays: ("cpc", 35),
            ended: 0,
            segment: None,
        },
        Line {
            code: "test-days",
            name: "Test-ride days",
            campaigns: &["Saturday test rides"],
            pixels: &[("test-ride", Some((1_500, 500)))],
            pays: ("cpm", 420),
            ended: 30,
            segment: None,
        },
    ],
    places: &[
        Place { line: 0, publisher: 0, weight: 52, clicks: 85, cost: 4_200 },
        Place { line: 0, publisher: 1, weight: 44, clicks: 170, cost: 6_100 },
        Place { line: 0, publisher: 3, weight: 30, clicks: 260, cost: 3_300 },
        Place { line: 0, publisher: 2, weight: 1, clicks: 10_000, cost: 350_000 },
        Place { line: 1, publisher: 1, weight: 26, clicks: 210, cost: 7_400 },
        Place { line: 1, publisher: 3, weight: 18, clicks: 240, cost: 3_600 },
        Place { line: 2, publisher: 0, weight: 14, clicks: 120, cost: 2_900 },
        Place { line: 2, publisher: 4, weight: 8, clicks: 780, cost: 2_100 },
        Place { line: 3, publisher: 0, weight: 12, clicks: 110, cost: 4_200 },
    ],
    links: &[
        LinkAd {
            source: Some(google_ads(0, GOOGLE_ADS, 52_000, 120)),
            parameters: &[("utm_source", "google"), ("utm_medium", "cpc"), ("gad_source", "1")],
            campaigns: &["autumn", "brand-search"],
            click_id: Some("gclid"),
            share: 46,
            ..LINK
        },
        LinkAd {
            source: Some(meta_ads(1, META_ADS, 34_000, 85)),
            parameters: &[("utm_source", "facebook"), ("utm_medium", "paid_social")],
            campaigns: &["e-bike-film", "e-bike-lookalike"],
            click_id: Some("fbclid"),
            share: 27,
            ..LINK
        },
        LinkAd {
            source: Some(newsletter(2, NEWSLETTER)),
            parameters: &[("utm_source", "ridgeline"), ("utm_medium", "email")],
            campaigns: &["tuesday-letter"],
            share: 18,
            ..LINK
        },
        LinkAd {
            parameters: &[("utm_source", "tiktok"), ("utm_medium", "paid"), ("utm_campaign", "unboxing")],
            click_id: Some("ttclid"),
            share: 6,
            ..LINK
        },
        LinkAd { parameters: &[("utm_source", "chatgpt.com")], share: 3, ..LINK },
        LinkAd { click_id: Some("msclkid"), is_broken: true, share: 1, ..LINK },
    ],
    segments: &[
        ("cart_no_purchase", "Cart, no purchase", "Put something in the cart and left, for retargeting."),
        ("e_bike_interest", "E-bike interest", "Looked at two or more e-bikes."),
    ],
};
