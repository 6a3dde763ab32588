//! The keys of forms. A form that creates something carries a random key, which is good for one object: sent twice, it
//! creates one. The key is written in the transaction of the object.

use std::fmt::{Display, Formatter, Result as Formatted};

use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, Tx};
use crate::domain::{Caller, Millis};

/// How long a key is kept: longer than a form stays open.
const KEPT_MS: i64 = Millis::DAY;
/// The most keys that are kept. The oldest go first.
const MOST_KEYS: i64 = 10_000;

/// A form's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormKey(String);

impl FormKey {
    /// A new key.
    ///
    /// # Errors
    /// The system has no random bytes.
    pub fn random() -> Result<Self, StoreError> {
        let mut bytes = [0_u8; 16];
        getrandom::fill(&mut bytes).map_err(StoreError::fault)?;
        Ok(FormKey(hex::encode(bytes)))
    }

    /// A key that a form sent; none for another text.
    pub fn parse(text: &str) -> Option<Self> {
        let is_key = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_key.then(|| FormKey(text.to_owned()))
    }
}

impl Display for FormKey {
    fn fmt(&self, f: &mut Formatter<'_>) -> Formatted {
        f.write_str(&self.0)
    }
}

/// Runs `create`, and notes the key with the id of what it created. Without a key it only runs it.
///
/// # Errors
/// [`StoreError::Repeated`] if this user's key has created something already, or what `create` fails with.
pub(in crate::store) fn once<T>(
    tx: &mut Tx<'_>,
    who: &Caller,
    key: Option<&FormKey>,
    create: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>,
    id: impl FnOnce(&T) -> i64,
) -> Result<T, StoreError> {
    let (Some(key), Some(user)) = (key, who.user_id) else { return create(tx) };
    let sql = "SELECT object_id FROM form_keys WHERE user_id = ?1 AND key = ?2";
    let before: Option<i64> =
        tx.conn.prepare_cached(sql)?.query_row(params![user, key.0], |row| row.get(0)).optional()?;
    if let Some(id) = before {
        return Err(StoreError::Repeated { id });
    }
    let created = create(tx)?;
    let sql = "INSERT INTO form_keys (user_id, key, object_id, created_on) VALUES (?1, ?2, ?3, ?4)";
    tx.conn.prepare_cached(sql)?.execute(params![user, key.0, id(&created), tx.now])?;
    forget(tx.conn, tx.conn.last_insert_rowid(), tx.now)?;
    Ok(created)
}

/// Forgets the keys that are too old, or too many.
fn forget(conn: &Connection, newest: i64, now: Millis) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM form_keys WHERE created_on < ?1")?.execute([now.plus(-KEPT_MS)])?;
    conn.prepare_cached("DELETE FROM form_keys WHERE id <= ?1")?.execute([newest - MOST_KEYS])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::derived::connect;

    #[test]
    fn a_key_is_32_hexadecimal_digits() {
        let key = FormKey::random().unwrap();
        assert_eq!(FormKey::parse(&key.to_string()), Some(key.clone()));
        assert_ne!(FormKey::random().unwrap(), key);
        for other in ["", "0", &"g".repeat(32), &"A".repeat(32), &"0".repeat(33), &"é".repeat(16)] {
            assert_eq!(FormKey::parse(other), None, "{other}");
        }
    }

    #[test]
    fn old_keys_and_the_oldest_of_too_many_are_forgotten() {
        let conn = connect::in_memory();
        let add = "INSERT INTO form_keys (id, user_id, key, object_id, created_on) VALUES (?1, 1, ?1, 1, ?2)";
        for (id, at) in [(1, 0), (2, Millis::DAY), (3, Millis::DAY + 5)] {
            conn.execute(add, [id, at]).unwrap();
        }
        let left = || {
            let mut statement = conn.prepare("SELECT id FROM form_keys ORDER BY id").unwrap();
            statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<Vec<i64>, _>>().unwrap()
        };
        forget(&conn, 3, Millis(Millis::DAY + 1)).unwrap();
        assert_eq!(left(), [2, 3]);
        forget(&conn, MOST_KEYS + 2, Millis(Millis::DAY + 1)).unwrap();
        assert_eq!(left(), [3]);
    }
}
