//! Test mode: a pixel's tag with `test=1`, filled in as a shop would fill it in, to be opened as a link, put on a page,
//! or loaded on the live page itself. Its fires are shown and kept out of every count.

use super::error::PageError;
use super::export_wish::{self, Place, Read, shares_code};
use super::form::Form;
use super::list;
use crate::domain::{Millis, Pixel, Reader};
use crate::store::Store;
use crate::tag::{Carrier, Parameter, Tag, Target, Wish, export};
use crate::web::headers;

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
    /// Whether the pixel has piggybacks, which a test does not fire.
    pub piggybacks: bool,
    /// Whether it is a script.
    script: bool,
    /// Where it is loaded from, such as `https://px.shop.example`.
    origin: String,
}

impl TestTag {
    /// Makes it, of the very choices that the export page hands on.
    ///
    /// # Errors
    /// Database faults; a tag that cannot be made of the pixel.
    pub async fn of(
        store: &Store,
        by: &Reader,
        pixel: &Pixel,
        asked: &Form,
        place: Place,
        now: Millis,
    ) -> Result<Self, PageError> {
        let secure = place.https;
        let origin = format!("{}://{}", if secure { "https" } else { "http" }, place.host);
        let Read { wish, .. } = export_wish::read(store, by, asked, place, std::slice::from_ref(pixel)).await?;
        let script = asked.text("tag") == "script" || pixel.needs_script_tag();
        let carrier = if script { Carrier::Script } else { Carrier::Image };
        let wish = Wish { carrier, target: Target::Page, secure, test: true, noscript: false, ..wish };
        let Tag { url, html } = export(pixel, shares_code(store, pixel), &wish)
            .map_err(|refusal| PageError::BadRequest(refusal.to_string()))?;
        Ok(TestTag {
            name: pixel.name.clone(),
            url: filled(&url, now),
            html: filled(&html, now),
            load: asked.has("load"),
            load_address: list::address("/admin/live", asked, &[("load", "on")]),
            piggybacks: !pixel.piggyback_pixels.is_empty(),
            script,
            origin,
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
    let value = |name: &str| match name {
        "order_id" | "event_id" => number.clone(),
        "value" => "49.90".to_owned(),
        "currency" => "EUR".to_owned(),
        "other" => "test".to_owned(),
        "content_ids" => "101,102".to_owned(),
        "num_items" => "2".to_owned(),
        "gdpr" => "0".to_owned(),
        _ => String::new(),
    };
    let pairs = Parameter::OF_PIXELS.iter().flat_map(|parameter| parameter.pairs());
    pairs.fold(tag.to_owned(), |tag, (name, placeholder)| tag.replace(placeholder, &value(name)))
}
