//! *Set up tracking*: what the user chose for a shop, and the pixel that each choice leads to.

use url::{Host, Url};

use crate::domain::values::words::words;
use crate::domain::{AdvertiserId, ConversionEvent, LineItemId, Millis, Pixel, PixelId, Seq, TriggerType};

words! {
    /// What a shop counts.
    Goal {
        Purchase = "purchase",
        Lead = "lead",
        SignUp = "sign_up",
        Other = "other",
    }
}

/// A day after a view, and 14 days after a click.
const VIEW_WINDOW_MINS: u32 = 24 * 60;
const CLICK_WINDOW_MINS: u32 = 14 * 24 * 60;
const DAY_MINS: u32 = 24 * 60;

impl Goal {
    /// The pixel that counts it.
    pub fn pixel(self, advertiser_id: AdvertiserId) -> Pixel {
        let (name, event, repeat, by_order) = match self {
            Goal::Purchase => ("Purchase", ConversionEvent::new(7), Some(0), true),
            Goal::Lead => ("Lead", ConversionEvent::new(8), Some(DAY_MINS), false),
            Goal::SignUp => ("Sign-up", ConversionEvent::new(8), None, false),
            Goal::Other => ("Conversion", None, Some(0), false),
        };
        Pixel {
            trigger_type: TriggerType::Hybrid,
            min_minutes_per_conv: repeat,
            post_click_expire_mins: Some(CLICK_WINDOW_MINS),
            post_view_expire_mins: Some(VIEW_WINDOW_MINS),
            pixel_conversion_event: event,
            count_each_order_once: by_order,
            ..Pixel::new(advertiser_id, name)
        }
    }
}

/// How far the set-up of an advertiser's tracking has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackingSetup {
    pub advertiser_id: AdvertiserId,
    /// The shop's address, as [`shop_site`] writes it.
    pub site: String,
    pub goal: Goal,
    pub pixel_id: PixelId,
    /// The name of its shop system. None until it is chosen.
    pub shop_system: Option<String>,
    /// Whether somebody hid the list of steps.
    pub is_hidden: bool,
    /// What the shop sent lies at this number of the log or after it.
    pub start: Seq,
    pub created_on: Millis,
    /// The kinds of advertising by name, each with the line item that gets the credit.
    pub channels: Vec<(String, LineItemId)>,
}

impl TrackingSetup {
    /// The line item of a kind of advertising.
    pub fn line_item_of(&self, channel: &str) -> Option<LineItemId> {
        self.channels.iter().find(|(name, _)| name == channel).map(|(_, line_item)| *line_item)
    }

    /// The host of the shop.
    pub fn host(&self) -> &str {
        self.site.split_once("://").map_or(self.site.as_str(), |(_, host)| host)
    }
}

/// A shop's address without its path: `https://shop.example` of `shop.example/start`. None if `text` is no website's address.
pub fn shop_site(text: &str) -> Option<String> {
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&with_scheme).ok()?;
    let is_plain = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
    let is_site = match url.host()? {
        Host::Domain(name) => name == "localhost" || name.trim_end_matches('.').contains('.'),
        Host::Ipv4(_) | Host::Ipv6(_) => true,
    };
    (is_plain && is_site).then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_read_from_what_people_type() {
        for (typed, site) in [
            ("shop.example", Some("https://shop.example")),
            ("https://Shop.Example/", Some("https://shop.example")),
            ("http://shop.example:8080/start?a=1#b", Some("http://shop.example:8080")),
            ("www.shop.example/de/", Some("https://www.shop.example")),
            ("localhost:8000", Some("https://localhost:8000")),
            ("http://192.0.2.1", Some("http://192.0.2.1")),
            ("bücher.example", Some("https://xn--bcher-kva.example")),
            ("shop", None),
            ("", None),
            ("my shop.example", None),
            ("ftp://shop.example", None),
            ("javascript://shop.example", None),
            ("https://user:pw@shop.example", None),
            ("https://", None),
            ("<script>", None),
        ] {
            assert_eq!(shop_site(typed).as_deref(), site, "{typed:?}");
        }
    }

    #[test]
    fn every_goal_has_a_valid_pixel() {
        for goal in Goal::WORDS.iter().filter_map(|word| Goal::parse(word)) {
            assert_eq!(goal.pixel(AdvertiserId(1)).check(), Ok(()), "{goal}");
        }
    }
}
