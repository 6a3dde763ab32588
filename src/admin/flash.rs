//! The message that greets a user on the page after a form: kept for one page in a cookie that bears the session's
//! mark, so that nobody else can put words on a page.

use actix_web::cookie::{Cookie, SameSite, time::Duration};

use super::seal::{self, Purpose};

/// The cookie's name.
pub const COOKIE: &str = "pixeld_flash";
/// So that the cookie stays within what browsers keep, whatever the name of an object.
const MOST_CHARACTERS: usize = 400;

/// What kind of message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something went as wished.
    Good,
    /// It went, but look at this.
    Warning,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Kind::Good => "good",
            Kind::Warning => "warning",
        }
    }
}

/// A message for the next page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flash {
    /// The suffix of its class: `good`, `warning`.
    pub kind: &'static str,
    /// What it says.
    pub text: String,
}

impl Flash {
    /// A message.
    pub fn new(kind: Kind, text: impl Into<String>) -> Self {
        let text: String = text.into();
        Flash { kind: kind.as_str(), text: text.chars().take(MOST_CHARACTERS).collect() }
    }

    /// The cookie that brings it to the next page.
    pub fn to_cookie(&self, secret: &str, secure: bool) -> Cookie<'static> {
        // Digits alone, since cookies are percent-decoded on their way in.
        let signed = format!("{}.{}", self.kind, hex::encode(&self.text));
        let mark = seal::mark(secret, Purpose::Flash, &signed);
        build(format!("{mark}.{signed}"), secure).max_age(Duration::minutes(1)).finish()
    }

    /// Reads a cookie's value; none unless this session's mark is on it.
    pub fn from_cookie(secret: &str, value: &str) -> Option<Self> {
        let (mark, signed) = value.split_once('.')?;
        if !seal::is_genuine(secret, Purpose::Flash, signed, mark) {
            return None;
        }
        let (kind, text) = signed.split_once('.')?;
        let kind = [Kind::Good, Kind::Warning].into_iter().find(|known| known.as_str() == kind)?;
        let text = String::from_utf8(hex::decode(text).ok()?).ok()?;
        Some(Flash::new(kind, text))
    }
}

/// The cookie that takes the message away once it was shown.
pub fn shown() -> Cookie<'static> {
    let mut cookie = build(String::new(), false).finish();
    cookie.make_removal();
    cookie
}

fn build(value: String, secure: bool) -> actix_web::cookie::CookieBuilder<'static> {
    Cookie::build(COOKIE, value).path("/admin").http_only(true).same_site(SameSite::Lax).secure(secure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_comes_through_unless_another_wrote_it() {
        let flash = Flash::new(Kind::Good, "Saved “a;b”. <b>\r\nSet-Cookie: x=y");
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
        let cookie = Flash::new(Kind::Warning, "ß".repeat(5000)).to_cookie("secret", false);
        assert!(cookie.to_string().len() < 4096, "{}", cookie.to_string().len());
    }
}
