//! A shop's server, which posts to `/conversions` with a token.

use askama::Template;

use super::{BY_SERVER, Row, SHOP, site_step, step};
use crate::tag::carrier::Carrier;
use crate::tag::data::{Data, Snippet, Snippets};

pub(super) const ROW: Row = Row {
    word: "server",
    label: "Your server",
    about: "curl, PHP, Python, Node",
    minutes: 15,
    carriers: &[Carrier::Server],
    fills: BY_SERVER,
    has_net: false,
    has_segments: false,
    has_codes: false,
    steps: &[
        step(
            "Create a token with the role collector.",
            "Account menu → Users and tokens. Keep it on your server, as PIXELD_TOKEN.",
        ),
        step(
            "Keep the click ID with the order.",
            "Your ads' landing page gets it, for example https://shop.example/?sspdata=${CLICK_ID}. It links the sale to the click.",
        ),
        step(
            "Send the event after the order.",
            "The answer says for each event if it was accepted. Send it again on 503 or without an answer.",
        ),
        site_step("Keep the site tag on every page.", "It recognises visitors who come from ads."),
    ],
    notes: &[
        "Use the same event ID as a tag on the page. The sale then counts once.",
        "Up to 1,000 events in one request, up to 7 days old.",
    ],
    snippets,
    ..SHOP
};

fn snippets(data: &Data<'_>) -> Snippets {
    Snippets {
        every_page: vec![Snippet::new("Every page", data.site_tag(""))],
        sale: vec![
            Snippet::new("curl", Curl { data }),
            Snippet::new("PHP", Php { data }),
            Snippet::new("Python", Python { data }),
            Snippet::new("Node", Node { data }),
        ],
        examples: Vec::new(),
    }
}

#[derive(Template)]
#[template(path = "tags/server/curl.txt")]
struct Curl<'a> {
    data: &'a Data<'a>,
}

#[derive(Template)]
#[template(path = "tags/server/php.txt")]
struct Php<'a> {
    data: &'a Data<'a>,
}

#[derive(Template)]
#[template(path = "tags/server/python.txt")]
struct Python<'a> {
    data: &'a Data<'a>,
}

#[derive(Template)]
#[template(path = "tags/server/node.txt")]
struct Node<'a> {
    data: &'a Data<'a>,
}
