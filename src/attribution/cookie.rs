//! Whether a browser's cookie came with a fire, why not, and what mends it. It decides nothing: without a cookie pixeld
//! cannot tell what a browser saw before, and so an explanation says this first.

use crate::domain::{Conversion, TagKind, host_of, is_nameless, is_same_site};

/// What a fire says about the browser's cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cookie {
    Sent,
    /// None came, so the answer set a new one.
    Missing(MissingCookie),
    /// The visitor is not to be known: opted out, a browser's signal, no consent.
    Private,
}

/// Why a browser sent no cookie, as far as the hosts of page and tag tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingCookie {
    /// The host of the page; empty if the browser did not name it.
    pub page_host: String,
    /// The host that the tag loads from.
    pub tag_host: String,
    pub cause: CookieCause,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieCause {
    /// Page and tag are two sites: Safari and Firefox withhold the cookie, other browsers may.
    OtherSite,
    /// The same, and the tag loads by http, where every browser withholds it.
    OtherSiteByHttp,
    /// The same, but one of the hosts is only a number or `localhost`, as in a trial.
    OtherSiteInTrial,
    /// Page and tag are one site: a first visit, or a browser without cookies.
    FirstVisit,
    /// The browser did not name the page.
    UnknownPage,
}

impl CookieCause {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            CookieCause::OtherSite | CookieCause::OtherSiteInTrial => "other_site",
            CookieCause::OtherSiteByHttp => "other_site_by_http",
            CookieCause::FirstVisit => "first_visit",
            CookieCause::UnknownPage => "unknown_page",
        }
    }

    /// Whether page and tag are two sites.
    pub fn is_other_site(self) -> bool {
        matches!(self, CookieCause::OtherSite | CookieCause::OtherSiteByHttp | CookieCause::OtherSiteInTrial)
    }
}

/// Whether a browser sent it, which has cookies.
pub fn is_of_browser(tag: TagKind) -> bool {
    matches!(tag, TagKind::Image | TagKind::Script | TagKind::Beacon | TagKind::Invoca)
}

impl Cookie {
    /// The cookie of a conversion's fire; none if no browser sent it. `tag_site` is the address that tags load from.
    pub fn of(conversion: &Conversion, tag_site: &str) -> Option<Self> {
        let fire = &conversion.fire;
        is_of_browser(fire.tag).then(|| match fire.visitor_id {
            None => Cookie::Private,
            Some(_) if fire.flags.new_visitor => {
                Cookie::Missing(MissingCookie::of(fire.referer.as_deref().unwrap_or_default(), tag_site))
            }
            Some(_) => Cookie::Sent,
        })
    }
}

impl MissingCookie {
    /// `page` and `tag_site` are whole addresses.
    pub fn of(page: &str, tag_site: &str) -> Self {
        let (page_host, tag_host) = (host_of(page), host_of(tag_site));
        let cause = match () {
            () if page_host.is_empty() => CookieCause::UnknownPage,
            () if is_same_site(&page_host, &tag_host) => CookieCause::FirstVisit,
            () if is_nameless(&page_host) || is_nameless(&tag_host) => CookieCause::OtherSiteInTrial,
            () if tag_site.starts_with("http:") => CookieCause::OtherSiteByHttp,
            () => CookieCause::OtherSite,
        };
        MissingCookie { page_host, tag_host, cause }
    }

    /// What follows, and the likely causes.
    pub fn why(&self) -> String {
        let unknown = "So pixeld cannot tell what it saw before.";
        let MissingCookie { page_host, tag_host, cause } = self;
        match cause {
            CookieCause::FirstVisit => format!("{unknown} It is a first visit, or the browser keeps no cookies."),
            CookieCause::UnknownPage => {
                format!("{unknown} It is a first visit, or the browser blocks cookies. It did not name the page.")
            }
            CookieCause::OtherSite | CookieCause::OtherSiteInTrial => format!(
                "{unknown} It is a first visit, or the browser blocks cookies from another site: the page is on {page_host}, \
                 the tag on {tag_host}."
            ),
            CookieCause::OtherSiteByHttp => format!(
                "{unknown} Browsers send no cookie to another site by http: the page is on {page_host}, the tag on {tag_host}."
            ),
        }
    }

    /// The same of many events.
    pub fn why_of_many(&self) -> String {
        let MissingCookie { page_host, tag_host, cause } = self;
        match cause {
            CookieCause::FirstVisit => {
                "Page and tag are one site, so these are first visits, or browsers without cookies.".to_owned()
            }
            CookieCause::UnknownPage => "The browsers did not name the page, so the cause is unknown.".to_owned(),
            CookieCause::OtherSite | CookieCause::OtherSiteInTrial => {
                format!("Browsers block cookies from another site: the page is on {page_host}, the tag on {tag_host}.")
            }
            CookieCause::OtherSiteByHttp => format!(
                "Browsers send no cookie to another site by http: the page is on {page_host}, the tag on {tag_host}."
            ),
        }
    }

    /// What to do.
    pub fn remedy(&self) -> String {
        const CLICK_ID: &str = "Or send the click ID with the event: it needs no cookie.";
        match self.cause {
            CookieCause::OtherSite => {
                format!("Serve the tag from {}, so that page and tag are one site. {CLICK_ID}", self.own_host())
            }
            CookieCause::OtherSiteByHttp => {
                format!("Serve the tag by https, best from {}. {CLICK_ID}", self.own_host())
            }
            CookieCause::OtherSiteInTrial => {
                format!("Open the page on {}, too, or both on the same name. {CLICK_ID}", self.tag_host)
            }
            CookieCause::FirstVisit => {
                "Nothing to mend for a first visit. The click ID with the event works without a cookie.".to_owned()
            }
            CookieCause::UnknownPage => {
                "Check that page and tag are on one site. The click ID with the event works without a cookie."
                    .to_owned()
            }
        }
    }

    /// A host of the page's own site that could serve the tag.
    pub fn own_host(&self) -> String {
        format!("px.{}", self.page_host.strip_prefix("www.").unwrap_or(&self.page_host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosts_of_page_and_tag_tell_the_cause() {
        for (page, tag, cause) in [
            ("https://www.shop.example/thanks", "https://px.shop.example", CookieCause::FirstVisit),
            ("https://shop.example/", "https://px.other.example", CookieCause::OtherSite),
            ("http://shop.example/", "http://px.other.example", CookieCause::OtherSiteByHttp),
            ("http://localhost:3000/", "http://127.0.0.1:8080", CookieCause::OtherSiteInTrial),
            ("https://shop.example/", "http://127.0.0.1:8080", CookieCause::OtherSiteInTrial),
            ("http://127.0.0.1:3000/", "http://127.0.0.1:8080", CookieCause::FirstVisit),
            ("", "https://px.shop.example", CookieCause::UnknownPage),
            ("about:blank", "https://px.shop.example", CookieCause::UnknownPage),
        ] {
            let missing = MissingCookie::of(page, tag);
            assert_eq!(missing.cause, cause, "{page} {tag}");
            for text in [missing.why(), missing.remedy()] {
                assert!(text.split(['.', ':']).all(|part| part.split_whitespace().count() <= 20), "{text}");
            }
        }
    }

    #[test]
    fn the_remedy_names_a_host_of_the_shop() {
        let missing = MissingCookie::of("https://www.shop.example/thanks", "https://px.other.example");
        assert_eq!(
            missing.why(),
            "So pixeld cannot tell what it saw before. It is a first visit, or the browser blocks cookies from another \
             site: the page is on www.shop.example, the tag on px.other.example."
        );
        assert!(missing.remedy().starts_with("Serve the tag from px.shop.example, so"), "{}", missing.remedy());
    }
}
