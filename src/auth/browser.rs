//! Marks of known browsers. A browser that signed in keeps one, so that strangers' guesses at its account do not make it
//! wait. A mark holds a user, a time and a random name under the server's key. A new password ends it.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::domain::{Millis, UserId};
use crate::store::StoreError;

/// How long a mark is good, in milliseconds.
const GOOD_FOR: i64 = 180 * Millis::DAY;
/// A browser keeps the marks of so many users.
const MOST_MARKS: usize = 4;
/// Between the marks in a cookie.
const BETWEEN: char = '.';
/// The longest cookie that is read, in bytes.
const LONGEST: usize = 1_024;

/// Makes and reads marks.
pub(super) struct Browsers(Hmac<Sha256>);

impl Browsers {
    pub(super) fn with_key(key: &[u8]) -> Result<Self, StoreError> {
        Ok(Browsers(Hmac::new_from_slice(key).map_err(StoreError::fault)?))
    }

    /// The cookie's new value: a fresh mark of this user, then those of others in the value before.
    pub(super) fn add(
        &self,
        before: Option<&str>,
        user: UserId,
        password_hash: &str,
        now: Millis,
    ) -> Result<String, StoreError> {
        let mut random = [0_u8; 12];
        getrandom::fill(&mut random).map_err(StoreError::fault)?;
        let signed = format!("{user}-{}-{}", now.0, hex::encode(random));
        let mark = format!("{signed}-{}", self.mac_of(&signed, password_hash));
        let own = format!("{user}-");
        let others = marks(before).filter(|other| !other.starts_with(&own)).map(str::to_owned);
        let all: Vec<String> = [mark].into_iter().chain(others).take(MOST_MARKS).collect();
        Ok(all.join(&BETWEEN.to_string()))
    }

    /// The random name of the browser, if the cookie's value holds a good mark of this user.
    pub(super) fn name<'c>(
        &self,
        cookie: Option<&'c str>,
        user: UserId,
        password_hash: &str,
        now: Millis,
    ) -> Option<&'c str> {
        marks(cookie).find_map(|mark| {
            let (signed, mac) = mark.rsplit_once('-')?;
            let [id, at, name] = signed.split('-').collect::<Vec<_>>().try_into().ok()?;
            let age = now.since(Millis(at.parse().ok()?));
            let is_good = id == user.to_string()
                && age <= GOOD_FOR
                && bool::from(self.mac_of(signed, password_hash).as_bytes().ct_eq(mac.as_bytes()));
            is_good.then_some(name)
        })
    }

    fn mac_of(&self, signed: &str, password_hash: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(signed.as_bytes());
        mac.update(b"\n");
        mac.update(password_hash.as_bytes());
        hex::encode(mac.finalize().into_bytes())
    }
}

fn marks(cookie: Option<&str>) -> impl Iterator<Item = &str> {
    cookie.filter(|text| text.len() <= LONGEST).into_iter().flat_map(|text| text.split(BETWEEN)).take(MOST_MARKS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Millis = Millis(1_790_856_000_000);

    fn browsers() -> Browsers {
        Browsers::with_key(&[7; 32]).unwrap()
    }

    #[test]
    fn a_mark_is_good_for_its_user_its_password_and_its_time() {
        let browsers = browsers();
        let (ann, bob) = (UserId(1), UserId(11));
        let one = browsers.add(None, ann, "hash", NOW).unwrap();
        let knows = |cookie: &str, user, hash, at| browsers.name(Some(cookie), user, hash, at).is_some();
        assert!(knows(&one, ann, "hash", NOW) && knows(&one, ann, "hash", NOW.plus(GOOD_FOR)));
        assert!(!knows(&one, bob, "hash", NOW), "of another user");
        assert!(!knows(&one, ann, "new hash", NOW), "a new password ends it");
        assert!(!knows(&one, ann, "hash", NOW.plus(GOOD_FOR + 1)) && knows(&one, ann, "hash", NOW.plus(-1)));
        assert!(Browsers::with_key(&[8; 32]).unwrap().name(Some(&one), ann, "hash", NOW).is_none());
        let both = browsers.add(Some(&one), bob, "other", NOW).unwrap();
        assert!(knows(&both, ann, "hash", NOW) && knows(&both, bob, "other", NOW));
        let again = browsers.add(Some(&both), ann, "hash", NOW).unwrap();
        assert_eq!(again.split('.').count(), 2, "one mark a user");
        let many = (2..20).fold(again, |cookie, id| browsers.add(Some(&cookie), UserId(id), "x", NOW).unwrap());
        assert!(many.split('.').count() == MOST_MARKS && many.len() < LONGEST);
    }

    proptest! {
        #[test]
        fn no_other_text_is_a_mark(text in "\\PC{0,200}|1-1790856000000-[0-9a-f]{24}-[0-9a-f]{64}", at in 0..100_usize) {
            let cookie = browsers().add(None, UserId(1), "hash", NOW).unwrap();
            prop_assert!(browsers().name(Some(&text), UserId(1), "hash", NOW).is_none());
            let mut changed = cookie.clone().into_bytes();
            let at = at % changed.len();
            changed[at] ^= 1;
            let changed = String::from_utf8(changed).unwrap();
            prop_assert!(browsers().name(Some(&changed), UserId(1), "hash", NOW).is_none(), "{changed}");
        }
    }
}
