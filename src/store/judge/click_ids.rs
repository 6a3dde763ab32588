//! The click ids that visitors came with. The derived file has a hash of name and value in place of both, so that a page
//! holds many of them. The log has the id itself.

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, params};

use crate::domain::{AdvertiserId, Seq};

/// A click id of an advertiser, as the derived file knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClickIdKey {
    hash: i64,
    advertiser_id: AdvertiserId,
}

/// The SQL function that hashes name and value.
const SQL_NAME: &str = "click_id_hash";

impl ClickIdKey {
    pub fn of(advertiser_id: AdvertiserId, name: &str, value: &str) -> Self {
        ClickIdKey { hash: click_id_hash(name, value), advertiser_id }
    }

    pub fn hash(&self) -> i64 {
        self.hash
    }

    pub(super) fn of_hash(advertiser_id: AdvertiserId, hash: i64) -> Self {
        ClickIdKey { hash, advertiser_id }
    }
}

/// Who could make two ids with one hash could as well send one id twice. By chance two of 100 million ids have one hash in
/// one database of 3,700.
pub(in crate::store) fn click_id_hash(name: &str, value: &str) -> i64 {
    let mut hash = TextHash::default();
    hash.text(name);
    hash.text(value);
    hash.value()
}

/// Lets the connection's SQL call `click_id_hash(name, value)`, which is null for a null.
pub(in crate::store) fn add_click_id_hash(conn: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    conn.create_scalar_function(SQL_NAME, 2, flags, |call| {
        let (name, value): (Option<String>, Option<String>) = (call.get(0)?, call.get(1)?);
        Ok(name.zip(value).map(|(name, value)| click_id_hash(&name, &value)))
    })
}

/// A hash of texts: eight bytes at a time, by steps that lose nothing of them.
pub struct TextHash(u64);

impl Default for TextHash {
    fn default() -> Self {
        TextHash(0xcbf2_9ce4_8422_2325)
    }
}

impl TextHash {
    pub fn number(&mut self, number: u64) {
        let mixed = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }

    pub fn text(&mut self, text: &str) {
        let (words, rest) = text.as_bytes().as_chunks::<8>();
        words.iter().for_each(|word| self.number(u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        last.iter_mut().zip(rest).for_each(|(byte, of)| *byte = *of);
        self.number(u64::from_le_bytes(last));
        self.number(u64::try_from(text.len()).unwrap_or(u64::MAX));
    }

    pub fn value(&self) -> i64 {
        self.0.cast_signed()
    }
}

/// Writes them. Two ids of an arrival may have one hash.
pub(super) fn write(conn: &Connection, ids: &[(Seq, ClickIdKey)]) -> rusqlite::Result<()> {
    let sql = "INSERT OR IGNORE INTO click_ids (seq, hash, advertiser_id) VALUES (?1, ?2, ?3)";
    let mut statement = conn.prepare_cached(sql)?;
    for (seq, ClickIdKey { hash, advertiser_id }) in ids {
        statement.execute(params![seq, hash, advertiser_id])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn hashes_tell_names_and_values_apart() {
        let mut seen = HashSet::new();
        for (name, value) in [
            ("gclid", ""),
            ("gclid", "a"),
            ("gclid", "a\0"),
            ("gclida", ""),
            ("", "gclid"),
            ("gclid", "aaaaaaaa"),
            ("gclid", "aaaaaaaaa"),
        ] {
            assert!(seen.insert(click_id_hash(name, value)), "{name}={value}");
        }
        for n in 0..100_000 {
            assert!(seen.insert(click_id_hash("gclid", &format!("Cj0KCQiA{n:032x}_wcB"))), "{n}");
        }
        let of = |advertiser| ClickIdKey::of(AdvertiserId(advertiser), "gclid", "a");
        assert_ne!(of(1), of(2));
    }
}
