//! The texts of the export page: the label and help of each choice, why a choice is not offered, and the steps for a
//! finished tag.

use crate::admin::text::format::plural;
use crate::tag::{Carrier, Naming, Parameter, TagOptions, TagRefusal, Target};

/// The label of a choice with its help.
pub struct Caption {
    pub label: &'static str,
    pub help: &'static str,
}

pub fn carrier(carrier: Carrier) -> Caption {
    let (label, help) = match carrier {
        Carrier::Image => {
            ("Image", "Works everywhere, even where scripts are blocked. Loads at most one extra image pixel.")
        }
        Carrier::Script => ("Script", "Loads in the background and runs all extra pixels."),
        Carrier::Server => ("Your server", "Your server reports the sale with the click ID. Works without cookies."),
    };
    Caption { label, help }
}

pub fn target(target: Target) -> Caption {
    let help = match target {
        Target::Page => "HTML tag or script",
        Target::TagManager => "Custom HTML tag",
        Target::Shopify => "Customer events",
        Target::WooCommerce => "PHP snippet",
        Target::Magento => "Module",
    };
    Caption { label: target.label(), help }
}

/// The help differs for snippets, which fill the parameter in themselves.
pub fn parameter(parameter: Parameter, target: Target) -> Caption {
    Caption { label: label(parameter), help: help(parameter, target) }
}

fn label(parameter: Parameter) -> &'static str {
    match parameter {
        Parameter::OrderId => "Order ID",
        Parameter::Value => "Order value",
        Parameter::Currency => "Currency",
        Parameter::Other => "Other",
        Parameter::EventId => "Event ID",
        Parameter::ContentIds => "Product IDs",
        Parameter::NumItems => "Number of products",
        Parameter::Consent => "Consent (TCF)",
        Parameter::Gpp => "Consent (GPP)",
        Parameter::Redir => "Redirect URL",
        Parameter::Cachebuster => "Cachebuster",
        Parameter::Ancost => "Media cost",
    }
}

fn help(parameter: Parameter, target: Target) -> &'static str {
    let page = target == Target::Page;
    match parameter {
        Parameter::OrderId => "Up to 255 characters. A page that is loaded again counts once.",
        Parameter::Value if page => "Number with a decimal point, such as 129.00.",
        Parameter::Value => "Order total.",
        Parameter::Currency => "Three letters, such as EUR. Without it, the advertiser's currency.",
        Parameter::Other if page => "Up to 20 characters of your own.",
        Parameter::Other => "The coupon code.",
        Parameter::EventId if page => "Prevents double counting when tag and server report the same event.",
        Parameter::EventId => "The order ID. If your server sends the same ID, the sale counts once.",
        Parameter::ContentIds => "Separated by commas, or a JSON array.",
        Parameter::NumItems => "How many were bought.",
        Parameter::Consent => "From your consent tool: gdpr and gdpr_consent.",
        Parameter::Gpp => "From your consent tool: gpp.",
        Parameter::Redir => "Where to send the visitor next. Only to hosts that the advertiser allows.",
        Parameter::Cachebuster | Parameter::Ancost => "",
    }
}

/// Why a pixel of this name cannot have such a tag.
pub fn refusal(refusal: TagRefusal, name: &str) -> String {
    match refusal {
        TagRefusal::ScriptPiggyback(_) => format!(
            "“{name}” has an extra script pixel, which an image tag cannot load. Use a script tag, or remove that extra pixel."
        ),
        TagRefusal::ManyPiggybacks(_, many) => format!(
            "“{name}” has {}, and an image tag loads one at most. Use a script tag, or leave one extra pixel.",
            plural(u64::try_from(many).unwrap_or(u64::MAX), "extra pixel")
        ),
        TagRefusal::NoCode(_) => format!("“{name}” has no code. Give it one, or use IDs."),
        TagRefusal::ServerSegments => {
            "Your server cannot change segments, because no visitor's browser is there. Use an image or script tag."
                .to_owned()
        }
        TagRefusal::ServerRedir => {
            "Your server cannot be redirected. Use an image or script tag for a redirect URL.".to_owned()
        }
        TagRefusal::ServerSnippet => {
            "These run in the visitor's browser, not on your server. Choose an image or script tag, or “Any page”."
                .to_owned()
        }
        TagRefusal::SnippetRedir => {
            "Shop systems have no redirect URL to fill in. Give the pixel an extra pixel instead.".to_owned()
        }
        TagRefusal::SnippetConsent => {
            "Shops and tag managers run the tag only where the visitor agreed. Set consent up there.".to_owned()
        }
    }
}

/// What the tags are like, in one line: "Sends order ID and order value · image · https".
pub fn summary(options: &TagOptions) -> String {
    let lower = |parameter: &Parameter| match parameter {
        Parameter::Consent | Parameter::Gpp => "consent".to_owned(),
        other => label(*other).char_indices().map(|(at, c)| if at == 0 { c.to_ascii_lowercase() } else { c }).collect(),
    };
    let mut names: Vec<String> = options.parameters.iter().map(lower).collect();
    names.dedup();
    let sends = match names.is_empty() {
        true => "Sends no values".to_owned(),
        false => format!("Sends {}", crate::admin::text::format::and(&names)),
    };
    let mut parts = vec![sends, carrier(options.carrier).label.to_lowercase()];
    parts.push(if options.secure { "https" } else { "http" }.to_owned());
    if !options.segments.is_empty() {
        let count = u64::try_from(options.segments.len()).unwrap_or(u64::MAX);
        parts.push(plural(count, "segment"));
    }
    if matches!(options.naming, Naming::Codes(_)) {
        parts.push("codes".to_owned());
    }
    if options.test {
        parts.push("test".to_owned());
    }
    parts.join(" · ")
}

/// What a section with these steps is called.
pub fn install(carrier: Carrier, target: Target) -> String {
    match (carrier, target) {
        (Carrier::Server, _) => "Install it on your server".to_owned(),
        (_, Target::Page) => "Install it on your page".to_owned(),
        _ => format!("Install it in {}", target.label()),
    }
}

/// A step: what to do, and more about it.
pub type Step = (&'static str, &'static str);

/// The steps that put a finished tag to work.
pub fn steps(carrier: Carrier, target: Target) -> &'static [Step] {
    match (carrier, target) {
        (Carrier::Server, _) => ON_SERVER,
        (_, Target::Page) => ON_PAGE,
        (_, Target::TagManager) => IN_TAG_MANAGER,
        (_, Target::Shopify) => IN_SHOPIFY,
        (_, Target::WooCommerce) => IN_WOOCOMMERCE,
        (_, Target::Magento) => IN_MAGENTO,
    }
}

const ON_SERVER: &[Step] = &[
    (
        "Add the click ID to your ads' landing page.",
        "For example https://shop.example/?token=${CLICK_ID}. Keep the click ID with the order.",
    ),
    (
        "After a sale, request this URL.",
        "Replace [SSP_DATA] with the click ID and fill in the other values, URL-encoded.",
    ),
    ("Check the answer.", "OK, or 400 with a line that says what is wrong."),
];

const ON_PAGE: &[Step] = &[
    ("Paste the tag just before </body>.", "On the page people see after converting, such as the thank-you page."),
    ("Replace each [PLACEHOLDER].", "Your shop writes the real value there, URL-encoded."),
];

const IN_TAG_MANAGER: &[Step] = &[
    (
        "Variables → New → Data Layer Variable.",
        "Create one for each name in {{double braces}}. Use the same name for the variable and the data layer key.",
    ),
    ("Tags → New → Custom HTML.", "Paste the snippet."),
    ("Trigger: the custom event of your purchase.", "Usually “purchase”. Test the tag in Preview, then publish."),
];

const IN_SHOPIFY: &[Step] = &[
    ("Settings → Customer events → Add custom pixel.", "Name it pixeld and paste the code."),
    ("Customer privacy: usually Marketing.", "Then Save and Connect. Shopify asks your visitors for consent."),
    (
        "Add the click ID to your ads' landing page.",
        "For example https://your-shop.example/?sspdata=${CLICK_ID}. This credits clicks even where the cookie is blocked.",
    ),
];

const IN_WOOCOMMERCE: &[Step] = &[
    ("Open functions.php of your child theme.", "Or a plugin for snippets. Paste the code there."),
    (
        "Check the thank-you page.",
        "Works on the classic and the block page. The block page needs the block “Additional Information”.",
    ),
];

const IN_MAGENTO: &[Step] = &[
    ("Run it in Magento's directory.", "As the user who owns Magento's files."),
    ("In production mode, compile.", "Run bin/magento setup:di:compile afterwards."),
    ("Content Security Policy.", "The module also allows this server there. You need not do anything."),
];
