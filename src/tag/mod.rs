//! Builds the tags of pixels, trackers and segments: HTML for an image or script, a bare URL, or a snippet for a shop
//! system. A tag holds only numbers, fixed words, a checked host and percent-encoded codes. So no text of a user can
//! become HTML or code. Pure.

mod address;
mod host;
mod options;
mod other;
mod parameter;
mod pixel;
mod snippet;

use askama::Template;

pub use host::{Reach, TagHost};
pub use options::{Carrier, Naming, SegmentPart, TagOptions, TagRefusal, Target, fits_image};
pub use other::{segment_tag, tracker_tag};
pub use parameter::Parameter;
pub use pixel::export;

use crate::domain::{Pixel, TagForm};

/// The options of the tags of trackers and segments, which pixels take too where nothing else is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackerTagOptions {
    /// Image or script. Click trackers ignore it: they have a bare URL.
    pub kind: TagForm,
    /// `https` if true, else `http`.
    pub secure: bool,
    /// The host in the URL.
    pub host: TagHost,
    /// The parameters that the page fills in, in any order. A tag drops those that it does not know.
    pub parameters: Vec<Parameter>,
    /// Whether the tag carries `test=1`: the live page shows its fires, and no count includes them.
    pub test: bool,
}

/// A finished tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The URL alone.
    pub url: String,
    /// The text to copy: HTML or a snippet that loads the URL. For click trackers and server-side pixels, the URL.
    pub html: String,
}

/// The tag that puts a conversion pixel on a page and names it by its id.
///
/// # Errors
/// [`TagRefusal`] if this kind of tag cannot carry the pixel's piggybacks.
pub fn pixel_tag(pixel: &Pixel, options: &TrackerTagOptions) -> Result<Tag, TagRefusal> {
    export(pixel, false, &TagOptions::from(options.clone()))
}

// `&` is not escaped, as in the published tags. That is valid in an attribute, and `&currency=` keeps its meaning: HTML
// reads no reference without a semicolon before a letter. The published tags have no `alt`; an empty one makes screen
// readers skip the image.
#[derive(Template)]
#[template(ext = "txt", source = r#"<img src="{{ url }}" width="1" height="1" alt="" />"#)]
struct Image<'a> {
    url: &'a str,
}

#[derive(Template)]
#[template(ext = "txt", source = r#"<script src="{{ url }}" async></script>"#)]
struct Script<'a> {
    url: &'a str,
}

fn html(form: TagForm, url: &str) -> String {
    match form {
        TagForm::Image => Image { url }.to_string(),
        TagForm::Script => Script { url }.to_string(),
    }
}

#[cfg(test)]
mod tests;
