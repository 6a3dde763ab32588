//! The kinds of advertising that the set-up knows, and the shop systems. These tables are the only list of them.

/// Where ads run, and how pixeld hears of their clicks.
pub struct Channel {
    /// Its stable name: in forms and in the database. For those with a source, the name of the source's template, too.
    pub key: &'static str,
    /// Also the name of its line item.
    pub name: &'static str,
    pub about: &'static str,
    /// The name of the placement.
    pub publisher: &'static str,
    /// What an ad adds to the shop's address, for visits that act like one.
    pub sample: &'static str,
    /// Whether a link and a tag of pixeld's own report its ads. Else a source recognises their visitors.
    pub is_tracked: bool,
    /// Whether the page shows it at once.
    pub is_common: bool,
}

const fn common(
    key: &'static str,
    name: &'static str,
    about: &'static str,
    publisher: &'static str,
    sample: &'static str,
) -> Channel {
    Channel { key, name, about, publisher, sample, is_tracked: false, is_common: true }
}

const fn rare(
    key: &'static str,
    name: &'static str,
    about: &'static str,
    publisher: &'static str,
    sample: &'static str,
) -> Channel {
    Channel { is_common: false, ..common(key, name, about, publisher, sample) }
}

pub const CHANNELS: &[Channel] = &[
    common("google", "Google Ads", "Search, Shopping, YouTube", "Google", "gclid=TESTCLICK"),
    common("meta", "Meta Ads", "Facebook, Instagram", "Meta", "utm_source=meta&utm_medium=paid&fbclid=TESTCLICK"),
    common("microsoft", "Microsoft Ads", "Bing", "Microsoft", "msclkid=TESTCLICK"),
    common("tiktok", "TikTok Ads", "In-feed, Spark", "TikTok", "ttclid=TESTCLICK"),
    common(
        "newsletter",
        "Newsletter",
        "Links in your own mails",
        "Newsletter",
        "utm_source=newsletter&utm_medium=email",
    ),
    Channel {
        is_tracked: true,
        ..common("banners", "Banners, partners", "Ads you place yourself", "Partner sites", "")
    },
    rare("pinterest", "Pinterest Ads", "Promoted pins", "Pinterest", "epik=TESTCLICK"),
    rare("reddit", "Reddit Ads", "Promoted posts", "Reddit", "rdt_cid=TESTCLICK"),
    rare("linkedin", "LinkedIn Ads", "Sponsored posts", "LinkedIn", "li_fat_id=TESTCLICK"),
    rare("snap", "Snap Ads", "Snapchat", "Snapchat", "ScCid=TESTCLICK"),
    rare("x", "X Ads", "Promoted posts", "X", "twclid=TESTCLICK"),
    rare("partner", "Affiliates, influencers", "Links that others share", "Affiliates", "ref=pixeld-test"),
];

/// The channel of this name.
pub fn channel(key: &str) -> Option<&'static Channel> {
    CHANNELS.iter().find(|channel| channel.key == key)
}

/// The shop systems: the name of each target of *Export tags*, and the words of the choice.
pub const SHOP_SYSTEMS: &[(&str, &str)] = &[
    ("shopify", "Shopify"),
    ("woocommerce", "WooCommerce"),
    ("magento", "Magento 2"),
    ("shopware", "Shopware 6"),
    ("prestashop", "PrestaShop"),
    ("gtm", "Tag Manager"),
    ("forms", "WordPress form"),
    ("page", "My own site"),
];
