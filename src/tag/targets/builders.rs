//! Wix, Squarespace and Webflow: the tag of any page, with words for where to paste it.

use super::{FEW, Row, SHOP, page, site_step, step};

pub(super) const ROW: Row = Row {
    word: "builder",
    label: "Wix, Squarespace, Webflow",
    about: "Custom code",
    fills: page::FILLS,
    usual: FEW,
    has_net: false,
    consent: Some(page::CONSENT),
    steps: &[
        site_step(
            "First snippet: custom code for all pages, in the head.",
            "Wix: Settings → Custom Code. Squarespace: Settings → Advanced → Code Injection → Header. Webflow: Site settings → Custom code → Head code.",
        ),
        step(
            "Second snippet: the page after a sale or a form.",
            "Wix: Custom Code for that page. Squarespace: Code Injection → Order confirmation page. Webflow: page settings → Before </body> tag.",
        ),
        step(
            "Fill in the values.",
            "Use your builder's variables in place of [PLACEHOLDER]. For a form, untick order ID and value below.",
        ),
    ],
    notes: &["Custom code needs a paid plan of the builder and a domain of your own."],
    snippets: page::snippets,
    ..SHOP
};
