//! The texts of the export page: the label and help of each choice, and the steps for a finished tag.

use crate::tag::{Carrier, Parameter, Target};

/// The label of a choice with its help.
pub struct Caption {
    pub label: &'static str,
    pub help: &'static str,
}

pub fn carrier(carrier: Carrier) -> Caption {
    let (label, help) = match carrier {
        Carrier::Image => {
            ("Image", "Works everywhere, also where scripts are forbidden. Fires one image piggyback at most.")
        }
        Carrier::Script => ("Script", "Runs in the page without holding it up, and fires every piggyback."),
        Carrier::Server => {
            ("Server-side", "Your server reports the sale with the token of the click. No cookie is needed.")
        }
    };
    Caption { label, help }
}

pub fn target(target: Target) -> Caption {
    let help = match target {
        Target::Page => "HTML with placeholders such as [ORDER_ID].",
        Target::TagManager => "A tag of custom HTML, filled from the data layer.",
        Target::Shopify => "A custom pixel that fires on each completed checkout.",
        Target::WooCommerce => "PHP on the hook of the order's thank-you page.",
        Target::Magento => "A small module for the checkout's success page.",
    };
    Caption { label: target.label(), help }
}

/// The help differs for snippets, which fill the parameter in themselves.
pub fn parameter(parameter: Parameter, target: Target) -> Caption {
    Caption { label: label(parameter), help: help(parameter, target) }
}

fn label(parameter: Parameter) -> &'static str {
    match parameter {
        Parameter::OrderId => "Order id",
        Parameter::Value => "Value",
        Parameter::Currency => "Currency",
        Parameter::Other => "Other",
        Parameter::EventId => "Event id",
        Parameter::ContentIds => "Article ids",
        Parameter::NumItems => "Number of articles",
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
        Parameter::OrderId => {
            "Up to 255 characters; reports show the first 36. With “count each order once” a reload does no harm."
        }
        Parameter::Value if page => "A plain number with a point: 129.00.",
        Parameter::Value => "What the order comes to.",
        Parameter::Currency => "Three letters, such as EUR. Without it the advertiser's currency is taken.",
        Parameter::Other if page => "Up to 20 characters of your own.",
        Parameter::Other => "The coupon code.",
        Parameter::EventId if page => "The same event sent by tag and by server counts once.",
        Parameter::EventId => "The order's id again: sent by your server with the same, the sale counts once.",
        Parameter::ContentIds => "What was bought: ids with commas between them, or a JSON array.",
        Parameter::NumItems => "How many articles were bought.",
        Parameter::Consent => "gdpr= and gdpr_consent=, from your consent tool.",
        Parameter::Gpp => "gpp=, from your consent tool.",
        Parameter::Redir => "Where to go on to; followed to the hosts that the advertiser allows.",
        Parameter::Cachebuster | Parameter::Ancost => "",
    }
}

/// The steps that put a finished tag to work.
pub fn steps(carrier: Carrier, target: Target) -> &'static [&'static str] {
    match (carrier, target) {
        (Carrier::Server, _) => &[
            "Let the click tracker's landing page carry ${CLICK_ID}, for instance https://shop.example/?token=${CLICK_ID}, and keep that token with the order.",
            "When the sale is done your server asks for this address, with the token in place of [SSP_DATA] and the other values, URL-encoded, in place of their brackets.",
            "The answer is OK; or it is 400 with a line that says what is wrong.",
        ],
        (_, Target::Page) => &[
            "Put each tag just before </body> of the page where the thing has happened.",
            "Have your shop write the real values, URL-encoded, in place of what stands in square brackets.",
        ],
        (_, Target::TagManager) => &[
            "In Variables, add a Data Layer Variable for each name that stands in double braces, and give it that very name: ecommerce.value reads ecommerce.value.",
            "In Tags, add a tag of the type Custom HTML and paste the snippet.",
            "As its trigger take the Custom Event by which your shop reports an order, usually purchase. Look at it in the preview, then publish.",
        ],
        (_, Target::Shopify) => &[
            "In Settings, Customer events, choose Add custom pixel, give it a name and paste the code.",
            "Under Customer privacy say which permission it needs, usually marketing; then Save and Connect.",
            "Lead clicks to https://your-shop.example/?sspdata=${CLICK_ID}: so they are credited also in browsers that send no cookie from the frame in which Shopify runs custom pixels.",
            "Scripts on the order status page are gone: Shopify switched them off in August 2026.",
        ],
        (_, Target::WooCommerce) => &[
            "Put it into the functions.php of your child theme, or into a plugin for snippets.",
            "It fires on the classic thank-you page and on the one made of blocks, as long as that holds the block Additional Information.",
        ],
        (_, Target::Magento) => &[
            "Run it as the user who owns Magento's files. In production mode run bin/magento setup:di:compile afterwards.",
            "The module also allows this server in Magento's Content Security Policy.",
        ],
    }
}
