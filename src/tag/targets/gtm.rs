//! Google Tag Manager: tags of custom HTML to paste, or a container file to import.

use askama::Template;
use serde_json::{Value, json};
use zip::result::ZipResult;

use super::{ConsentOption, FileOption, Row, SHOP, site_step, step};
use crate::tag::Download;
use crate::tag::data::{Data, Snippet, Snippets};

pub(super) const ROW: Row = Row {
    word: "gtm",
    label: "Google Tag Manager",
    about: "Container file to import",
    minutes: 4,
    has_net: false,
    consent: Some(ConsentOption {
        label: "Consent Mode",
        help: "The container file's tags wait for ad_storage.",
        usual: true,
    }),
    steps: &[
        step("Download the container file.", "It holds the tags, the trigger and every variable."),
        step(
            "Admin → Import Container.",
            "Choose your workspace and “Merge”. Conflicts are unlikely, since all names begin with “pixeld”.",
        ),
        step(
            "Test it in Preview, then publish.",
            "The pixel waits for the event that your shop pushes for Google Analytics.",
        ),
        site_step(
            "Or paste both snippets by hand.",
            "As Custom HTML: the first on All Pages, the second on your purchase event. Each name in {{braces}} is a data layer variable.",
        ),
    ],
    notes: &[
        "A page that is loaded again pushes the sale again. pixeld counts each order ID once.",
        "By hand, set consent under Consent Settings → Require additional consent → ad_storage.",
    ],
    snippets,
    file: Some(FileOption { label: "Download container", make: container }),
    ..SHOP
};

fn snippets(data: &Data<'_>) -> Snippets {
    Snippets {
        every_page: vec![Snippet::new("All Pages: Custom HTML", data.site_tag(""))],
        sale: vec![Snippet::new("Purchase event: Custom HTML", Html { data, prefix: "" })],
        examples: Vec::new(),
    }
}

/// `prefix` begins the names of the variables.
#[derive(Template)]
#[template(path = "tags/gtm/html.txt")]
struct Html<'a> {
    data: &'a Data<'a>,
    prefix: &'a str,
}

const PREFIX: &str = "pixeld - ";
/// Tag Manager's own trigger of all pages.
const ALL_PAGES: &str = "2147479553";
const TRIGGER: &str = "10";

/// The variables by the names in the data layer, with the parameters that need them.
const VARIABLES: &[(&str, &[&str])] = &[
    ("ecommerce.transaction_id", &["order_id", "event_id"]),
    ("ecommerce.value", &["value"]),
    ("ecommerce.currency", &["currency"]),
    ("ecommerce.coupon", &["other"]),
    ("ecommerce.items", &["content_ids", "num_items"]),
];

fn container(data: &Data<'_>) -> ZipResult<Download> {
    let html = Html { data, prefix: PREFIX }.to_string();
    let used = VARIABLES.iter().filter(|(_, needed)| needed.iter().any(|name| data.fills(name)));
    let variables: Vec<Value> = used.enumerate().map(|(number, (name, _))| variable(number + 20, name)).collect();
    let mut tags = vec![tag(1, &format!("pixeld - pixel {}", data.id()), &html, TRIGGER, data.consent)];
    if data.site {
        tags.push(tag(2, "pixeld - site tag", &data.site_tag(""), ALL_PAGES, data.consent));
    }
    let container = json!({
        "exportFormatVersion": 2,
        "exportTime": "2026-01-01 00:00:00",
        "containerVersion": {
            "path": "accounts/0/containers/0/versions/0",
            "accountId": "0",
            "containerId": "0",
            "containerVersionId": "0",
            "container": {
                "path": "accounts/0/containers/0",
                "accountId": "0",
                "containerId": "0",
                "name": "pixeld",
                "publicId": "GTM-PIXELD",
                "usageContext": ["WEB"],
                "fingerprint": "0",
            },
            "tag": tags,
            "trigger": [trigger(event(data))],
            "variable": variables,
            "builtInVariable": [built_in("PAGE_URL", "Page URL"), built_in("EVENT", "Event")],
            "fingerprint": "0",
        },
    });
    let text = serde_json::to_string_pretty(&container).map_err(std::io::Error::from)?;
    let name = format!("pixeld-gtm-{}.json", data.id());
    Ok(Download { name, content_type: "application/json", bytes: text.into_bytes() })
}

/// The event of Google Analytics that means the same.
fn event(data: &Data<'_>) -> &'static str {
    match data.pixel.pixel_conversion_event.map(|event| event.name()) {
        Some("ItemView") => "view_item",
        Some("AddToCart") => "add_to_cart",
        Some("InitiateCheckout") => "begin_checkout",
        Some("AddPaymentInfo") => "add_payment_info",
        Some("Lead") => "generate_lead",
        Some("LandingPage") => "page_view",
        _ => "purchase",
    }
}

fn tag(id: u8, name: &str, html: &str, trigger: &str, consent: bool) -> Value {
    let consent = match consent {
        true => {
            let types = json!([{"type": "TEMPLATE", "value": "ad_storage"}]);
            json!({"consentStatus": "NEEDED", "consentType": {"type": "LIST", "list": types}})
        }
        false => json!({"consentStatus": "NOT_SET"}),
    };
    json!({
        "accountId": "0",
        "containerId": "0",
        "tagId": id.to_string(),
        "name": name,
        "type": "html",
        "parameter": [
            {"type": "TEMPLATE", "key": "html", "value": html},
            {"type": "BOOLEAN", "key": "supportDocumentWrite", "value": "false"},
        ],
        "fingerprint": "0",
        "firingTriggerId": [trigger],
        "tagFiringOption": "ONCE_PER_EVENT",
        "monitoringMetadata": {"type": "MAP"},
        "consentSettings": consent,
    })
}

fn trigger(event: &str) -> Value {
    let filter = json!([
        {"type": "TEMPLATE", "key": "arg0", "value": "{{_event}}"},
        {"type": "TEMPLATE", "key": "arg1", "value": event},
    ]);
    json!({
        "accountId": "0",
        "containerId": "0",
        "triggerId": TRIGGER,
        "name": format!("pixeld - {event}"),
        "type": "CUSTOM_EVENT",
        "customEventFilter": [{"type": "EQUALS", "parameter": filter}],
        "fingerprint": "0",
    })
}

fn variable(id: usize, name: &str) -> Value {
    json!({
        "accountId": "0",
        "containerId": "0",
        "variableId": id.to_string(),
        "name": format!("{PREFIX}{name}"),
        "type": "v",
        "parameter": [
            {"type": "INTEGER", "key": "dataLayerVersion", "value": "2"},
            {"type": "BOOLEAN", "key": "setDefaultValue", "value": "false"},
            {"type": "TEMPLATE", "key": "name", "value": name},
        ],
        "fingerprint": "0",
        "formatValue": {},
    })
}

fn built_in(kind: &str, name: &str) -> Value {
    json!({"accountId": "0", "containerId": "0", "type": kind, "name": name})
}
