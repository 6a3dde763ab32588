//! Snippets for shop systems. Each fires the pixel when a customer places an order, with what the system knows of the
//! order. A snippet holds the tag's URL as a string and no text that a user typed.

use askama::Template;

use super::options::{TagOptions, Target};
use super::{Parameter, html};
use crate::domain::{Pixel, PixelId, TagForm};

/// A pixel's tag for a shop system.
pub(super) struct Snippet<'a> {
    pub pixel: &'a Pixel,
    pub options: &'a TagOptions,
    pub form: TagForm,
    /// The tag's URL without the parameters that the shop fills in.
    pub url: &'a str,
}

impl Snippet<'_> {
    pub(super) fn text(&self) -> String {
        let data = Data {
            url: self.url,
            id: self.pixel.id,
            script: self.form == TagForm::Script,
            parameters: &self.options.parameters,
        };
        match self.options.target {
            Target::Page => html(self.form, self.url),
            Target::TagManager => TagManager { data }.to_string(),
            Target::Shopify => Shopify { data }.to_string(),
            Target::WooCommerce => WooCommerce { data }.to_string(),
            Target::Magento => Magento { hosts: self.hosts(), data }.to_string(),
        }
    }

    /// The hosts that a shop's Content-Security-Policy must allow: ours and those of the piggybacks.
    fn hosts(&self) -> Vec<String> {
        let piggybacks =
            self.pixel.piggyback_pixels.iter().filter_map(|piggyback| url::Url::parse(&piggyback.url).ok());
        let mut hosts = vec![self.options.host.to_string()];
        for url in piggybacks {
            let plain = |host: &&str| host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
            hosts.extend(url.host_str().filter(plain).map(str::to_owned));
        }
        hosts.sort_unstable();
        hosts.dedup();
        hosts
    }
}

/// The values that every template needs.
struct Data<'a> {
    url: &'a str,
    id: PixelId,
    script: bool,
    parameters: &'a [Parameter],
}

impl Data<'_> {
    /// Whether the snippet fills in this parameter.
    fn fills(&self, name: &str) -> bool {
        self.parameters.iter().any(|parameter| parameter.name() == name)
    }

    /// Whether the snippet reads the articles of the order.
    fn reads_items(&self) -> bool {
        self.fills("content_ids") || self.fills("num_items")
    }
}

#[derive(Template)]
#[template(path = "tags/tag_manager.txt")]
struct TagManager<'a> {
    data: Data<'a>,
}

#[derive(Template)]
#[template(path = "tags/shopify.txt")]
struct Shopify<'a> {
    data: Data<'a>,
}

#[derive(Template)]
#[template(path = "tags/woocommerce.txt")]
struct WooCommerce<'a> {
    data: Data<'a>,
}

#[derive(Template)]
#[template(path = "tags/magento.txt")]
struct Magento<'a> {
    data: Data<'a>,
    hosts: Vec<String>,
}
