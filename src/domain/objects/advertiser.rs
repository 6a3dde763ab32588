//! Advertisers: the brands whose sites carry the pixels.

use jiff::tz::TimeZone;

use crate::domain::{AdvertiserId, Checks, Currency, FieldError, ListLength, Millis, PixelId, Status};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RedirectHosts(pub Vec<String>);

/// An advertiser owns line items, campaigns, pixels, trackers and segments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advertiser {
    pub id: AdvertiserId,
    /// At most 100 characters, unique.
    pub code: Option<String>,
    /// 1 to 255 characters, not blank.
    pub name: String,
    pub state: Status,
    /// The currency of values that name none.
    pub default_currency: Currency,
    /// An IANA zone such as `Europe/Berlin`: the days of its reports begin by it.
    pub timezone: String,
    /// Hosts that `redir` may lead to: one host (`shop.example`) or all below it (`*.shop.example`). An empty list allows
    /// no host. The published API has no such field.
    pub redirect_hosts: RedirectHosts,
    /// Lets `redir` lead anywhere, which makes an open redirector. Off by default. The published API has no such field.
    pub allow_any_redirect: bool,
    /// The pixel that Invoca's URLs convert for. The published API has no such field.
    pub default_pixel_id: Option<PixelId>,
    pub created_on: Millis,
    pub last_modified: Millis,
}

impl Advertiser {
    /// An active advertiser in US dollars and UTC.
    pub fn new(name: impl Into<String>) -> Self {
        Advertiser {
            id: AdvertiserId(0),
            code: None,
            name: name.into(),
            state: Status::Active,
            default_currency: Currency::USD,
            timezone: "UTC".to_owned(),
            redirect_hosts: RedirectHosts::default(),
            allow_any_redirect: false,
            default_pixel_id: None,
            created_on: Millis(0),
            last_modified: Millis(0),
        }
    }

    /// Where its days begin. UTC if the zone is unknown to this program.
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.timezone).unwrap_or(TimeZone::UTC)
    }

    /// How many redirect hosts it has.
    pub fn list_length(&self) -> ListLength {
        ListLength {
            field: "redirect_hosts",
            length: self.redirect_hosts.0.len(),
            most: MAX_REDIRECT_HOSTS,
            advice: "leave some out, or name a domain as *.shop.example",
        }
    }

    /// The rules that need no other object. The store limits the number of hosts, by those that it had before.
    ///
    /// # Errors
    /// Every rule that it breaks, by published field.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        checks.name("name", &self.name, 255);
        checks.code(self.code.as_deref(), 100);
        checks.require(TimeZone::get(&self.timezone).is_ok(), "timezone", || {
            format!("must be an IANA time zone such as Europe/Berlin, and is {:?}", self.timezone)
        });
        for (index, host) in self.redirect_hosts.0.iter().enumerate() {
            checks.require(is_host_pattern(host), &format!("redirect_hosts[{index}]"), || {
                format!("must be a host such as shop.example or *.shop.example, and is {host:?}")
            });
        }
        checks.done()
    }

    /// Whether `redir` may lead to this host (lower case, as the URL parser gives it).
    pub fn allows_redirect_to(&self, host: &str) -> bool {
        self.allow_any_redirect || self.redirect_hosts.0.iter().any(|pattern| host_matches(pattern, host))
    }
}

/// The most hosts that `redir` may lead to.
const MAX_REDIRECT_HOSTS: usize = 1_000;

fn is_host_pattern(pattern: &str) -> bool {
    let host = pattern.strip_prefix("*.").unwrap_or(pattern);
    let parsed = url::Host::parse(host);
    !host.is_empty() && !host.contains('*') && parsed.is_ok_and(|parsed| parsed.to_string().eq_ignore_ascii_case(host))
}

fn host_matches(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        None => pattern.eq_ignore_ascii_case(host),
        // The dot and one sign stand before the parent at least.
        Some(parent) => host.len().checked_sub(parent.len()).filter(|rest| *rest > 1).is_some_and(|rest| {
            let (below, end) = (host.get(..rest), host.get(rest..));
            below.is_some_and(|below| below.ends_with('.')) && end.is_some_and(|end| end.eq_ignore_ascii_case(parent))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_hosts_match_exactly_or_below() {
        let mut advertiser = Advertiser::new("Shop");
        assert!(!advertiser.allows_redirect_to("shop.example"), "an empty list means none");
        advertiser.redirect_hosts = RedirectHosts(vec!["shop.example".into(), "*.cdn.example".into()]);
        assert_eq!(advertiser.check(), Ok(()));
        for good in ["shop.example", "a.cdn.example", "a.b.cdn.example"] {
            assert!(advertiser.allows_redirect_to(good), "{good}");
        }
        for bad in ["www.shop.example", "cdn.example", "evilcdn.example", "shop.example.evil", ".cdn.example", ""] {
            assert!(!advertiser.allows_redirect_to(bad), "{bad}");
        }
    }

    #[test]
    fn bad_hosts_are_refused() {
        for bad in ["", "*", "*.", "https://shop.example", "shop.example/path", "shop.example:80", "a b"] {
            let mut advertiser = Advertiser::new("Shop");
            advertiser.redirect_hosts = RedirectHosts(vec![bad.into()]);
            assert!(advertiser.check().is_err(), "{bad:?}");
        }
    }
}
