//! Who the visitor is: reads the cookie `pxid`, makes a random id for whoever has none, and writes the cookie anew on
//! every answer (`spec/collection.md`, *Visitor identity*).

use std::cell::RefCell;

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
    /// Nobody to be known: opted out. The cookie is left alone.
    Nobody,
}

impl Visitor {
    /// Reads it from the request's cookies. Where the browser sends several by our name (set for different domains), an
    /// opt-out wins, then the first that is an id.
    pub fn of(headers: &HeaderMap) -> Self {
        let mut known = None;
        for header in headers.get_all(COOKIE) {
            for cookie in header.as_bytes().split(|byte| *byte == b';') {
                let Some(value) = cookie.trim_ascii().strip_prefix(b"pxid=") else { continue };
                if value == OPTED_OUT {
                    return Visitor::Nobody;
                }
                known = known.or_else(|| VisitorId::from_hex(std::str::from_utf8(value).ok()?));
            }
        }
        match known {
            Some(id) => Visitor::Known(id),
            None => random().map_or(Visitor::Nobody, |bits| Visitor::New(VisitorId::from_random(bits))),
        }
    }

    /// Its id, if it has one.
    pub fn id(self) -> Option<VisitorId> {
        match self {
            Visitor::Known(id) | Visitor::New(id) => Some(id),
            Visitor::Nobody => None,
        }
    }

    /// Whether it has just been given its id.
    pub fn is_new(self) -> bool {
        matches!(self, Visitor::New(_))
    }

    /// The `Set-Cookie` that makes or renews the cookie. Over https it goes along with tags on other sites' pages, which
    /// browsers allow for `Secure` cookies alone.
    pub fn set_cookie(self, https: bool, days: u16) -> Option<HeaderValue> {
        let id = self.id()?;
        let max_age = u32::from(days) * 24 * 60 * 60;
        let site = if https { "SameSite=None; Secure" } else { "SameSite=Lax" };
        HeaderValue::try_from(format!("{COOKIE_NAME}={id}; Path=/; Max-Age={max_age}; HttpOnly; {site}")).ok()
    }
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

    use super::*;

    fn visitor(cookies: &[&'static str]) -> Visitor {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(COOKIE, HeaderValue::from_str(cookie).unwrap());
        }
        Visitor::of(&headers)
    }

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
            assert_eq!(visitor(cookies), Visitor::Nobody, "{cookies:?}");
        }
        assert_eq!(Visitor::Nobody.set_cookie(true, 90), None);
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
