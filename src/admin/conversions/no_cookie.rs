//! An event whose browser sent no cookie: why that is, how often it happens by browser, and what mends it.

use std::collections::BTreeMap;

use crate::admin::rows::conversion::is_of_browser;
use crate::admin::text::agent;
use crate::admin::text::format::percent;
use crate::domain::Conversion;

/// The latest events of the pixel that are counted by browser.
pub const LATEST: u32 = 200;

/// Why the browser's ads are unknown.
pub struct NoCookie {
    /// The host of the page; empty if the browser did not send one.
    pub page_host: String,
    /// The host that the tag loads from.
    pub tag_host: String,
    pub shares: Vec<CookieShare>,
    pub all: CookieShare,
}

/// How many events of a browser came without a cookie.
pub struct CookieShare {
    pub browser: &'static str,
    pub events: u64,
    pub without: u64,
    pub percent: u64,
}

impl NoCookie {
    pub const SAY: &str = "Not credited: this browser sent no cookie.";

    /// `tag_site` is this server's address; `latest` are the pixel's latest events.
    pub fn of(conversion: &Conversion, tag_site: &str, latest: &[Conversion]) -> Self {
        let mut counts: BTreeMap<&'static str, (u64, u64)> = BTreeMap::new();
        let real = latest.iter().filter(|event| event.fire.flags.is_real() && is_of_browser(event.fire.tag));
        for event in real {
            let (all, without) =
                counts.entry(agent::program(event.fire.user_agent.as_deref().unwrap_or_default())).or_default();
            (*all, *without) = (*all + 1, *without + u64::from(event.fire.flags.new_visitor));
        }
        let share = |browser, (events, without): (u64, u64)| CookieShare {
            browser,
            events,
            without,
            percent: percent(without, events).unwrap_or(0),
        };
        let all = counts.values().fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
        let mut shares: Vec<CookieShare> = counts.into_iter().map(|(browser, count)| share(browser, count)).collect();
        shares.sort_by_key(|share| std::cmp::Reverse(share.events));
        NoCookie {
            page_host: conversion.fire.referer.as_deref().map(host).unwrap_or_default(),
            tag_host: host(tag_site),
            shares,
            all: share("All", all),
        }
    }

    /// Whether page and tag are of different sites, so that many browsers withhold the cookie.
    pub fn is_other_site(&self) -> bool {
        !self.page_host.is_empty() && !same_site(&self.page_host, &self.tag_host)
    }

    pub fn why(&self) -> String {
        let unknown = "So pixeld cannot tell which ads it saw before.";
        match self.is_other_site() {
            true => format!(
                "{unknown} Either it is a first visit, or the browser blocks cookies from another site: the page is on {}, the \
                 tag on {}.",
                self.page_host, self.tag_host
            ),
            false => format!("{unknown} It is a first visit, or the browser keeps no cookies."),
        }
    }

    /// A host of the shop's own that could serve the tag.
    pub fn proposed_host(&self) -> String {
        let site = self.page_host.strip_prefix("www.").unwrap_or(&self.page_host);
        format!("px.{site}")
    }
}

/// The host of an address, without its port; empty if it has none.
fn host(address: &str) -> String {
    url::Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// The names below a country that everybody may register under: shop.co.uk.
const PUBLIC: [&str; 7] = ["ac", "co", "com", "edu", "gov", "net", "org"];

/// Whether browsers take two hosts as one site, as far as their names tell: equal, or below a common name.
pub fn same_site(one: &str, other: &str) -> bool {
    fn site(host: &str) -> &str {
        let mut dots = host.rmatch_indices('.').map(|(at, _)| at);
        let (Some(last), Some(second)) = (dots.next(), dots.next()) else { return host };
        let site = if PUBLIC.contains(&&host[second + 1..last]) { dots.next() } else { Some(second) };
        site.map_or(host, |dot| &host[dot + 1..])
    }
    let is_number = |host: &str| host.parse::<std::net::IpAddr>().is_ok();
    one == other || (!is_number(one) && !is_number(other) && site(one) == site(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_below_one_name_are_one_site() {
        for (one, other, same) in [
            ("shop.example", "px.shop.example", true),
            ("www.shop.example", "px.shop.example", true),
            ("shop.example", "px.other.example", false),
            ("shop.co.uk", "px.co.uk", false),
            ("shop.co.uk", "px.shop.co.uk", true),
            ("hut.de", "px.hut.de", true),
            ("127.0.0.1", "127.0.0.1", true),
            ("10.0.0.1", "127.0.0.1", false),
            ("localhost", "127.0.0.1", false),
        ] {
            assert_eq!(same_site(one, other), same, "{one} {other}");
        }
        assert_eq!((host("https://a.example:8443/x?y"), host("x")), ("a.example".to_owned(), String::new()));
    }
}
