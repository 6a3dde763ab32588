//! The options of a pixel's tag, and the rules that say which of them go together. Pages offer what these rules allow
//! and show their reasons.

use super::{Parameter, TagHost, TrackerTagOptions};
use crate::domain::{MemberId, PiggybackKind, Pixel, PixelId, Segment, SegmentAction, SegmentId, TagForm};

/// The means that sends a fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// An image in the page.
    Image,
    /// A script in the page.
    Script,
    /// The advertiser's server, which requests `/sspx` with the token of the exposure.
    Server,
}

impl Carrier {
    /// In the order of the page.
    pub const ALL: [Carrier; 3] = [Carrier::Image, Carrier::Script, Carrier::Server];

    /// The word in forms and addresses.
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

/// The place for a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A page, whose template replaces the placeholders in square brackets.
    Page,
    /// Google Tag Manager, as a tag of custom HTML.
    TagManager,
    /// Shopify, as a custom pixel.
    Shopify,
    /// WooCommerce, as a hook.
    WooCommerce,
    /// Magento 2, as a small module.
    Magento,
}

impl Target {
    /// In the order of the page.
    pub const ALL: [Target; 5] =
        [Target::Page, Target::TagManager, Target::Shopify, Target::WooCommerce, Target::Magento];

    /// The word in forms and addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Target::Page => "page",
            Target::TagManager => "gtm",
            Target::Shopify => "shopify",
            Target::WooCommerce => "woocommerce",
            Target::Magento => "magento",
        }
    }

    /// The name on pages.
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

/// How tags name pixels and segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// By id.
    Ids,
    /// By code, with the member that owns the codes.
    Codes(MemberId),
}

/// A change that a fire makes to one segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentPart {
    /// The segment.
    pub id: SegmentId,
    /// The segment's code, for tags that name codes.
    pub code: Option<String>,
    /// Adds the visitor or removes it.
    pub action: SegmentAction,
}

impl SegmentPart {
    /// Adds the visitor to this segment or removes it.
    pub fn new(segment: &Segment, action: SegmentAction) -> Self {
        SegmentPart { id: segment.id, code: segment.code.clone(), action }
    }
}

/// The options of a pixel's tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagOptions {
    /// The means that sends the fire.
    pub carrier: Carrier,
    /// The place for the tag.
    pub target: Target,
    /// `https` if true, else `http`.
    pub secure: bool,
    /// The host in the URL.
    pub host: TagHost,
    /// The parameters that the page fills in, in any order. A tag drops those that it does not know.
    pub parameters: Vec<Parameter>,
    /// Whether the tag carries `test=1`: the live page shows its fires, and no count includes them.
    pub test: bool,
    /// Whether an image follows a script tag, for browsers without scripts. Other tags ignore it.
    pub noscript: bool,
    /// Ids or codes.
    pub naming: Naming,
    /// Segments that the fire adds the visitor to or removes it from, in order.
    pub segments: Vec<SegmentPart>,
}

impl From<TrackerTagOptions> for TagOptions {
    fn from(TrackerTagOptions { kind, secure, host, parameters, test }: TrackerTagOptions) -> Self {
        TagOptions {
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

/// Why a tag cannot have these options. The texts are for users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TagRefusal {
    /// An image cannot run scripts.
    #[error(
        "pixel {0} has a script piggyback, which an image tag cannot fire; export it as a script tag, or take the script piggybacks off"
    )]
    ScriptPiggyback(PixelId),
    /// An image leads to one other image at most.
    #[error(
        "pixel {0} has {1} piggybacks, and an image tag can fire one at most; export it as a script tag, or leave one piggyback"
    )]
    ManyPiggybacks(PixelId, usize),
    /// Nothing can name a pixel by a code that it does not have.
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
    /// A shop system has no redirect URL.
    #[error("a ready snippet has no redirect URL to fill in; give the pixel a piggyback instead")]
    SnippetRedir,
    /// Shop systems handle consent themselves.
    #[error(
        "a ready snippet passes no consent string on: tag managers and shops run it only where the visitor agreed; set that up there"
    )]
    SnippetConsent,
}

impl TagOptions {
    /// Checks the options for this pixel.
    ///
    /// # Errors
    /// The first rule that they break.
    pub fn check(&self, pixel: &Pixel) -> Result<(), TagRefusal> {
        if self.carrier == Carrier::Image {
            fits_image(pixel)?;
        }
        if matches!(self.naming, Naming::Codes(_)) && pixel.code.is_none() {
            return Err(TagRefusal::NoCode(pixel.id));
        }
        let has = |parameter| self.parameters.contains(&parameter);
        let snippet = self.target != Target::Page;
        match self.carrier {
            Carrier::Server if snippet => Err(TagRefusal::ServerSnippet),
            Carrier::Server if !self.segments.is_empty() => Err(TagRefusal::ServerSegments),
            Carrier::Server if has(Parameter::Redir) => Err(TagRefusal::ServerRedir),
            _ if snippet && has(Parameter::Redir) => Err(TagRefusal::SnippetRedir),
            _ if snippet && (has(Parameter::Consent) || has(Parameter::Gpp)) => Err(TagRefusal::SnippetConsent),
            _ => Ok(()),
        }
    }
}

/// Checks that an image tag can carry the pixel's piggybacks.
///
/// # Errors
/// The rule that they break.
pub fn fits_image(pixel: &Pixel) -> Result<(), TagRefusal> {
    if pixel.piggyback_pixels.iter().any(|piggyback| piggyback.kind == PiggybackKind::Script) {
        return Err(TagRefusal::ScriptPiggyback(pixel.id));
    }
    match pixel.piggyback_pixels.len() {
        0 | 1 => Ok(()),
        many => Err(TagRefusal::ManyPiggybacks(pixel.id, many)),
    }
}
