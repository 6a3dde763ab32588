//! The visitor: reads the cookie `pxid`, creates a random id if there is none, and renews the cookie with every answer.
//! A private visitor (opt-out, browser signal, no consent) has no id.

pub mod bots;
pub mod consent;
pub mod tcf;

use std::cell::RefCell;
use std::fmt;

use actix_web::http::header::{COOKIE, DNT, HeaderMap, HeaderName, HeaderValue};

use crate::config::LiveSettings;
use crate::domain::VisitorId;

pub const COOKIE_NAME: &str = "pxid";
/// The cookie's value after an opt-out.
pub const OPTED_OUT: &str = "optout";

/// The sender of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visitor {
    /// The cookie holds this id.
    Known(VisitorId),
    /// There is no cookie, or none with an id. The answer sets this new one.
    New(VisitorId),
    /// No id. The answer leaves the cookie as it is.
    Anonymous(Why),
}

/// Why a visitor has no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// By `/optout`.
    OptedOut,
    /// The browser sent `Sec-GPC: 1`.
    Gpc,
    /// The browser sent `DNT: 1`.
    Dnt,
    /// The GDPR applies, and the consent that the operator needs is missing.
    NoConsent,
    /// An advertiser's server sent it.
    NoBrowser,
    /// The system gave no random bits.
    NoId,
}

impl Why {
    /// The name in the answer's header; none if it is not the visitor's choice.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Why::OptedOut => Some("opted_out"),
            Why::Gpc => Some("gpc"),
            Why::Dnt => Some("dnt"),
            Why::NoConsent => Some("no_consent"),
            Why::NoBrowser | Why::NoId => None,
        }
    }
}

/// Which of the browsers' opt-out signals pixeld honours.
#[derive(Clone, Copy, Debug)]
pub struct HonouredSignals {
    /// `Sec-GPC`.
    pub gpc: bool,
    /// `DNT`.
    pub dnt: bool,
}

impl HonouredSignals {
    pub fn by(settings: &LiveSettings) -> Self {
        HonouredSignals { gpc: settings.honour_gpc, dnt: settings.honour_dnt }
    }
}

impl Visitor {
    /// Reads the request's headers. If the browser sends several cookies of this name (set for different domains), an
    /// opt-out wins, then the first that is an id.
    pub fn of(headers: &HeaderMap, honoured: HonouredSignals) -> Self {
        let mut known = None;
        for header in headers.get_all(COOKIE) {
            for cookie in header.as_bytes().split(|byte| *byte == b';') {
                let Some(value) = cookie.trim_ascii().strip_prefix(b"pxid=") else { continue };
                if value == OPTED_OUT.as_bytes() {
                    return Visitor::Anonymous(Why::OptedOut);
                }
                known = known.or_else(|| VisitorId::from_hex(std::str::from_utf8(value).ok()?));
            }
        }
        if let Some(why) = opt_out_signal(headers, honoured) {
            return Visitor::Anonymous(why);
        }
        match known {
            Some(id) => Visitor::Known(id),
            None => random().map_or(Visitor::Anonymous(Why::NoId), |bits| Visitor::New(VisitorId::from_random(bits))),
        }
    }

    pub fn id(self) -> Option<VisitorId> {
        match self {
            Visitor::Known(id) | Visitor::New(id) => Some(id),
            Visitor::Anonymous(_) => None,
        }
    }

    /// Whether the visitor or the law asks that pixeld does not know the visitor.
    pub fn is_private(self) -> bool {
        matches!(self, Visitor::Anonymous(why) if why.name().is_some())
    }

    /// Whether the id is new with this request.
    pub fn is_new(self) -> bool {
        matches!(self, Visitor::New(_))
    }

    /// The `Set-Cookie` that sets or renews the cookie. Opt-out cookies are renewed too, because browsers cap cookie
    /// lifetime at 400 days. Over https the cookie is `Secure`: only then do browsers send it with tags on other sites.
    pub fn set_cookie(self, https: bool, days: u16) -> Option<HeaderValue> {
        match self {
            Visitor::Known(id) | Visitor::New(id) => {
                cookie(format_args!("{id}"), u32::from(days) * 24 * 60 * 60, https)
            }
            Visitor::Anonymous(Why::OptedOut) => opted_out(https),
            Visitor::Anonymous(_) => None,
        }
    }
}

static SEC_GPC: HeaderName = HeaderName::from_static("sec-gpc");

/// The browser's own opt-out signal, if it sends one that pixeld honours.
pub fn opt_out_signal(headers: &HeaderMap, honoured: HonouredSignals) -> Option<Why> {
    let says_1 = |name: &HeaderName| headers.get(name).is_some_and(|value| value.as_bytes().trim_ascii() == b"1");
    if honoured.gpc && says_1(&SEC_GPC) {
        return Some(Why::Gpc);
    }
    (honoured.dnt && says_1(&DNT)).then_some(Why::Dnt)
}

fn cookie(value: impl fmt::Display, max_age: u32, https: bool) -> Option<HeaderValue> {
    let site = if https { "SameSite=None; Secure" } else { "SameSite=Lax" };
    HeaderValue::try_from(format!("{COOKIE_NAME}={value}; Path=/; Max-Age={max_age}; HttpOnly; {site}")).ok()
}

/// The `Set-Cookie` of an opt-out, for 5 years.
pub fn opted_out(https: bool) -> Option<HeaderValue> {
    cookie(OPTED_OUT, 5 * 365 * 24 * 60 * 60, https)
}

/// The `Set-Cookie` of an opt-in: it deletes the cookie, until the next tag sets one.
pub fn opted_in(https: bool) -> Option<HeaderValue> {
    cookie("", 0, https)
}

thread_local! {
    /// Random bytes fetched ahead, and how many are still unused: one system call serves 128 visitors.
    static AHEAD: RefCell<([u8; 1024], usize)> = const { RefCell::new(([0; 1024], 0)) };
}

/// 64 random bits from the system's generator; none if that fails.
pub fn random() -> Option<u64> {
    AHEAD.with_borrow_mut(|(bytes, unused)| {
        if *unused == 0 {
            getrandom::fill(bytes).ok()?;
            *unused = bytes.len();
        }
        let bits = bytes.get_mut(..*unused)?.last_chunk_mut()?;
        *unused -= bits.len();
        // Used bits are wiped, so that memory does not hold the ids that were given out.
        Some(u64::from_ne_bytes(std::mem::take(bits)))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use actix_web::http::header::HeaderName;

    use super::*;

    fn visitor(cookies: &[&'static str]) -> Visitor {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(COOKIE, HeaderValue::from_str(cookie).unwrap());
        }
        Visitor::of(&headers, ALL)
    }

    const ALL: HonouredSignals = HonouredSignals { gpc: true, dnt: true };

    #[test]
    fn a_cookie_names_the_visitor() {
        let known = Visitor::Known(VisitorId(0x2a));
        for cookies in [
            &["pxid=000000000000002a"][..],
            &["pxid=2A"],
            &["a=b; pxid=2a; c=d"],
            &["a=b;pxid=2a"],
            &["a=b", "pxid=2a"],
            &["pxid=junk; pxid=2a; pxid=3"],
            &["xpxid=3; pxid=2a"],
        ] {
            assert_eq!(visitor(cookies), known, "{cookies:?}");
        }
    }

    #[test]
    fn garbage_is_no_cookie() {
        for cookies in [
            &[][..],
            &[""],
            &["pxid="],
            &["pxid=0"],
            &["pxid=ffffffffffffffff"],
            &["pxid=é"],
            &["pxid=\"2a\""],
            &["PXID=2a"],
            &["pxid"],
            &[";;=;pxid=2a2a2a2a2a2a2a2a2a"],
        ] {
            assert!(visitor(cookies).is_new(), "{cookies:?}");
        }
    }

    #[test]
    fn an_opt_out_has_no_id() {
        for cookies in [&["pxid=optout"][..], &["pxid=2a; pxid=optout"], &["pxid=2a", "a=b; pxid=optout"]] {
            assert_eq!(visitor(cookies), Visitor::Anonymous(Why::OptedOut), "{cookies:?}");
        }
        // Each answer renews the opt-out, so no browser's cap on cookies ends it.
        assert_eq!(Visitor::Anonymous(Why::OptedOut).set_cookie(true, 90), opted_out(true));
        assert_eq!(Visitor::Anonymous(Why::Gpc).set_cookie(true, 90), None);
    }

    #[test]
    fn an_honoured_opt_out_signal_makes_the_visitor_anonymous() {
        let of = |name: &'static str, value: &'static str, honoured| {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, HeaderValue::from_static("pxid=2a"));
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            Visitor::of(&headers, honoured)
        };
        let known = Visitor::Known(VisitorId(0x2a));
        assert_eq!(of("sec-gpc", "1", ALL), Visitor::Anonymous(Why::Gpc));
        assert_eq!(of("dnt", "1", ALL), Visitor::Anonymous(Why::Dnt));
        assert_eq!(of("sec-gpc", "1", HonouredSignals { gpc: false, ..ALL }), known);
        assert_eq!(of("dnt", "1", HonouredSignals { dnt: false, ..ALL }), known);
        for value in ["0", "", "true", "11", "null"] {
            assert_eq!(of("sec-gpc", value, ALL), known, "{value}");
            assert_eq!(of("dnt", value, ALL), known, "{value}");
        }
    }

    #[test]
    fn opting_out_and_in_is_a_cookie() {
        assert_eq!(opted_out(true).unwrap(), "pxid=optout; Path=/; Max-Age=157680000; HttpOnly; SameSite=None; Secure");
        assert_eq!(opted_in(false).unwrap(), "pxid=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn new_ids_differ() {
        let ids: HashSet<_> = (0..1000).map(|_| visitor(&[]).id().unwrap()).collect();
        assert_eq!(ids.len(), 1000);
    }

    #[test]
    fn the_cookie_is_set_as_browsers_want_it() {
        let cookie = |https| Visitor::Known(VisitorId(0x2a)).set_cookie(https, 90).unwrap();
        assert_eq!(cookie(false), "pxid=000000000000002a; Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax");
        assert_eq!(cookie(true), "pxid=000000000000002a; Path=/; Max-Age=7776000; HttpOnly; SameSite=None; Secure");
    }
}
