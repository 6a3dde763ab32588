//! The message on the page after a form. A cookie keeps it for one page; the session's mark on the cookie keeps others
//! from putting words on a page.

use actix_web::cookie::{Cookie, CookieBuilder, SameSite, time::Duration};

use super::mac;
use super::mac::Purpose;
use crate::web::cookies::CookieName;

/// The cookie of the message.
pub const COOKIE: CookieName = CookieName("pixeld_flash");
/// The longest message. Browsers drop longer cookies, and a message may hold an object's name.
const MOST_CHARACTERS: usize = 400;

/// The tone of a message, which is the suffix of its class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlashKind {
    Good,
    Warning,
}

impl FlashKind {
    fn as_str(self) -> &'static str {
        match self {
            FlashKind::Good => "good",
            FlashKind::Warning => "warn",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flash {
    /// `good` or `warn`.
    pub kind: &'static str,
    pub text: String,
}

impl Flash {
    /// Cuts a text that is too long.
    pub fn new(kind: FlashKind, text: impl Into<String>) -> Self {
        let text: String = text.into();
        Flash { kind: kind.as_str(), text: text.chars().take(MOST_CHARACTERS).collect() }
    }

    /// The cookie that carries the message to the next page.
    pub fn to_cookie(&self, secret: &str, secure: bool) -> Cookie<'static> {
        // Digits alone, since cookies are percent-decoded on their way in.
        let signed = format!("{}.{}", self.kind, hex::encode(&self.text));
        let mark = mac::mark(secret, Purpose::Flash, &signed);
        build(format!("{mark}.{signed}"), secure).max_age(Duration::minutes(1)).finish()
    }

    /// Reads a cookie's value; none unless it has this session's mark.
    pub fn from_cookie(secret: &str, value: &str) -> Option<Self> {
        let (mark, signed) = value.split_once('.')?;
        if !mac::is_genuine(secret, Purpose::Flash, signed, mark) {
            return None;
        }
        let (kind, text) = signed.split_once('.')?;
        let kind = [FlashKind::Good, FlashKind::Warning].into_iter().find(|known| known.as_str() == kind)?;
        let text = String::from_utf8(hex::decode(text).ok()?).ok()?;
        Some(Flash::new(kind, text))
    }
}

/// The cookie that removes the message once a page has shown it.
pub fn removal(secure: bool) -> Cookie<'static> {
    let mut cookie = build(String::new(), secure).finish();
    cookie.make_removal();
    cookie
}

fn build(value: String, secure: bool) -> CookieBuilder<'static> {
    COOKIE.build(value, secure).same_site(SameSite::Lax)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_arrives_unless_another_session_wrote_it() {
        let flash = Flash::new(FlashKind::Good, "Saved “a;b”. <b>\r\nSet-Cookie: x=y");
        let cookie = flash.to_cookie("secret", true);
        assert!(!cookie.value().contains([';', '\r', '\n', ' ', '<']), "{}", cookie.value());
        assert_eq!(Flash::from_cookie("secret", cookie.value()), Some(flash));
        assert_eq!(Flash::from_cookie("another", cookie.value()), None);
        for bad in
            ["", ".", "..", "0.good.5361766564", &cookie.value().replace(&hex::encode("Saved"), &hex::encode("Lost!"))]
        {
            assert_eq!(Flash::from_cookie("secret", bad), None, "{bad}");
        }
    }

    #[test]
    fn a_long_message_is_cut() {
        let cookie = Flash::new(FlashKind::Warning, "ß".repeat(5000)).to_cookie("secret", false);
        assert!(cookie.to_string().len() < 4096, "{}", cookie.to_string().len());
    }
}
