//! The options of a pixel's tag, and the rules that say which of them go together. Pages offer what these rules allow
//! and show their reasons.

use super::carrier::Carrier;
use super::targets::Target;
use super::{Parameter, TagHost, TrackerTagOptions};
use crate::domain::{MemberId, PiggybackKind, Pixel, PixelId, Segment, SegmentAction, SegmentId};

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
    /// Whether the value comes without tax and shipping, where the place knows them.
    pub net: bool,
    /// Whether the snippet asks for consent, where it can.
    pub consent: bool,
    /// Whether the site tag goes with it.
    pub site: bool,
    /// Ids or codes.
    pub naming: Naming,
    /// Segments that the fire adds the visitor to or removes it from, in order.
    pub segments: Vec<SegmentPart>,
}

impl From<TrackerTagOptions> for TagOptions {
    fn from(TrackerTagOptions { kind, secure, host, parameters, test }: TrackerTagOptions) -> Self {
        TagOptions {
            carrier: kind.into(),
            target: Target::PAGE,
            secure,
            host,
            parameters,
            test,
            noscript: false,
            net: false,
            consent: false,
            site: false,
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
    /// The place has no such carrier.
    #[error("{target} cannot send an event by this means ({carrier})", target = .0.label(), carrier = .1.as_str())]
    Carrier(Target, Carrier),
    /// The place cannot fill in this parameter.
    #[error("{target} has nothing to fill in for {parameter}", target = .0.label(), parameter = .1.name())]
    Parameter(Target, Parameter),
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
        let target = self.target;
        if !target.carriers().contains(&self.carrier) {
            return Err(TagRefusal::Carrier(target, self.carrier));
        }
        if !target.has_segments() && !self.segments.is_empty() {
            return Err(TagRefusal::ServerSegments);
        }
        let is_strange =
            |parameter: &&Parameter| Parameter::OF_PIXELS.contains(parameter) && !target.fills().contains(parameter);
        match self.parameters.iter().find(is_strange) {
            Some(Parameter::Redir) if self.carrier == Carrier::Server => Err(TagRefusal::ServerRedir),
            Some(parameter) => Err(TagRefusal::Parameter(target, *parameter)),
            None => Ok(()),
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
