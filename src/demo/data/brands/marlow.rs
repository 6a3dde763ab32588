//! Marlow & Finch, the small bookshop: little traffic in pounds, and nothing amiss.

use super::super::brand::{Brand, Goal, LINK, Line, LinkAd, PLAIN, Place, newsletter};
use super::super::rhythm::Habits;
use super::NEWSLETTER;
use crate::domain::TriggerType;

pub(super) const BRAND: Brand = Brand {
    name: "Marlow & Finch Books",
    code: "marlow-finch",
    site: "www.marlowfinch.example",
    currency: "GBP",
    zone: "Europe/London",
    share: 150,
    habits: Habits {
        hours: [8, 4, 2, 1, 1, 2, 6, 14, 24, 34, 42, 46, 50, 48, 44, 42, 42, 44, 50, 60, 74, 78, 56, 24],
        weekdays: [92, 90, 92, 96, 94, 112, 134],
        growth: 5,
        outlier: (12, 22),
    },
    goals: &[
        Goal {
            code: "order",
            name: "Order",
            page: "/order/thank-you",
            event: 7,
            repeat: Some(0),
            once: true,
            click_mins: Some(7 * 1_440),
            per_click: 180,
            per_view: 110,
            unprompted: 12,
            delay: 40,
            orders: Some("MF"),
            prices: &[899, 999, 1_099, 1_299, 1_499, 1_699, 1_999, 2_500, 3_500],
            returned: 18,
            ..PLAIN
        },
        Goal {
            code: "evening",
            name: "Author evening ticket",
            page: "/events/booked",
            event: 7,
            repeat: Some(60),
            per_click: 50,
            per_view: 40,
            unprompted: 3,
            delay: 300,
            orders: Some("EV"),
            prices: &[800, 1_200, 1_600],
            ..PLAIN
        },
        Goal {
            code: "reading-list",
            name: "Reading list joined",
            page: "/reading-list/joined",
            trigger: TriggerType::Click,
            worth: Some((150, 0)),
            per_click: 90,
            per_view: 25,
            unprompted: 4,
            again: 50,
            ..PLAIN
        },
    ],
    lines: &[
        Line {
            code: "fiction",
            name: "New fiction",
            campaigns: &["Debuts", "Prize list"],
            pixels: &[("order", Some((220, 40))), ("reading-list", None)],
            pays: ("cpa", 220),
            ended: 0,
            segment: None,
        },
        Line {
            code: "gifts",
            name: "Gift season",
            campaigns: &["Gifts under £20"],
            pixels: &[("order", Some((260, 50))), ("evening", Some((300, 100)))],
            pays: ("cpc", 28),
            ended: 0,
            segment: None,
        },
    ],
    places: &[
        Place { line: 0, publisher: 6, weight: 92, clicks: 340, cost: 5_200 },
        Place { line: 0, publisher: 0, weight: 40, clicks: 90, cost: 3_900 },
        Place { line: 1, publisher: 6, weight: 44, clicks: 310, cost: 5_200 },
        Place { line: 1, publisher: 4, weight: 20, clicks: 620, cost: 1_800 },
        Place { line: 1, publisher: 2, weight: 1, clicks: 10_000, cost: 280_000 },
    ],
    links: &[
        LinkAd {
            source: Some(newsletter(0, NEWSLETTER)),
            parameters: &[("utm_source", "marlow"), ("utm_medium", "email")],
            campaigns: &["friday-shelf"],
            share: 30,
            ..LINK
        },
        LinkAd { parameters: &[("ref", "bookclub")], share: 8, ..LINK },
    ],
    segments: &[],
};
