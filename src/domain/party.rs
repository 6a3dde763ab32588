//! The organisations: the member that runs the installation, advertisers, publishers, and campaigns.

use super::{
    AdvertiserId, CampaignId, Checks, Currency, FieldError, LineItemId, MemberId, Millis, PixelId, PublisherId, Status,
};

/// The organisation that runs this installation; exactly one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its number, 1 by default.
    pub id: MemberId,
    /// Its name, given at set-up.
    pub name: String,
}

/// Hosts that a redirect may lead to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RedirectHosts(pub Vec<String>);

/// An advertiser; owns line items, campaigns, pixels, trackers and segments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advertiser {
    /// Its number.
    pub id: AdvertiserId,
    /// At most 100 characters, unique.
    pub code: Option<String>,
    /// 1 to 255 characters, not blank.
    pub name: String,
    /// Whether it is in use.
    pub state: Status,
    /// The currency of values that come without one.
    pub default_currency: Currency,
    /// An IANA zone such as `Europe/Berlin`, used for its days in reports.
    pub timezone: String,
    /// Ours: hosts that `redir` may lead to: exact (`shop.example`) or any below (`*.shop.example`).
    /// An empty list means none, never all.
    pub redirect_hosts: RedirectHosts,
    /// Ours: lets `redir` lead anywhere. An open redirector; off by default.
    pub allow_any_redirect: bool,
    /// Ours: the pixel that Invoca's URLs convert for.
    pub default_pixel_id: Option<PixelId>,
    /// When it was made.
    pub created_on: Millis,
    /// When it was last changed.
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

    /// Checks every rule that needs nothing but the advertiser itself.
    ///
    /// # Errors
    /// All the broken rules, each naming its published field.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        checks.name("name", &self.name, 255);
        checks.code(self.code.as_deref(), 100);
        checks.require(jiff::tz::TimeZone::get(&self.timezone).is_ok(), "timezone", || {
            format!("must be an IANA time zone such as Europe/Berlin, and is {:?}", self.timezone)
        });
        for (place, host) in self.redirect_hosts.0.iter().enumerate() {
            checks.require(is_host_pattern(host), &format!("redirect_hosts[{place}]"), || {
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

fn is_host_pattern(pattern: &str) -> bool {
    let host = pattern.strip_prefix("*.").unwrap_or(pattern);
    let parsed = url::Host::parse(host);
    !host.is_empty() && !host.contains('*') && parsed.is_ok_and(|parsed| parsed.to_string().eq_ignore_ascii_case(host))
}

fn host_matches(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        None => pattern.eq_ignore_ascii_case(host),
        Some(parent) => {
            let host = host.to_ascii_lowercase();
            let parent = parent.to_ascii_lowercase();
            host.strip_suffix(&parent).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
        }
    }
}

/// A publisher: where ads ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publisher {
    /// Its number.
    pub id: PublisherId,
    /// At most 100 characters, unique.
    pub code: Option<String>,
    /// 1 to 255 characters, not blank.
    pub name: String,
    /// Whether it is in use.
    pub state: Status,
    /// When it was made.
    pub created_on: Millis,
    /// When it was last changed.
    pub last_modified: Millis,
}

impl Publisher {
    /// An active publisher.
    pub fn new(name: impl Into<String>) -> Self {
        Publisher {
            id: PublisherId(0),
            code: None,
            name: name.into(),
            state: Status::Active,
            created_on: Millis(0),
            last_modified: Millis(0),
        }
    }

    /// Checks every rule that needs nothing but the publisher itself.
    ///
    /// # Errors
    /// All the broken rules, each naming its published field.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        checks.name("name", &self.name, 255);
        checks.code(self.code.as_deref(), 100);
        checks.done()
    }
}

/// A campaign: a child of a line item; exposures may name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    /// Its number.
    pub id: CampaignId,
    /// At most 100 characters, unique within the advertiser.
    pub code: Option<String>,
    /// 1 to 255 characters, not blank.
    pub name: String,
    /// Whose it is; cannot change.
    pub advertiser_id: AdvertiserId,
    /// The line item it belongs to, of the same advertiser.
    pub line_item_id: LineItemId,
    /// Whether it is in use.
    pub state: Status,
    /// When it was made.
    pub created_on: Millis,
    /// When it was last changed.
    pub last_modified: Millis,
}

impl Campaign {
    /// An active campaign.
    pub fn new(advertiser_id: AdvertiserId, line_item_id: LineItemId, name: impl Into<String>) -> Self {
        Campaign {
            id: CampaignId(0),
            code: None,
            name: name.into(),
            advertiser_id,
            line_item_id,
            state: Status::Active,
            created_on: Millis(0),
            last_modified: Millis(0),
        }
    }

    /// Checks every rule that needs nothing but the campaign itself.
    ///
    /// # Errors
    /// All the broken rules, each naming its published field.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        checks.name("name", &self.name, 255);
        checks.code(self.code.as_deref(), 100);
        checks.done()
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
