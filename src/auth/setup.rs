//! The one-time code that lets the owner of a fresh server, and no stranger, make the first admin.

use std::sync::{Mutex, MutexGuard, PoisonError};

use subtle::ConstantTimeEq;

use crate::domain::FieldError;
use crate::store::StoreError;

/// Letters and digits that are not taken for one another; 32 of them, so that each stands for 5 bits.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Why the set-up was refused.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// Another code, or the code was used.
    #[error("the set-up code is wrong; it was printed when the server started")]
    WrongCode,
    /// The store did not do its part, or the names or the password break a rule.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Vec<FieldError>> for SetupError {
    fn from(errors: Vec<FieldError>) -> Self {
        SetupError::Store(errors.into())
    }
}

/// 80 random bits in groups of four letters (`K7QF-2M9X-...`), or nothing once set up.
pub(super) struct SetupCode(Mutex<Option<String>>);

impl SetupCode {
    /// Set up already.
    pub(super) fn none() -> Self {
        SetupCode(Mutex::new(None))
    }

    /// A new code.
    pub(super) fn random() -> Result<Self, StoreError> {
        let mut bytes = [0_u8; 10];
        getrandom::fill(&mut bytes).map_err(StoreError::fault)?;
        Ok(SetupCode(Mutex::new(Some(letters(bytes)))))
    }

    fn lock(&self) -> MutexGuard<'_, Option<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The code as it is printed.
    pub(super) fn shown(&self) -> Option<String> {
        self.lock().clone()
    }

    /// Whether somebody typed the code; case, dashes and blanks do not matter.
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

fn letters(bytes: [u8; 10]) -> String {
    let mut code = String::new();
    let mut bits = bytes.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    for place in 0..16 {
        if place > 0 && place % 4 == 0 {
            code.push('-');
        }
        let letter = usize::try_from(bits & 31).unwrap_or(0);
        code.push(char::from(LETTERS[letter]));
        bits >>= 5;
    }
    code
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
        assert_eq!(letters([0; 10]), "0000-0000-0000-0000");
        assert_eq!(letters([255; 10]), "ZZZZ-ZZZZ-ZZZZ-ZZZZ");
        let random = SetupCode::random().unwrap().shown();
        assert_eq!(random.map(|code| code.len()), Some(19));
    }
}
