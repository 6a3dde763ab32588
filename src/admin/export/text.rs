//! The texts of the export page: the label and help of each choice, why a choice is not offered, and what is said of an
//! address that visitors cannot reach.

use crate::admin::text::format::{and, plural};
use crate::tag::{Carrier, Naming, Parameter, Reach, TagOptions, TagRefusal, Target};

/// The label of a choice with its help.
pub struct Caption {
    pub label: &'static str,
    pub help: &'static str,
}

/// What is wrong with the address of tags.
pub struct AddressNotice {
    pub title: &'static str,
    pub text: &'static str,
}

/// What is wrong with an address that so many pages reach; none if it is fine.
pub fn address_notice(reach: Reach) -> Option<AddressNotice> {
    let (title, text) = match reach {
        Reach::AllPages => return None,
        Reach::ThisComputer => ("This address works on this computer only", "Set the public address first."),
        Reach::OwnNetwork => ("This address works in your own network only", "Set the public address first."),
        Reach::HttpPages => (
            "This address has no https",
            "Browsers block the tag on https pages. Set a public address with https first.",
        ),
    };
    Some(AddressNotice { title, text })
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

/// The help differs for places that fill the parameter in themselves.
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
    // Only a shop system knows its orders.
    let is_shop = target.usual().contains(&Parameter::EventId) && target.is_in_browser();
    match parameter {
        Parameter::OrderId => "Up to 255 characters. A page that is loaded again counts once.",
        Parameter::Value if is_shop => "Order total.",
        Parameter::Value => "Number with a decimal point, such as 129.00.",
        Parameter::Currency => "Three letters, such as EUR. Without it, the advertiser's currency.",
        Parameter::Other if target.usual().contains(&Parameter::Other) => "The name of the form.",
        Parameter::Other if is_shop => "The coupon code.",
        Parameter::Other => "Up to 20 characters of your own.",
        Parameter::EventId if is_shop => "The order ID. If your server sends the same ID, the sale counts once.",
        Parameter::EventId => "Prevents double counting when tag and server report the same event.",
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
            "A server cannot change segments, because no visitor's browser is there. Use an image or script tag."
                .to_owned()
        }
        TagRefusal::ServerRedir => {
            "A server cannot be redirected. Use an image or script tag for a redirect URL.".to_owned()
        }
        TagRefusal::Carrier(target, _) => format!("“{}” does not use this kind of tag.", target.label()),
        TagRefusal::Parameter(target, Parameter::Redir) => {
            format!("“{}” has no redirect URL to fill in. Give the pixel an extra pixel instead.", target.label())
        }
        TagRefusal::Parameter(target, parameter) => {
            format!("“{}” has nothing to fill in for “{}”.", target.label(), label(parameter))
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
        false => format!("Sends {}", and(&names)),
    };
    let mut parts = vec![sends];
    if options.target.carriers().len() > 1 {
        parts.push(carrier(options.carrier).label.to_lowercase());
    }
    if let Some(consent) = options.target.consent().filter(|_| options.consent) {
        parts.push(format!("consent: {}", consent.label));
    }
    if options.net {
        parts.push("without tax and shipping".to_owned());
    }
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

/// What a section with the steps of a target is called.
pub fn install(target: Target) -> String {
    match target.as_str() {
        "page" => "Install it on your page".to_owned(),
        "server" => "Install it on your server".to_owned(),
        "postback" => "Enter it at the network".to_owned(),
        "call" => "Call it from your page".to_owned(),
        _ => format!("Install it in {}", target.label()),
    }
}
