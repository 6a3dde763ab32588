//! Tallyboard, the software service: sign-ups in dollars, purchases that its server reports, a pixel that fell silent
//! and one that never fired.

use super::super::brand::{Brand, Goal, LINK, Line, LinkAd, PLAIN, Place, Story, google_ads};
use super::super::rhythm::Habits;
use super::GOOGLE_ADS;
use crate::domain::TriggerType;

pub(super) const BRAND: Brand = Brand {
    name: "Tallyboard",
    code: "tallyboard",
    site: "tallyboard.example",
    currency: "USD",
    zone: "America/New_York",
    share: 250,
    habits: Habits {
        hours: [6, 4, 4, 4, 5, 8, 16, 32, 60, 78, 82, 80, 66, 74, 82, 78, 68, 50, 32, 26, 24, 20, 14, 9],
        weekdays: [118, 128, 126, 120, 98, 42, 38],
        growth: 10,
        outlier: (41, 27),
    },
    goals: &[
        Goal {
            code: "trial",
            name: "Trial started",
            page: "/signup/welcome",
            click_mins: Some(14 * 1_440),
            view_mins: Some(3 * 1_440),
            worth: Some((4_500, 1_200)),
            per_click: 120,
            per_view: 80,
            unprompted: 6,
            delay: 60,
            again: 30,
            story: Story::OtherWindowUntil(20, 30 * 1_440),
            adds: Some("trial_users"),
            ..PLAIN
        },
        Goal {
            code: "paid-plan",
            name: "Paid plan",
            page: "/billing/thanks",
            trigger: TriggerType::Click,
            event: 7,
            click_mins: None,
            per_click: 90,
            per_view: 12,
            unprompted: 2,
            delay: 9_000,
            orders: Some("INV-"),
            prices: &[2_900, 2_900, 7_900, 29_000, 79_000],
            story: Story::FromTheServer,
            ..PLAIN
        },
        Goal {
            code: "pricing",
            name: "Pricing page",
            page: "/pricing",
            event: 2,
            repeat: Some(1_440),
            click_mins: Some(7 * 1_440),
            per_click: 500,
            per_view: 300,
            unprompted: 130,
            delay: 3,
            again: 120,
            story: Story::SilentFor(9),
            ..PLAIN
        },
        Goal {
            code: "webinar",
            name: "Webinar registration",
            page: "/webinars/registered",
            repeat: Some(7 * 1_440),
            worth: Some((1_200, 300)),
            per_click: 120,
            per_view: 60,
            unprompted: 2,
            delay: 25,
            ..PLAIN
        },
        Goal {
            code: "partner",
            name: "Partner referral",
            page: "/partners/thanks",
            worth: Some((9_000, 0)),
            story: Story::NeverFired,
            ..PLAIN
        },
    ],
    lines: &[
        Line {
            code: "teams",
            name: "Small teams, always on",
            campaigns: &["Spreadsheet fatigue", "Monday reports"],
            pixels: &[
                ("trial", Some((4_500, 1_200))),
                ("paid-plan", Some((12_000, 0))),
                ("pricing", None),
                ("partner", Some((9_000, 0))),
            ],
            pays: ("cpa", 4_500),
            ended: 0,
            segment: None,
        },
        Line {
            code: "webinars",
            name: "Webinar series",
            campaigns: &["Dashboards in an hour"],
            pixels: &[("webinar", Some((1_200, 300))), ("trial", Some((3_000, 800))), ("pricing", None)],
            pays: ("cpc", 140),
            ended: 0,
            segment: None,
        },
    ],
    places: &[
        Place { line: 0, publisher: 5, weight: 88, clicks: 210, cost: 12_500 },
        Place { line: 0, publisher: 3, weight: 60, clicks: 130, cost: 5_800 },
        Place { line: 0, publisher: 2, weight: 1, clicks: 10_000, cost: 1_900_000 },
        Place { line: 1, publisher: 5, weight: 48, clicks: 320, cost: 14_000 },
    ],
    links: &[
        LinkAd {
            source: Some(google_ads(0, GOOGLE_ADS, 29_000, 410)),
            parameters: &[("utm_source", "google"), ("utm_medium", "cpc")],
            campaigns: &["dashboards"],
            click_id: Some("gclid"),
            share: 40,
            ..LINK
        },
        LinkAd {
            parameters: &[("utm_source", "linkedin"), ("utm_medium", "social")],
            click_id: Some("li_fat_id"),
            share: 9,
            ..LINK
        },
    ],
    segments: &[("trial_users", "Trial users", "Started a trial in the last 30 days.")],
};
