//! A postback URL, which an affiliate network or a server requests with the click ID: `/sspx`.

use super::{BY_SERVER, Row, SHOP, step};
use crate::tag::Parameter;
use crate::tag::carrier::Carrier;
use crate::tag::data::{Data, Snippet, Snippets};

pub(super) const ROW: Row = Row {
    word: "postback",
    label: "Postback URL",
    about: "Affiliate networks",
    carriers: &[Carrier::Server],
    fills: BY_SERVER,
    usual: &[Parameter::OrderId, Parameter::Value, Parameter::Currency],
    has_net: false,
    has_segments: false,
    has_site_tag: false,
    steps: &[
        step(
            "Add the click ID to your ads' link.",
            "Where the network keeps it, for example https://network.example/?sub1=${CLICK_ID}.",
        ),
        step(
            "Enter the postback URL at the network.",
            "As a server postback for sales. Names in {braces} are the network's own. Change those that it spells differently.",
        ),
        step("Check the answer.", "OK, or 400 with a line that says what is wrong."),
    ],
    notes: &["Without a click ID a postback is refused, since no ad could get the credit."],
    snippets,
    ..SHOP
};

/// The way each network writes the click ID, order ID, value and currency.
const NETWORKS: &[(&str, [&str; 4])] = &[
    ("Most networks", ["{click_id}", "{order_id}", "{amount}", "{currency}"]),
    ("TUNE (HasOffers)", ["{aff_sub}", "{transaction_id}", "{sale_amount}", "{currency}"]),
    ("Everflow", ["{sub1}", "{order_id}", "{sale_amount}", "{currency}"]),
    ("Voluum", ["{externalid}", "{txid}", "{payout}", "{currency}"]),
    ("Your own server", ["[SSP_DATA]", "[ORDER_ID]", "[REVENUE]", "[CURRENCY]"]),
];

fn snippets(data: &Data<'_>) -> Snippets {
    let snippet = |(title, names): &(&'static str, [&str; 4])| {
        let [click, order, amount, currency] = *names;
        let url = [("[ORDER_ID]", order), ("[REVENUE]", amount), ("[CURRENCY]", currency), ("[SSP_DATA]", click)]
            .iter()
            .fold(data.html.clone(), |url, (placeholder, name)| url.replace(placeholder, name));
        Snippet::new(title, url)
    };
    Snippets { sale: NETWORKS.iter().map(snippet).collect(), ..Snippets::default() }
}
