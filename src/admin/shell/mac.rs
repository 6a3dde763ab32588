//! Marks that only this server can make for a session. Forms carry one against forged posts, and so do cookies. The key
//! is the session's secret: scripts cannot read it, and the database does not hold it.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The use of a mark. A mark for one purpose is worthless for another.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    Form,
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

/// Whether `mark` belongs to the text. The comparison takes the same time for every mark.
pub fn is_genuine(secret: &str, purpose: Purpose, text: &str, mark: &str) -> bool {
    let expected = self::mark(secret, purpose, text);
    !secret.is_empty() && !expected.is_empty() && bool::from(expected.as_bytes().ct_eq(mark.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_valid_only_for_its_session_purpose_and_text() {
        let form_mark = mark("secret", Purpose::Form, "a");
        assert!(is_genuine("secret", Purpose::Form, "a", &form_mark));
        assert!(!is_genuine("another", Purpose::Form, "a", &form_mark));
        assert!(!is_genuine("secret", Purpose::Flash, "a", &form_mark));
        assert!(!is_genuine("secret", Purpose::Form, "b", &form_mark));
        assert!(!is_genuine("secret", Purpose::Form, "a", &form_mark[..63]));
        assert!(!is_genuine("secret", Purpose::Form, "a", ""));
        assert!(!is_genuine("", Purpose::Form, "a", &mark("", Purpose::Form, "a")));
    }
}
