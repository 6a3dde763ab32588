//! Exposure tokens: an advertiser's server sends one back to name the click or impression that led to a sale. A token
//! holds the exposure's `seq`, time and kind. A MAC protects it from guessing and changes. It says nothing about the
//! visitor.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::domain::{ExposureKind, Millis, Seq};
use crate::store::{Store, StoreError};

/// A token's length in characters: `A`-`Z`, `a`-`z`, `0`-`9`, `-` and `_`, which need no encoding in a URL.
pub const TOKEN_LENGTH: usize = 40;

/// Kind (1 byte), `seq` (7) and time (6): enough for 2^55 rows and until the year 6429.
const PAYLOAD_BYTES: usize = 14;
/// The first 128 bits of HMAC-SHA256.
const MAC_BYTES: usize = 16;

/// The content of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenExposure {
    pub seq: Seq,
    pub at: Millis,
    pub kind: ExposureKind,
}

/// Makes and reads tokens. The database holds the key from its creation on.
pub struct ExposureTokens {
    /// Set up with the key once; each token uses a copy.
    mac: Hmac<Sha256>,
}

impl ExposureTokens {
    /// Reads the key. Blocks, so call it only while the program starts.
    pub(super) fn start(store: &Store) -> Result<Self, StoreError> {
        Self::with_key(&store.exposure_key_now()?)
    }

    pub(crate) fn with_key(key: &[u8]) -> Result<Self, StoreError> {
        Ok(ExposureTokens { mac: Hmac::new_from_slice(key).map_err(StoreError::fault)? })
    }

    /// The token of an exposure: [`TOKEN_LENGTH`] characters.
    pub fn token(&self, exposure: TokenExposure) -> String {
        let payload = payload(exposure);
        URL_SAFE_NO_PAD.encode([payload.as_slice(), self.mac_of(&payload).as_slice()].concat())
    }

    /// The exposure that a token names; none if this server did not make exactly this token.
    pub fn read(&self, token: &str) -> Option<TokenExposure> {
        if token.len() != TOKEN_LENGTH {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (payload, mac) = bytes.split_first_chunk::<PAYLOAD_BYTES>()?;
        if !bool::from(self.mac_of(payload).ct_eq(mac)) {
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

    fn mac_of(&self, payload: &[u8; PAYLOAD_BYTES]) -> [u8; MAC_BYTES] {
        let mut hmac = self.mac.clone();
        hmac.update(payload);
        let full: [u8; 32] = hmac.finalize().into_bytes().into();
        let mut mac = [0; MAC_BYTES];
        mac.copy_from_slice(&full[..MAC_BYTES]);
        mac
    }
}

fn payload(exposure: TokenExposure) -> [u8; PAYLOAD_BYTES] {
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
    fn every_release_reads_the_same_tokens() {
        // Tokens live for months in advertisers' databases.
        let token = tokens().token(CLICK);
        assert_eq!(token, "AgAAAAAAILMBoPdV8gAQRfEcisxOzfb2hLASmUrl");
        assert_eq!(tokens().read(&token), Some(CLICK));
    }

    #[test]
    fn no_other_text_is_a_token() {
        let token = tokens().token(CLICK);
        assert_eq!(ExposureTokens::with_key(&[8; 32]).unwrap().read(&token), None, "a token of another server");
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
        fn a_changed_token_is_refused(index in 0..TOKEN_LENGTH, other in "[A-Za-z0-9_-]") {
            let token = tokens().token(CLICK);
            let mut changed = token.clone();
            changed.replace_range(index..=index, &other);
            prop_assert_eq!(tokens().read(&changed).is_some(), changed == token);
        }

        #[test]
        fn no_random_text_is_a_token(text in "\\PC{0,60}|[A-Za-z0-9_-]{40}") {
            prop_assert_eq!(tokens().read(&text), None);
        }
    }
}
