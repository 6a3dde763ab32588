//! Marks that only this server can have made for this session: in every form (against forged posts) and on what a
//! page keeps in a cookie. The key is the session's secret, which scripts cannot read and the database does not hold.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// What a mark is for; one made for one purpose is worthless for another.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// A form.
    Form,
    /// A message for the next page.
    Flash,
}

/// The mark of a text, in hexadecimal.
pub fn mark(secret: &str, purpose: Purpose, text: &str) -> String {
    let purpose = match purpose {
        Purpose::Form => "form",
        Purpose::Flash => "flash",
    };
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(purpose.as_bytes());
    mac.update(b"\n");
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// Whether the mark is the text's.
pub fn is_genuine(secret: &str, purpose: Purpose, text: &str, given: &str) -> bool {
    let expected = mark(secret, purpose, text);
    !secret.is_empty() && !expected.is_empty() && bool::from(expected.as_bytes().ct_eq(given.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_holds_for_its_session_purpose_and_text_alone() {
        let given = mark("secret", Purpose::Form, "a");
        assert!(is_genuine("secret", Purpose::Form, "a", &given));
        assert!(!is_genuine("another", Purpose::Form, "a", &given));
        assert!(!is_genuine("secret", Purpose::Flash, "a", &given));
        assert!(!is_genuine("secret", Purpose::Form, "b", &given));
        assert!(!is_genuine("secret", Purpose::Form, "a", &given[..63]));
        assert!(!is_genuine("secret", Purpose::Form, "a", ""));
        assert!(!is_genuine("", Purpose::Form, "a", &mark("", Purpose::Form, "a")));
    }
}
