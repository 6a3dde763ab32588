//! Exposure tokens: what an advertiser's server sends back to say which click or impression led to a sale. A token names
//! the exposure's place in the log, its time and its kind, and carries a keyed mark (MAC), so that it can be neither
//! guessed nor altered. It says nothing about the visitor.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::domain::{ExposureKind, Millis, Seq};
use crate::store::{Store, StoreError};

/// A token's length, in characters of the alphabet `A`-`Z`, `a`-`z`, `0`-`9`, `-` and `_`, which stand in a URL as they
/// are.
pub const TOKEN_LENGTH: usize = 40;

/// Kind (1 byte), place in the log (7) and time (6): 2^55 rows and the year 6429 are out of reach.
const PAYLOAD: usize = 14;
/// 128 bits of the mark: nobody guesses that.
const MARK: usize = 16;

/// What a genuine token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenExposure {
    /// Its place in the log.
    pub seq: Seq,
    /// When it happened.
    pub at: Millis,
    /// View or click.
    pub kind: ExposureKind,
}

/// Makes tokens and tells genuine ones. Its key is made when the database is, and stays in it.
pub struct ExposureTokens {
    /// Keyed once; each token works on a copy.
    mac: Hmac<Sha256>,
}

impl ExposureTokens {
    /// Reads the key. Blocks: for the start of the program.
    pub(super) fn start(store: &Store) -> Result<Self, StoreError> {
        Self::with_key(&store.exposure_key_now()?)
    }

    /// With this key.
    pub(crate) fn with_key(key: &[u8]) -> Result<Self, StoreError> {
        Ok(ExposureTokens { mac: Hmac::new_from_slice(key).map_err(StoreError::fault)? })
    }

    /// The token of an exposure: [`TOKEN_LENGTH`] characters.
    pub fn token(&self, exposure: TokenExposure) -> String {
        let payload = payload(exposure);
        URL_SAFE_NO_PAD.encode([payload.as_slice(), self.mark(&payload).as_slice()].concat())
    }

    /// The exposure that a token names; none if it is not one of ours, to the last character.
    pub fn read(&self, token: &str) -> Option<TokenExposure> {
        if token.len() != TOKEN_LENGTH {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (payload, mark) = bytes.split_first_chunk::<PAYLOAD>()?;
        if !bool::from(self.mark(payload).ct_eq(mark)) {
            return None;
        }
        let [kind, s0, s1, s2, s3, s4, s5, s6, a0, a1, a2, a3, a4, a5] = *payload;
        Some(TokenExposure {
            seq: Seq(i64::from_be_bytes([0, s0, s1, s2, s3, s4, s5, s6])),
            at: Millis(i64::from_be_bytes([0, 0, a0, a1, a2, a3, a4, a5])),
            kind: match kind {
                1 => ExposureKind::Impression,
                2 => ExposureKind::Click,
                _ => return None,
            },
        })
    }

    fn mark(&self, payload: &[u8; PAYLOAD]) -> [u8; MARK] {
        let mut mac = self.mac.clone();
        mac.update(payload);
        let full: [u8; 32] = mac.finalize().into_bytes().into();
        let mut mark = [0; MARK];
        mark.copy_from_slice(&full[..MARK]);
        mark
    }
}

fn payload(exposure: TokenExposure) -> [u8; PAYLOAD] {
    let kind = match exposure.kind {
        ExposureKind::Impression => 1,
        ExposureKind::Click => 2,
    };
    let [_, s0, s1, s2, s3, s4, s5, s6] = exposure.seq.0.to_be_bytes();
    let [_, _, a0, a1, a2, a3, a4, a5] = exposure.at.0.to_be_bytes();
    [kind, s0, s1, s2, s3, s4, s5, s6, a0, a1, a2, a3, a4, a5]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tokens() -> ExposureTokens {
        ExposureTokens::with_key(&[7; 32]).unwrap()
    }

    const CLICK: TokenExposure =
        TokenExposure { seq: Seq(8371), at: Millis(1_790_856_000_000), kind: ExposureKind::Click };

    #[test]
    fn a_token_stays_what_it_is() {
        // Tokens live for months in advertisers' databases: another release must still read them.
        let token = tokens().token(CLICK);
        assert_eq!(token, "AgAAAAAAILMBoPdV8gAQRfEcisxOzfb2hLASmUrl");
        assert_eq!(tokens().read(&token), Some(CLICK));
    }

    #[test]
    fn nothing_else_is_one() {
        let token = tokens().token(CLICK);
        assert_eq!(ExposureTokens::with_key(&[8; 32]).unwrap().read(&token), None, "another server's");
        for bad in [
            String::new(),
            format!("{token}."),
            format!("{token}="),
            format!(" {token}"),
            token[..39].to_owned(),
            token.to_lowercase(),
            token.replace('A', "+"),
            "A".repeat(TOKEN_LENGTH),
            "é".repeat(TOKEN_LENGTH / 2),
        ] {
            assert_eq!(tokens().read(&bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn tokens_read_back(seq in 0..1_i64 << 55, at in 0..1_i64 << 47, click in any::<bool>()) {
            let kind = if click { ExposureKind::Click } else { ExposureKind::Impression };
            let exposure = TokenExposure { seq: Seq(seq), at: Millis(at), kind };
            let token = tokens().token(exposure);
            prop_assert_eq!(token.len(), TOKEN_LENGTH);
            prop_assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
            prop_assert_eq!(tokens().read(&token), Some(exposure));
        }

        #[test]
        fn an_altered_token_is_none(place in 0..TOKEN_LENGTH, other in "[A-Za-z0-9_-]") {
            let token = tokens().token(CLICK);
            let mut altered = token.clone();
            altered.replace_range(place..=place, &other);
            prop_assert_eq!(tokens().read(&altered).is_some(), altered == token);
        }

        #[test]
        fn no_text_is_one_by_chance(text in "\\PC{0,60}|[A-Za-z0-9_-]{40}") {
            prop_assert_eq!(tokens().read(&text), None);
        }
    }
}
