//! The tags on the demo's pages: the same ones that the admin pages export, with their placeholders filled in as a
//! shop's template does it. Knows no page.

use super::Shop;
use crate::domain::{Micros, PixelId, TagForm, TrackerId};
use crate::store::Catalog;
use crate::tag::{Parameter, Tag, TagHost, TrackerTagOptions, pixel_tag, tracker_tag};

/// An order number that a tag can hold: letters, digits and hyphens alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OrderId(String);

impl OrderId {
    /// Reads 1 to 36 letters, digits and hyphens.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (plain && !text.is_empty() && text.len() <= 36).then(|| OrderId(text.to_owned()))
    }

    /// A new one.
    pub(super) fn random() -> Self {
        // Without randomness all orders have one number, which counts once; the demo still runs.
        OrderId(format!("DEMO-{:06X}", getrandom::u32().unwrap_or(0) & 0x00ff_ffff))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Builds the tags for one page, with the host by which its browser reaches this server.
pub(super) struct Tags<'a> {
    pub catalog: &'a Catalog,
    pub shop: Shop,
    pub host: TagHost,
    pub secure: bool,
}

/// Why a page has no tag: somebody deleted its pixel or changed it in the admin pages.
pub(super) type MissingTag = String;

impl Tags<'_> {
    /// The impression tag beside the article: a script, which passes the impression's token to the page.
    pub(super) fn view(&self) -> Result<Tag, MissingTag> {
        let tag = self.tracker(self.shop.view, TagForm::Script, vec![Parameter::Cachebuster])?;
        let number = getrandom::u32().unwrap_or(0).to_string();
        Ok(fill_in(tag, &[(Parameter::Cachebuster.placeholder(), &number)]))
    }

    /// The address that the ad links to, which goes on to `landing_page` of this server.
    pub(super) fn click(&self, landing_page: &str) -> Result<Tag, MissingTag> {
        let tag = self.tracker(self.shop.click, TagForm::Image, vec![Parameter::Redir])?;
        let scheme = if self.secure { "https" } else { "http" };
        Ok(fill_in(tag, &[("[CLICK_URL]", &format!("{scheme}://{}{landing_page}", self.host))]))
    }

    /// The tag of the cart page.
    pub(super) fn cart(&self) -> Result<Tag, MissingTag> {
        self.pixel(self.shop.cart, TagForm::Image, Vec::new())
    }

    /// The tag of the thank-you page.
    pub(super) fn purchase(&self, order: &OrderId, value: Micros) -> Result<Tag, MissingTag> {
        let tag = self.pixel(self.shop.purchase, TagForm::Script, vec![Parameter::OrderId, Parameter::Value])?;
        let value = value.to_money();
        let fill = [(Parameter::OrderId.placeholder(), order.as_str()), (Parameter::Value.placeholder(), &value)];
        Ok(fill_in(tag, &fill))
    }

    fn pixel(&self, id: PixelId, kind: TagForm, parameters: Vec<Parameter>) -> Result<Tag, MissingTag> {
        let pixel = self.catalog.pixel(id).ok_or_else(|| format!("pixel {id} was deleted"))?;
        pixel_tag(&pixel, &self.options(kind, parameters)).map_err(|refusal| refusal.to_string())
    }

    fn tracker(&self, id: TrackerId, kind: TagForm, parameters: Vec<Parameter>) -> Result<Tag, MissingTag> {
        let tracker = self.catalog.tracker(id).ok_or_else(|| format!("tracker {id} was deleted"))?;
        Ok(tracker_tag(&tracker, &self.options(kind, parameters)))
    }

    fn options(&self, kind: TagForm, parameters: Vec<Parameter>) -> TrackerTagOptions {
        TrackerTagOptions { kind, secure: self.secure, host: self.host.clone(), parameters, test: false }
    }
}

/// The values are plain by their type or written here, so the tag stays as safe as it was.
fn fill_in(tag: Tag, values: &[(&str, &str)]) -> Tag {
    let fill = |text: String| values.iter().fold(text, |text, (placeholder, value)| text.replace(placeholder, value));
    Tag { url: fill(tag.url), html: fill(tag.html) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_numbers_are_plain() {
        assert!(OrderId::parse(OrderId::random().as_str()).is_some());
        for bad in ["", "a b", "<script>", "\"", "ä", "a&b", &"x".repeat(37)] {
            assert_eq!(OrderId::parse(bad), None, "{bad:?}");
        }
    }
}
