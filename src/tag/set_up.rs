//! The snippets that a newcomer needs: the site tag and the pixel, with the usual options of a shop system.

use super::data::{Snippet, Snippets};
use super::options::{TagOptions, TagRefusal, fits_image};
use super::targets::{Step, Target};
use super::{Carrier, Naming, TagHost, pixel};
use crate::domain::Pixel;

/// What a person pastes, with the steps that say where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetUpSnippets {
    /// The site tag, for every page. None if the pixel's snippet brings it, or the place has no pages.
    pub site: Option<Snippet>,
    /// The pixel.
    pub pixel: Snippet,
    /// How to install them.
    pub steps: Vec<Step>,
    /// The words of the button that downloads a plugin, module or container instead; none if there is no such file.
    pub file_label: Option<&'static str>,
    /// The options, for [`super::download`] and links to the page of exports.
    pub options: TagOptions,
}

/// The usual options of a pixel's tag at a place.
pub fn usual_options(pixel: &Pixel, target: Target, host: TagHost, secure: bool) -> TagOptions {
    let fits = |carrier: &&Carrier| **carrier != Carrier::Image || fits_image(pixel).is_ok();
    TagOptions {
        carrier: target.carriers().iter().find(fits).copied().unwrap_or(Carrier::Script),
        target,
        secure,
        host,
        parameters: target.usual().to_vec(),
        test: false,
        noscript: false,
        net: false,
        consent: target.consent().is_some_and(|consent| consent.usual),
        site: target.has_site_tag(),
        naming: Naming::Ids,
        segments: Vec::new(),
    }
}

/// The site tag and the pixel for a shop system, with the usual options.
///
/// # Errors
/// [`TagRefusal`] if the place cannot carry the pixel.
pub fn set_up_snippets(
    pixel: &Pixel,
    target: Target,
    host: TagHost,
    secure: bool,
) -> Result<SetUpSnippets, TagRefusal> {
    let options = usual_options(pixel, target, host, secure);
    let Snippets { every_page, sale, .. } = pixel::snippets(pixel, false, &options)?;
    let empty = Snippet { title: "", text: String::new() };
    Ok(SetUpSnippets {
        site: every_page.into_iter().next(),
        pixel: sale.into_iter().next().unwrap_or(empty),
        steps: target.steps(options.site).copied().collect(),
        file_label: target.file_label(),
        options,
    })
}
