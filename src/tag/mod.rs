//! Builds what is exported from a pixel, tracker or segment: the HTML of an image or script tag, its bare URL, or a ready
//! snippet for a shop system (seed `000`; `spec/collection.md`). Pure. Only numbers, fixed words, a checked host and
//! percent-encoded codes enter a tag, so that no name or setting somebody typed can ever become HTML or code.

mod address;
mod host;
mod other;
mod parameter;
mod pixel;
mod snippet;
mod wish;

use askama::Template;

pub use host::TagHost;
pub use other::{segment_tag, tracker_tag};
pub use parameter::Parameter;
pub use pixel::export;
pub use wish::{Carrier, Naming, SegmentPart, TagRefusal, Target, Wish, fits_image};

use crate::domain::{Pixel, TagForm};

/// How a tag is wanted, where there is little to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagOptions {
    /// Image or script. Of no account for click trackers, which have a bare URL only.
    pub kind: TagForm,
    /// `https` if true, else `http`.
    pub secure: bool,
    /// The host it names.
    pub host: TagHost,
    /// What the page fills in; the order does not matter, and those that do not belong are left out.
    pub parameters: Vec<Parameter>,
    /// Whether its fires are marked `test=1`: shown in the debugger, kept out of every count.
    pub test: bool,
}

/// A tag that is ready to be put where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its URL.
    pub url: String,
    /// What is copied: the HTML that loads the URL, or a snippet that does; where nothing loads it (click trackers,
    /// server-side pixels) the URL again.
    pub html: String,
}

/// The tag of a conversion pixel for a page, named by its id.
///
/// # Errors
/// [`TagRefusal`], in words, if this kind of tag cannot carry the pixel's piggybacks.
pub fn pixel_tag(pixel: &Pixel, options: &TagOptions) -> Result<Tag, TagRefusal> {
    export(pixel, false, &Wish::from(options.clone()))
}

// As published, `&` stands bare. In an attribute that is valid HTML, and `&currency=` stays what it is: a reference
// without its semicolon is not read as one before a letter. The published tags have no `alt`; with an empty one a screen
// reader passes the image by.
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
