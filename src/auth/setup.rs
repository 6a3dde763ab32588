//! The set-up code, with which the owner of a fresh server, and no stranger, creates the first admin. It works once.

use std::sync::{Mutex, MutexGuard, PoisonError};

use data_encoding::Specification;
use subtle::ConstantTimeEq;

use crate::domain::FieldError;
use crate::store::StoreError;

/// Crockford's base 32: letters and digits that people do not take for one another.
const LETTERS: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Why the set-up was refused.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// It is another code, or the code was used.
    #[error("the set-up code is wrong; it was printed when the server started")]
    WrongCode,
    /// Too many wrong codes from this address.
    #[error("too many wrong set-up codes; try again in {retry_after} seconds")]
    Throttled {
        /// Seconds to wait, at least 1.
        retry_after: u64,
    },
    /// The store failed, or the names or the password break a rule.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Vec<FieldError>> for SetupError {
    fn from(errors: Vec<FieldError>) -> Self {
        SetupError::Store(errors.into())
    }
}

/// The code (`K7QF-2M9X-...`), or nothing once the server is set up.
pub(super) struct SetupCode(Mutex<Option<String>>);

impl SetupCode {
    /// For a server that is set up.
    pub(super) fn none() -> Self {
        SetupCode(Mutex::new(None))
    }

    pub(super) fn random() -> Result<Self, StoreError> {
        Ok(SetupCode(Mutex::new(Some(readable_secret()?))))
    }

    fn lock(&self) -> MutexGuard<'_, Option<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The code in its printed form.
    pub(super) fn shown(&self) -> Option<String> {
        self.lock().clone()
    }

    /// Whether a text is the code; case, dashes and blanks do not matter.
    pub(super) fn matches(&self, typed: &str) -> bool {
        let plain = |text: &str| -> Vec<u8> {
            text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_uppercase()).collect()
        };
        self.lock().as_deref().is_some_and(|code| plain(code).ct_eq(&plain(typed)).into())
    }

    /// Ends the code.
    pub(super) fn void(&self) {
        *self.lock() = None;
    }
}

/// 80 random bits that people can read off a terminal and type: `K7QF-2M9X-...`.
///
/// # Errors
/// The system has no randomness.
pub fn readable_secret() -> Result<String, StoreError> {
    let mut bytes = [0_u8; 10];
    getrandom::fill(&mut bytes).map_err(StoreError::fault)?;
    readable(&bytes)
}

fn readable(bytes: &[u8]) -> Result<String, StoreError> {
    let mut base32 = Specification::new();
    base32.symbols.push_str(LETTERS);
    let text = base32.encoding().map_err(StoreError::fault)?.encode(bytes);
    let groups: Vec<_> = (0..text.len()).step_by(4).filter_map(|at| text.get(at..at + 4)).collect();
    Ok(groups.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_read_as_people_type_it() {
        let code = SetupCode(Mutex::new(Some("K7QF-2M9X-0000-ZZZZ".to_owned())));
        for typed in ["K7QF-2M9X-0000-ZZZZ", "k7qf2m9x0000zzzz", " K7QF 2M9X 0000 ZZZZ\n"] {
            assert!(code.matches(typed), "{typed:?}");
        }
        for typed in ["", "-", "K7QF-2M9X-0000-ZZZ", "K7QF-2M9X-0000-ZZZZ0", "K7QF-2M9X-0000-ZZZY"] {
            assert!(!code.matches(typed), "{typed:?}");
        }
        code.void();
        assert!(!code.matches("K7QF-2M9X-0000-ZZZZ") && !code.matches(""));
    }

    #[test]
    fn eighty_bits_are_sixteen_letters() {
        assert_eq!(readable(&[0; 10]).unwrap(), "0000-0000-0000-0000");
        assert_eq!(readable(&[255; 10]).unwrap(), "ZZZZ-ZZZZ-ZZZZ-ZZZZ");
        let [one, other] = [(); 2].map(|()| SetupCode::random().unwrap().shown().unwrap());
        assert_eq!((one.len(), other.len()), (19, 19));
        assert_ne!(one, other);
    }
}
