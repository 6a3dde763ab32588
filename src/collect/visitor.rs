//! Who the visitor is: reads the cookie `pxid`, makes a random id for whoever has none, and writes the cookie anew on
//! every answer; unless the visitor is not to be known (`spec/collection.md`, *Visitor identity*).

use std::cell::RefCell;
use std::fmt;

use actix_web::http::header::{COOKIE, HeaderMap, HeaderValue};

use crate::domain::VisitorId;

/// The cookie's name.
pub const COOKIE_NAME: &str = "pxid";
/// What the cookie says once somebody has opted out.
const OPTED_OUT: &[u8] = b"optout";

/// Who sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visitor {
    /// The cookie says who.
    Known(VisitorId),
    /// No cookie, or one that says nothing; this is the id it is given.
    New(VisitorId),
    /// Nobody to be known. The cookie says no more than it said before.
    Nobody(Why),
}

/// Why a visitor is not to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// By `/optout`.
    OptedOut,
    /// The browser says `Sec-GPC: 1`.
    Gpc,
    /// The browser says `DNT: 1`.
    Dnt,
    /// The GDPR applies, and the consent that is needed is not there.
    NoConsent,
    /// There was no visitor: a server sent it, or it was not taken.
    NoBrowser,
    /// No id could be made: the system gave no random bits.
    NoId,
}

impl Why {
    /// As the answer tells it; nothing where there is nobody to tell.
    pub fn told(self) -> Option<&'static str> {
        match self {
            Why::OptedOut => Some("opted_out"),
            Why::Gpc => Some("gpc"),
            Why::Dnt => Some("dnt"),
            Why::NoConsent => Some("no_consent"),
            Why::NoBrowser | Why::NoId => None,
        }
    }
}

/// Which of the browsers' wishes are honoured.
#[derive(Clone, Copy, Debug)]
pub struct Honoured {
    /// `Sec-GPC`.
    pub gpc: bool,
    /// `DNT`.
    pub dnt: bool,
}

impl Visitor {
    /// Reads it from the request's headers. Where the browser sends several cookies by our name (set for different
    /// domains), an opt-out wins, then the first that is an id.
    pub fn of(headers: &HeaderMap, honoured: Honoured) -> Self {
        let mut known = None;
        for header in headers.get_all(COOKIE) {
            for cookie in header.as_bytes().split(|byte| *byte == b';') {
                let Some(value) = cookie.trim_ascii().strip_prefix(b"pxid=") else { continue };
                if value == OPTED_OUT {
                    return Visitor::Nobody(Why::OptedOut);
                }
                known = known.or_else(|| VisitorId::from_hex(std::str::from_utf8(value).ok()?));
            }
        }
        if let Some(why) = asked_for(headers, honoured) {
            return Visitor::Nobody(why);
        }
        match known {
            Some(id) => Visitor::Known(id),
            None => random().map_or(Visitor::Nobody(Why::NoId), |bits| Visitor::New(VisitorId::from_random(bits))),
        }
    }

    /// Its id, if it has one.
    pub fn id(self) -> Option<VisitorId> {
        match self {
            Visitor::Known(id) | Visitor::New(id) => Some(id),
            Visitor::Nobody(_) => None,
        }
    }

    /// Whether nobody is to be known, as the visitor or the law wishes.
    pub fn is_private(self) -> bool {
        matches!(self, Visitor::Nobody(why) if why.told().is_some())
    }

    /// Whether it has just been given its id.
    pub fn is_new(self) -> bool {
        matches!(self, Visitor::New(_))
    }

    /// The `Set-Cookie` that makes or renews the cookie; also who opted out stays so, though browsers keep no cookie for
    /// longer than 400 days. Over https it goes along with tags on other sites' pages, which browsers allow for `Secure`
    /// cookies alone.
    pub fn set_cookie(self, https: bool, days: u16) -> Option<HeaderValue> {
        match self {
            Visitor::Known(id) | Visitor::New(id) => {
                cookie(format_args!("{id}"), u32::from(days) * 24 * 60 * 60, https)
            }
            Visitor::Nobody(Why::OptedOut) => opted_out(https),
            Visitor::Nobody(_) => None,
        }
    }
}

/// The browser's own wish that nobody be known, if it has one that is honoured.
pub fn asked_for(headers: &HeaderMap, honoured: Honoured) -> Option<Why> {
    let says_1 = |name: &str| headers.get(name).is_some_and(|value| value.as_bytes().trim_ascii() == b"1");
    if honoured.gpc && says_1("sec-gpc") {
        return Some(Why::Gpc);
    }
    (honoured.dnt && says_1("dnt")).then_some(Why::Dnt)
}

fn cookie(value: impl fmt::Display, max_age: u32, https: bool) -> Option<HeaderValue> {
    let site = if https { "SameSite=None; Secure" } else { "SameSite=Lax" };
    HeaderValue::try_from(format!("{COOKIE_NAME}={value}; Path=/; Max-Age={max_age}; HttpOnly; {site}")).ok()
}

/// The `Set-Cookie` of who opts out: for 5 years.
pub fn opted_out(https: bool) -> Option<HeaderValue> {
    cookie("optout", 5 * 365 * 24 * 60 * 60, https)
}

/// The `Set-Cookie` of who opts in again: no cookie, until the next tag sets one.
pub fn opted_in(https: bool) -> Option<HeaderValue> {
    cookie("", 0, https)
}

thread_local! {
    /// Random bytes fetched ahead, and how many of them are still unused: a system call serves 128 visitors.
    static AHEAD: RefCell<([u8; 1024], usize)> = const { RefCell::new(([0; 1024], 0)) };
}

/// 64 random bits from the system's generator; none should that fail.
pub fn random() -> Option<u64> {
    AHEAD.with_borrow_mut(|(bytes, unused)| {
        if *unused == 0 {
            getrandom::fill(bytes).ok()?;
            *unused = bytes.len();
        }
        let bits = bytes.get_mut(..*unused)?.last_chunk_mut()?;
        *unused -= bits.len();
        // Used bits are wiped, so that nothing in memory tells the ids given out.
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

    const ALL: Honoured = Honoured { gpc: true, dnt: true };

    #[test]
    fn a_cookie_says_who() {
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
    fn garbage_is_as_good_as_none() {
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
    fn who_opted_out_is_nobody() {
        for cookies in [&["pxid=optout"][..], &["pxid=2a; pxid=optout"], &["pxid=2a", "a=b; pxid=optout"]] {
            assert_eq!(visitor(cookies), Visitor::Nobody(Why::OptedOut), "{cookies:?}");
        }
        // And stays so, whatever the browser's longest time for a cookie.
        assert_eq!(Visitor::Nobody(Why::OptedOut).set_cookie(true, 90), opted_out(true));
        assert_eq!(Visitor::Nobody(Why::Gpc).set_cookie(true, 90), None);
    }

    #[test]
    fn who_asks_not_to_be_known_is_nobody_where_that_is_honoured() {
        let of = |name: &'static str, value: &'static str, honoured| {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, HeaderValue::from_static("pxid=2a"));
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            Visitor::of(&headers, honoured)
        };
        let known = Visitor::Known(VisitorId(0x2a));
        assert_eq!(of("sec-gpc", "1", ALL), Visitor::Nobody(Why::Gpc));
        assert_eq!(of("dnt", "1", ALL), Visitor::Nobody(Why::Dnt));
        assert_eq!(of("sec-gpc", "1", Honoured { gpc: false, ..ALL }), known);
        assert_eq!(of("dnt", "1", Honoured { dnt: false, ..ALL }), known);
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
