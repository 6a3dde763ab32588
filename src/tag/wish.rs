//! How a pixel's tag is wanted, and whether it can be had: the one place that says which choices go together. Pages offer
//! what is legal by it and show its reasons; they decide nothing themselves.

use super::{Parameter, TagHost, TagOptions};
use crate::domain::{MemberId, PiggybackKind, Pixel, PixelId, Segment, SegmentAction, SegmentId, TagForm};

/// What carries a fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// An image in the page.
    Image,
    /// A script in the page.
    Script,
    /// The advertiser's server, which asks for `/sspx` with the token of the exposure.
    Server,
}

impl Carrier {
    /// All of them.
    pub const ALL: [Carrier; 3] = [Carrier::Image, Carrier::Script, Carrier::Server];

    /// Its word in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Carrier::Image => TagForm::Image.as_str(),
            Carrier::Script => TagForm::Script.as_str(),
            Carrier::Server => "server",
        }
    }

    /// Reads [`Carrier::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|carrier| carrier.as_str() == text)
    }
}

impl From<TagForm> for Carrier {
    fn from(form: TagForm) -> Self {
        match form {
            TagForm::Image => Carrier::Image,
            TagForm::Script => Carrier::Script,
        }
    }
}

/// Where the tag is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// On a page, whose template fills in what stands in square brackets.
    Page,
    /// Into Google Tag Manager, as a tag of custom HTML.
    TagManager,
    /// Into Shopify, as a custom pixel.
    Shopify,
    /// Into WooCommerce, as a hook.
    WooCommerce,
    /// Into Magento 2, as a small module.
    Magento,
}

impl Target {
    /// All of them.
    pub const ALL: [Target; 5] =
        [Target::Page, Target::TagManager, Target::Shopify, Target::WooCommerce, Target::Magento];

    /// Its word in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Target::Page => "page",
            Target::TagManager => "gtm",
            Target::Shopify => "shopify",
            Target::WooCommerce => "woocommerce",
            Target::Magento => "magento",
        }
    }

    /// Its name.
    pub fn label(self) -> &'static str {
        match self {
            Target::Page => "Any page",
            Target::TagManager => "Google Tag Manager",
            Target::Shopify => "Shopify",
            Target::WooCommerce => "WooCommerce",
            Target::Magento => "Magento 2",
        }
    }

    /// Reads [`Target::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.as_str() == text)
    }
}

/// What tags call pixels and segments by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// Their numbers.
    Ids,
    /// Their codes, with the member whose they are.
    Codes(MemberId),
}

/// What a fire does with one segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentPart {
    /// The segment.
    pub id: SegmentId,
    /// Its code, where tags go by codes.
    pub code: Option<String>,
    /// In or out.
    pub action: SegmentAction,
}

impl SegmentPart {
    /// The visitor is put into this segment or taken out of it.
    pub fn new(segment: &Segment, action: SegmentAction) -> Self {
        SegmentPart { id: segment.id, code: segment.code.clone(), action }
    }
}

/// How a pixel's tag is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// What carries the fire.
    pub carrier: Carrier,
    /// Where the tag is put.
    pub target: Target,
    /// `https` if true, else `http`.
    pub secure: bool,
    /// The host it names.
    pub host: TagHost,
    /// What the page fills in; the order does not matter, and those that do not belong are left out.
    pub parameters: Vec<Parameter>,
    /// Whether its fires are marked `test=1`: shown in the debugger, kept out of every count.
    pub test: bool,
    /// Whether a script tag is followed by an image for browsers that run no scripts. Of no account for others.
    pub noscript: bool,
    /// Numbers or codes.
    pub naming: Naming,
    /// Segments that a visitor is put into or taken out of, in order.
    pub segments: Vec<SegmentPart>,
}

impl From<TagOptions> for Wish {
    fn from(TagOptions { kind, secure, host, parameters, test }: TagOptions) -> Self {
        Wish {
            carrier: kind.into(),
            target: Target::Page,
            secure,
            host,
            parameters,
            test,
            noscript: false,
            naming: Naming::Ids,
            segments: Vec::new(),
        }
    }
}

/// Why a tag cannot be exported as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TagRefusal {
    /// An image cannot run scripts.
    #[error(
        "pixel {0} has a script piggyback, which an image tag cannot fire; export it as a script tag, or take the script piggybacks off"
    )]
    ScriptPiggyback(PixelId),
    /// An image goes on to one other image at most.
    #[error(
        "pixel {0} has {1} piggybacks, and an image tag can fire one at most; export it as a script tag, or leave one piggyback"
    )]
    ManyPiggybacks(PixelId, usize),
    /// A pixel without a code cannot be called by it.
    #[error("pixel {0} has no code; give it one, or name pixels by their ids")]
    NoCode(PixelId),
    /// `/sspx` refuses segments.
    #[error(
        "a server-side pixel cannot put visitors into segments: the advertiser's server asks for it, and no visitor's browser is there; use an image or script tag for segments"
    )]
    ServerSegments,
    /// `/sspx` refuses `redir`.
    #[error(
        "a server-side pixel cannot redirect: it answers the advertiser's server, which goes on to nothing; use an image or script tag for a redirect URL"
    )]
    ServerRedir,
    /// A snippet fires in the visitor's browser.
    #[error(
        "a ready snippet fires in the visitor's browser, a server-side pixel does not; choose an image or script tag, or “Any page”"
    )]
    ServerSnippet,
    /// A shop system knows no such thing.
    #[error("a ready snippet has no redirect URL to fill in; give the pixel a piggyback instead")]
    SnippetRedir,
    /// Shop systems ask for consent themselves.
    #[error(
        "a ready snippet passes no consent string on: tag managers and shops run it only where the visitor agreed; set that up there"
    )]
    SnippetConsent,
}

impl Wish {
    /// Whether this pixel's tag can be had so.
    ///
    /// # Errors
    /// Why it cannot, in words.
    pub fn check(&self, pixel: &Pixel) -> Result<(), TagRefusal> {
        if self.carrier == Carrier::Image {
            fits_image(pixel)?;
        }
        if matches!(self.naming, Naming::Codes(_)) && pixel.code.is_none() {
            return Err(TagRefusal::NoCode(pixel.id));
        }
        let wants = |parameter| self.parameters.contains(&parameter);
        let snippet = self.target != Target::Page;
        match self.carrier {
            Carrier::Server if snippet => Err(TagRefusal::ServerSnippet),
            Carrier::Server if !self.segments.is_empty() => Err(TagRefusal::ServerSegments),
            Carrier::Server if wants(Parameter::Redir) => Err(TagRefusal::ServerRedir),
            _ if snippet && wants(Parameter::Redir) => Err(TagRefusal::SnippetRedir),
            _ if snippet && (wants(Parameter::Consent) || wants(Parameter::Gpp)) => Err(TagRefusal::SnippetConsent),
            _ => Ok(()),
        }
    }
}

/// Whether an image tag can carry the pixel's piggybacks.
///
/// # Errors
/// Why it cannot.
pub fn fits_image(pixel: &Pixel) -> Result<(), TagRefusal> {
    if pixel.piggyback_pixels.iter().any(|piggyback| piggyback.kind == PiggybackKind::Script) {
        return Err(TagRefusal::ScriptPiggyback(pixel.id));
    }
    match pixel.piggyback_pixels.len() {
        0 | 1 => Ok(()),
        many => Err(TagRefusal::ManyPiggybacks(pixel.id, many)),
    }
}
