//! The demo's publishers and advertisers: a bicycle shop, a software service and a small bookshop. Each shows something
//! that happens to real ones; [`super::brand::Story`] says what. Rates and prices are made up.

mod marlow;
mod ridgeline;
mod tallyboard;

use super::brand::{Brand, Outlet};

pub(super) const PUBLISHERS: &[Outlet] = &[
    Outlet {
        code: "harbour-gazette",
        name: "Harbour Gazette",
        site: "www.harbour-gazette.example",
        pages: &["/", "/local/new-cycle-bridge-opens", "/local/market-hall-plans", "/sport/", "/weekend/coast-by-bike"],
    },
    Outlet {
        code: "gearloft",
        name: "Gearloft Magazine",
        site: "gearloft.example",
        pages: &[
            "/tests/commuter-lights",
            "/tests/gravel-tyres-compared",
            "/routes/three-passes",
            "/",
            "/workshop/bleed",
        ],
    },
    Outlet { code: "findwell", name: "Findwell Search", site: "www.findwell.example", pages: &["/"] },
    Outlet {
        code: "trailfeed",
        name: "Trailfeed",
        site: "m.trailfeed.example",
        pages: &["/", "/feed", "/groups/weekday-riders"],
    },
    Outlet {
        code: "pricespotter",
        name: "PriceSpotter",
        site: "pricespotter.example",
        pages: &["/bikes/city", "/bikes/e-bikes", "/books/new", "/deals"],
    },
    Outlet {
        code: "morning-commit",
        name: "Morning Commit",
        site: "morningcommit.example",
        pages: &["/issues/latest", "/articles/spreadsheets-that-grew-up", "/articles/on-call-without-tears"],
    },
    Outlet {
        code: "quiet-reader",
        name: "The Quiet Reader",
        site: "quietreader.example",
        pages: &["/reviews", "/lists/ten-short-novels", "/essays/reading-aloud", "/"],
    },
    Outlet { code: "google-ads", name: "Google Ads", site: "www.google.com", pages: &["/"] },
    Outlet { code: "meta-ads", name: "Meta Ads", site: "l.facebook.com", pages: &["/"] },
    Outlet { code: "own-newsletter", name: "Newsletter", site: "mail.example", pages: &["/"] },
];

/// The publishers of ads without a tracker, by index in [`PUBLISHERS`].
pub(super) const GOOGLE_ADS: usize = 7;
pub(super) const META_ADS: usize = 8;
pub(super) const NEWSLETTER: usize = 9;

/// The advertiser whose shop the demo's pages show.
pub(super) const SHOP_BRAND: &str = "ridgeline";
/// Its pixel on the cart page.
pub(super) const SHOP_CART: &str = "add-to-cart";
/// Its pixel on the thank-you page.
pub(super) const SHOP_PURCHASE: &str = "purchase";

pub(super) const BRANDS: &[Brand] = &[ridgeline::BRAND, tallyboard::BRAND, marlow::BRAND];
