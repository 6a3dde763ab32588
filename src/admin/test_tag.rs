//! Test mode: a pixel's tag with `test=1`, filled in as a shop would fill it in, to be opened as a link, put on a page,
//! or loaded on the live page itself. Its fires are shown and kept out of every count.

use super::error::PageError;
use super::export::Place;
use super::form::Form;
use super::list;
use crate::domain::{Millis, Pixel, TagForm};
use crate::tag::{Parameter, Tag, TagOptions, pixel_tag};
use crate::web::headers;

/// What a test carries where nothing else is asked for.
const PARAMETERS: [Parameter; 2] = [Parameter::OrderId, Parameter::Value];

/// The tag of one pixel.
pub struct TestTag {
    /// The pixel's name.
    pub name: String,
    /// The address that fires it.
    pub url: String,
    /// The tag, as it is put on a page.
    pub html: String,
    /// Whether this page shall carry it.
    pub load: bool,
    /// This page with the tag on it.
    pub load_address: String,
    /// Whether the pixel has piggybacks, which the page's policy keeps from loading here.
    pub piggybacks: bool,
    /// Whether it is a script.
    script: bool,
    /// Where it is loaded from, such as `https://px.shop.example`.
    origin: String,
}

impl TestTag {
    /// Makes it.
    ///
    /// # Errors
    /// A tag that cannot be made of the pixel.
    pub fn of(pixel: &Pixel, asked: &Form, place: &Place, now: Millis) -> Result<Self, PageError> {
        let script = asked.text("tag") == "script" || pixel.needs_script_tag();
        let wanted: Vec<Parameter> = asked.all("param").filter_map(Parameter::parse).collect();
        let options = TagOptions {
            kind: if script { TagForm::Script } else { TagForm::Image },
            secure: place.https,
            host: place.host.clone(),
            parameters: if wanted.is_empty() { PARAMETERS.to_vec() } else { wanted },
            test: true,
        };
        let Tag { url, html } =
            pixel_tag(pixel, &options).map_err(|refusal| PageError::BadRequest(refusal.to_string()))?;
        Ok(TestTag {
            name: pixel.name.clone(),
            url: filled(&url, now),
            html: filled(&html, now),
            load: asked.has("load"),
            load_address: list::address("/admin/live", asked, &[("load", "on")]),
            piggybacks: !pixel.piggyback_pixels.is_empty(),
            script,
            origin: format!("{}://{}", if place.https { "https" } else { "http" }, place.host),
        })
    }

    /// The page's policy, where the page carries the tag.
    pub fn policy(&self) -> Option<String> {
        self.load.then(|| headers::policy_with(&self.origin, self.script))
    }
}

/// With what a shop might fill in. The order's number differs each time, so that it can be told from those before.
fn filled(tag: &str, now: Millis) -> String {
    let number = now.timestamp().strftime("TEST-%H%M%S").to_string();
    [
        (Parameter::OrderId, number.as_str()),
        (Parameter::EventId, number.as_str()),
        (Parameter::Value, "49.90"),
        (Parameter::Currency, "EUR"),
        (Parameter::Other, "test"),
        (Parameter::Redir, ""),
    ]
    .iter()
    .fold(tag.to_owned(), |tag, (parameter, value)| tag.replace(parameter.placeholder(), value))
}
