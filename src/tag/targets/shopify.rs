//! Shopify: a custom pixel for the sale, and the site tag in the theme.

use askama::Template;

use super::{ConsentOption, Row, SHOP, site_step, step};
use crate::tag::data::{Data, Snippet, Snippets};

pub(super) const ROW: Row = Row {
    word: "shopify",
    label: "Shopify",
    about: "Customer events",
    minutes: 3,
    consent: Some(ConsentOption {
        label: "Customer privacy",
        help: "The site tag waits until Shopify says that the visitor allows marketing.",
        usual: true,
    }),
    steps: &[
        site_step("Online Store → Themes → Edit code.", "Paste the first snippet into theme.liquid, before </head>."),
        step(
            "Settings → Customer events → Add custom pixel.",
            "Name it pixeld and paste the snippet for the checkout.",
        ),
        step("Customer privacy: Marketing.", "Then Save and Connect. Shopify asks your visitors for consent."),
    ],
    notes: &[
        "The site tag belongs in the theme. A custom pixel runs in a frame, where the tag sees no address of a landing page.",
        "Order IDs: Shopify reports its long ID here, not the order name #1001. The ID ends the address of the order's page in Shopify's admin.",
        "Shopify reports each checkout once, with upsells on the first upsell page.",
        "Scripts on the order status page ended in August 2026. Customer events replace them.",
    ],
    snippets,
    ..SHOP
};

fn snippets(data: &Data<'_>) -> Snippets {
    let site = if data.consent { Asking { data }.to_string() } else { data.site_tag("") };
    Snippets {
        every_page: vec![Snippet::new("Every page: theme.liquid", site)],
        sale: vec![Snippet::new("Checkout: custom pixel", CustomPixel { data })],
        examples: Vec::new(),
    }
}

#[derive(Template)]
#[template(path = "tags/shopify/site.txt")]
struct Asking<'a> {
    data: &'a Data<'a>,
}

#[derive(Template)]
#[template(path = "tags/shopify/pixel.txt")]
struct CustomPixel<'a> {
    data: &'a Data<'a>,
}
