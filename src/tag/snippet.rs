//! Ready snippets for shop systems: each fires the pixel once an order is placed, with what that system knows of it. The
//! tag's URL stands in them as a string; nothing that somebody typed does.

use askama::Template;

use super::wish::{Target, Wish};
use super::{Parameter, html};
use crate::domain::{Pixel, PixelId, TagForm};

/// What a snippet is made of.
pub(super) struct Snippet<'a> {
    pub pixel: &'a Pixel,
    pub wish: &'a Wish,
    pub form: TagForm,
    /// The tag's URL without what the shop fills in.
    pub url: &'a str,
}

impl Snippet<'_> {
    pub(super) fn text(&self) -> String {
        let data = Data {
            url: self.url,
            id: self.pixel.id,
            script: self.form == TagForm::Script,
            wanted: &self.wish.parameters,
        };
        match self.wish.target {
            Target::Page => html(self.form, self.url),
            Target::TagManager => TagManager { data }.to_string(),
            Target::Shopify => Shopify { data }.to_string(),
            Target::WooCommerce => WooCommerce { data }.to_string(),
            Target::Magento => Magento { hosts: self.hosts(), data }.to_string(),
        }
    }

    /// The hosts that a shop's Content-Security-Policy must allow: ours, and those of the piggybacks.
    fn hosts(&self) -> Vec<String> {
        let piggybacks =
            self.pixel.piggyback_pixels.iter().filter_map(|piggyback| url::Url::parse(&piggyback.url).ok());
        let mut hosts = vec![self.wish.host.to_string()];
        for url in piggybacks {
            let plain = |host: &&str| host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
            hosts.extend(url.host_str().filter(plain).map(str::to_owned));
        }
        hosts.sort_unstable();
        hosts.dedup();
        hosts
    }
}

/// What all templates need.
struct Data<'a> {
    url: &'a str,
    id: PixelId,
    script: bool,
    wanted: &'a [Parameter],
}

impl Data<'_> {
    /// Whether this parameter is filled in.
    fn fills(&self, name: &str) -> bool {
        self.wanted.iter().any(|parameter| parameter.name() == name)
    }

    /// Whether the order's articles are looked at.
    fn looks_at_items(&self) -> bool {
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
