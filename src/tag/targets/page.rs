//! Any page: the tag as HTML. The page's template replaces the placeholders in square brackets.

use askama::Template;

use super::{ConsentOption, FEW, Row, SHOP, site_step, step};
use crate::tag::Parameter;
use crate::tag::data::{Data, Snippet, Snippets};

pub(super) const FILLS: &[Parameter] = &Parameter::OF_PIXELS;

pub(super) const CONSENT: ConsentOption = ConsentOption {
    label: "Wait for the consent tool (TCF)",
    help: "The tags ask __tcfapi and pass on what it says.",
    usual: false,
};

pub(super) const ROW: Row = Row {
    word: "page",
    label: "Any page",
    about: "HTML tag or script",
    minutes: 5,
    fills: FILLS,
    usual: FEW,
    has_net: false,
    consent: Some(CONSENT),
    steps: &[
        site_step(
            "Paste the first snippet on every page, before </head>.",
            "It recognises visitors who come from ads.",
        ),
        step(
            "Paste the second one before </body>.",
            "Only on the page people see after converting, such as the thank-you page.",
        ),
        step(
            "Replace each [PLACEHOLDER].",
            "Your shop writes the real value there, URL-encoded. See the examples below.",
        ),
    ],
    snippets,
    ..SHOP
};

pub(super) fn snippets(data: &Data<'_>) -> Snippets {
    let sale = if data.consent { Waiting { data }.to_string() } else { data.html.clone() };
    Snippets {
        every_page: vec![Snippet::new("Every page", data.site_tag(if data.consent { "tcf" } else { "" }))],
        sale: vec![Snippet::new("Thank-you page", sale)],
        examples: examples(data),
    }
}

/// The same tag, filled in by a template or a script.
fn examples(data: &Data<'_>) -> Vec<Snippet> {
    let filled = |codes: &[(&str, &str)]| {
        codes.iter().fold(data.html.clone(), |html, (placeholder, code)| html.replace(placeholder, code))
    };
    vec![
        Snippet::new("PHP template", filled(PHP)),
        Snippet::new("Liquid template", filled(LIQUID)),
        Snippet::new("JavaScript: values in the page's address", FromAddress { data }),
        Snippet::new("JavaScript: data layer", FromLayer { data }),
    ]
}

const PHP: &[(&str, &str)] = &[
    ("[ORDER_ID]", "<?= rawurlencode($order['id']) ?>"),
    ("[REVENUE]", "<?= rawurlencode($order['total']) ?>"),
    ("[CURRENCY]", "<?= rawurlencode($order['currency']) ?>"),
    ("[EXTERNAL_DATA]", "<?= rawurlencode($order['coupon']) ?>"),
    ("[EVENT_ID]", "<?= rawurlencode($order['id']) ?>"),
    ("[CONTENT_IDS]", "<?= rawurlencode(implode(',', $order['products'])) ?>"),
    ("[NUM_ITEMS]", "<?= count($order['products']) ?>"),
];

const LIQUID: &[(&str, &str)] = &[
    ("[ORDER_ID]", "{{ order.name | url_encode }}"),
    ("[REVENUE]", "{{ order.total_price | divided_by: 100.0 }}"),
    ("[CURRENCY]", "{{ order.currency | url_encode }}"),
    ("[EXTERNAL_DATA]", "{{ order.discount_applications.first.title | url_encode }}"),
    ("[EVENT_ID]", "{{ order.name | url_encode }}"),
    ("[CONTENT_IDS]", "{{ order.line_items | map: 'product_id' | join: ',' | url_encode }}"),
    ("[NUM_ITEMS]", "{{ order.line_items | map: 'quantity' | sum }}"),
];

#[derive(Template)]
#[template(path = "tags/page/waiting.txt")]
struct Waiting<'a> {
    data: &'a Data<'a>,
}

#[derive(Template)]
#[template(path = "tags/page/from_address.txt")]
struct FromAddress<'a> {
    data: &'a Data<'a>,
}

#[derive(Template)]
#[template(path = "tags/page/from_layer.txt")]
struct FromLayer<'a> {
    data: &'a Data<'a>,
}
