//! A JavaScript call: for clicks, forms and shops of one page, where no thank-you page opens.

use askama::Template;

use super::{ConsentOption, Row, SHOP, site_step, step};
use crate::tag::carrier::Carrier;
use crate::tag::data::{Data, Snippet, Snippets};

pub(super) const ROW: Row = Row {
    word: "call",
    label: "JavaScript call",
    about: "Clicks, single-page apps",
    minutes: 5,
    carriers: &[Carrier::Script],
    has_net: false,
    consent: Some(ConsentOption {
        label: "Wait for the consent tool (TCF)",
        help: "Calls wait until __tcfapi has an answer, and pass it on.",
        usual: false,
    }),
    steps: &[
        step(
            "Paste the first snippet on every page, before </head>.",
            "Calls may come before the script has loaded. They wait in a queue.",
        ),
        step(
            "Call pixeld(\"event\", …) when it happens.",
            "After a form was sent, a button was clicked, or an order was placed.",
        ),
        site_step("The site tag comes with the first snippet.", "It recognises visitors who come from ads."),
    ],
    notes: &[
        "An event that cannot be sent is sent again, also when the page is closed. An event ID keeps it from counting twice.",
    ],
    snippets,
    ..SHOP
};

fn snippets(data: &Data<'_>) -> Snippets {
    let site = if data.site { data.site_tag(if data.consent { "tcf" } else { "" }) } else { String::new() };
    Snippets {
        every_page: Vec::new(),
        sale: vec![
            Snippet::new("Every page", Loader { data, asks_tcf: data.consent, site: &site }),
            Snippet::new("When the order is placed", Call { data }),
        ],
        examples: vec![
            Snippet::new("A form that is sent", OnForm { data }),
            Snippet::new("A button that is clicked", OnClick { data }),
        ],
    }
}

/// Also for the forms of WordPress.
#[derive(Template)]
#[template(path = "tags/call/loader.txt")]
pub(super) struct Loader<'a> {
    pub data: &'a Data<'a>,
    pub asks_tcf: bool,
    /// The site tag; empty for none.
    pub site: &'a str,
}

#[derive(Template)]
#[template(path = "tags/call/call.txt")]
struct Call<'a> {
    data: &'a Data<'a>,
}

#[derive(Template)]
#[template(path = "tags/call/form.txt")]
struct OnForm<'a> {
    data: &'a Data<'a>,
}

#[derive(Template)]
#[template(path = "tags/call/click.txt")]
struct OnClick<'a> {
    data: &'a Data<'a>,
}
