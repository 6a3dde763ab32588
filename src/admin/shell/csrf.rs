//! Keeps other sites from posting in a user's name: every form carries the session's token. The browser's headers must
//! name this server as the sender, too (`web::elsewhere`). `session` knows who is signed in.

use super::mac;
use super::mac::Purpose;

/// The form field that carries the token.
pub const FIELD: &str = "csrf";

/// A token for a form of this session. Each is different, so that the length of a compressed page reveals nothing.
pub fn token(secret: &str) -> String {
    let mut salt = [0_u8; 8];
    // Without random bytes the token is always the same, and still valid.
    let _ = getrandom::fill(&mut salt);
    let salt = u64::from_le_bytes(salt);
    format!("{salt:016x}.{}", mac::mark(secret, Purpose::Form, &format!("{salt:016x}")))
}

/// Whether a token belongs to this session.
pub fn is_genuine(secret: &str, token: &str) -> bool {
    token.split_once('.').is_some_and(|(salt, mark)| mac::is_genuine(secret, Purpose::Form, salt, mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_belong_to_one_session_and_never_repeat() {
        let (one, two) = (token("secret"), token("secret"));
        assert_ne!(one, two);
        assert!(is_genuine("secret", &one) && is_genuine("secret", &two));
        for bad in ["", ".", &one[..20], &one.replace('.', ""), &format!("0{one}")] {
            assert!(!is_genuine("secret", bad), "{bad}");
        }
        assert!(!is_genuine("another", &one));
    }
}
