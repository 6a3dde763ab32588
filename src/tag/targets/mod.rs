//! The places for a tag, one file each: what a place is called, what it can fill in, its snippets and its file, and how
//! people install them. A place more is one file and one row of `ALL`.

mod builders;
mod call;
mod forms;
mod gtm;
mod magento;
mod page;
mod postback;
mod prestashop;
mod server;
mod shopify;
mod shopware;
#[cfg(test)]
mod tests;
mod woocommerce;

use zip::result::ZipResult;

use super::Parameter;
use super::archive::Download;
use super::carrier::Carrier;
use super::data::{Data, Snippets};

/// A step: what to do, and more about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub lead: &'static str,
    pub rest: &'static str,
    /// Whether it is about the site tag, and goes without it.
    pub of_site_tag: bool,
}

const fn step(lead: &'static str, rest: &'static str) -> Step {
    Step { lead, rest, of_site_tag: false }
}

const fn site_step(lead: &'static str, rest: &'static str) -> Step {
    Step { lead, rest, of_site_tag: true }
}

/// A way to ask for consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsentOption {
    pub label: &'static str,
    pub help: &'static str,
    /// Whether it is on unless the user turns it off.
    pub usual: bool,
}

/// A file that a target offers.
pub(super) struct FileOption {
    /// The words of the button: "Download plugin".
    pub label: &'static str,
    pub make: fn(&Data<'_>) -> ZipResult<Download>,
}

/// One place for a tag.
pub(super) struct Row {
    /// The word in forms and addresses.
    pub word: &'static str,
    pub label: &'static str,
    /// What the place takes, in a few words.
    pub about: &'static str,
    /// How long people need.
    pub minutes: u8,
    /// The carriers to choose from; the first is the usual one.
    pub carriers: &'static [Carrier],
    /// The parameters that it can fill in, in the order of tags.
    pub fills: &'static [Parameter],
    /// Those that are on unless the user turns them off.
    pub usual: &'static [Parameter],
    /// Whether it can leave out tax and shipping.
    pub has_net: bool,
    /// Whether the fire may change segments.
    pub has_segments: bool,
    /// Whether it can name a pixel by its code.
    pub has_codes: bool,
    pub consent: Option<ConsentOption>,
    /// Whether the site tag belongs beside it.
    pub has_site_tag: bool,
    pub steps: &'static [Step],
    /// What people should know before they rely on it.
    pub notes: &'static [&'static str],
    pub snippets: fn(&Data<'_>) -> Snippets,
    pub file: Option<FileOption>,
}

/// What a shop system knows of an order.
const OF_ORDER: &[Parameter] = &[
    Parameter::OrderId,
    Parameter::Value,
    Parameter::Currency,
    Parameter::Other,
    Parameter::EventId,
    Parameter::ContentIds,
    Parameter::NumItems,
];
/// What a shop system fills in unless the user says otherwise.
const USUAL: &[Parameter] = &[Parameter::OrderId, Parameter::Value, Parameter::Currency, Parameter::EventId];
/// What a server can send: everything about an order, and the visitor's consent.
const BY_SERVER: &[Parameter] = &[
    Parameter::OrderId,
    Parameter::Value,
    Parameter::Currency,
    Parameter::Other,
    Parameter::EventId,
    Parameter::ContentIds,
    Parameter::NumItems,
    Parameter::Consent,
    Parameter::Gpp,
];
/// Without a shop system a programmer fills in each value.
const FEW: &[Parameter] = &[Parameter::OrderId, Parameter::Value];
const IN_PAGE: &[Carrier] = &[Carrier::Image, Carrier::Script];

/// The row that most others differ from in a few fields: a shop system.
const SHOP: Row = Row {
    word: "",
    label: "",
    about: "",
    minutes: 5,
    carriers: IN_PAGE,
    fills: OF_ORDER,
    usual: USUAL,
    has_net: true,
    has_segments: true,
    has_codes: true,
    consent: None,
    has_site_tag: true,
    steps: &[],
    notes: &[],
    snippets: |_| Snippets { every_page: Vec::new(), sale: Vec::new(), examples: Vec::new() },
    file: None,
};

/// The place for a tag.
#[derive(Clone, Copy)]
pub struct Target(&'static Row);

impl PartialEq for Target {
    fn eq(&self, other: &Self) -> bool {
        self.0.word == other.0.word
    }
}

impl Eq for Target {}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.word)
    }
}

impl Target {
    /// A page, whose template replaces the placeholders in square brackets.
    pub const PAGE: Target = Target(&page::ROW);
    /// A server or an affiliate network that requests an address with the click ID.
    pub const POSTBACK: Target = Target(&postback::ROW);
    /// Shopify.
    pub const SHOPIFY: Target = Target(&shopify::ROW);
    /// Magento 2.
    pub const MAGENTO: Target = Target(&magento::ROW);

    /// In the order of the page.
    pub const ALL: [Target; 12] = [
        Target::PAGE,
        Target(&gtm::ROW),
        Target::SHOPIFY,
        Target(&woocommerce::ROW),
        Target::MAGENTO,
        Target(&shopware::ROW),
        Target(&prestashop::ROW),
        Target(&forms::ROW),
        Target(&builders::ROW),
        Target(&call::ROW),
        Target(&server::ROW),
        Target::POSTBACK,
    ];

    /// The word in forms and addresses.
    pub fn as_str(self) -> &'static str {
        self.0.word
    }

    /// Reads [`Target::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.as_str() == text)
    }

    /// The name on pages.
    pub fn label(self) -> &'static str {
        self.0.label
    }

    /// What the place takes, in a few words.
    pub fn about(self) -> &'static str {
        self.0.about
    }

    /// How many minutes people need.
    pub fn minutes(self) -> u8 {
        self.0.minutes
    }

    /// The carriers to choose from; the first is the usual one.
    pub fn carriers(self) -> &'static [Carrier] {
        self.0.carriers
    }

    /// The parameters that the place can fill in, in the order of tags.
    pub fn fills(self) -> &'static [Parameter] {
        self.0.fills
    }

    /// The parameters that are on unless the user turns them off.
    pub fn usual(self) -> &'static [Parameter] {
        self.0.usual
    }

    /// Whether the place can leave out tax and shipping.
    pub fn has_net(self) -> bool {
        self.0.has_net
    }

    /// Whether an event from there may change segments.
    pub fn has_segments(self) -> bool {
        self.0.has_segments
    }

    /// Whether the place can name a pixel by its code.
    pub fn has_codes(self) -> bool {
        self.0.has_codes
    }

    /// How it asks for consent; none if it cannot.
    pub fn consent(self) -> Option<ConsentOption> {
        self.0.consent
    }

    /// Whether the site tag belongs beside the pixel.
    pub fn has_site_tag(self) -> bool {
        self.0.has_site_tag
    }

    /// Whether a browser sends the event.
    pub fn is_in_browser(self) -> bool {
        !self.0.carriers.contains(&Carrier::Server)
    }

    /// How to install it.
    pub fn steps(self, with_site_tag: bool) -> impl Iterator<Item = &'static Step> {
        self.0.steps.iter().filter(move |step| with_site_tag || !step.of_site_tag)
    }

    /// What people should know before they rely on it.
    pub fn notes(self) -> &'static [&'static str] {
        self.0.notes
    }

    /// The words of the button that downloads its file; none if it has no file.
    pub fn file_label(self) -> Option<&'static str> {
        self.0.file.as_ref().map(|file| file.label)
    }

    pub(super) fn snippets(self, data: &Data<'_>) -> Snippets {
        (self.0.snippets)(data)
    }

    pub(super) fn file(self, data: &Data<'_>) -> Option<ZipResult<Download>> {
        self.0.file.as_ref().map(|file| (file.make)(data))
    }
}
