//! An event whose browser sent no cookie: why that is, how often it happens by browser, and what mends it.

use std::collections::BTreeMap;

use crate::admin::text::agent;
use crate::admin::text::format::percent;
use crate::attribution::{CookieCause, MissingCookie, is_of_browser};
use crate::domain::Conversion;

/// The latest events of the pixel that are counted by browser.
pub const LATEST: u32 = 200;

/// Why the browser's ads are unknown.
pub struct NoCookie {
    pub missing: MissingCookie,
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
            missing: MissingCookie::of(conversion.fire.referer.as_deref().unwrap_or_default(), tag_site),
            shares,
            all: share("All", all),
        }
    }

    /// Whether page and tag are two sites, so that many browsers withhold the cookie.
    pub fn is_other_site(&self) -> bool {
        self.missing.cause.is_other_site()
    }

    /// Whether a name of the shop could serve the tag.
    pub fn is_movable(&self) -> bool {
        matches!(self.missing.cause, CookieCause::OtherSite | CookieCause::OtherSiteByHttp)
    }

    /// The check that stands before all others.
    pub fn check(&self) -> String {
        let MissingCookie { page_host, tag_host, .. } = &self.missing;
        let unknown = "This browser sent no cookie, so pixeld cannot tell what it saw before";
        match self.is_other_site() {
            true => format!("{unknown}: the page is on {page_host}, the tag on {tag_host}"),
            false => unknown.to_owned(),
        }
    }
}
