//! Long-lived tokens by the SHA-256 of their secret, and the server's own keys. The secrets themselves never get here.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::domain::{Admin, ApiToken, Caller, Collector, Millis, SecretHash, TokenId};
use crate::store::db::sql_types::get;
use crate::store::definitions::{audit_note, rules};
use crate::store::form_keys::{FormKey, once};
use crate::store::{Store, StoreError, Tx};

/// The name of the key that signs exposure tokens.
const EXPOSURE_TOKENS: &str = "exposure tokens";
/// The name of the key that marks imported lines.
const IMPORTS: &str = "imports";
/// The name of the key that marks known browsers.
const BROWSERS: &str = "browsers";

/// Creates the server's own keys when the database is new.
pub(in crate::store) fn make_keys(conn: &Connection) -> Result<(), StoreError> {
    for name in [EXPOSURE_TOKENS, IMPORTS, BROWSERS] {
        let mut fresh = [0_u8; 32];
        getrandom::fill(&mut fresh).map_err(StoreError::fault)?;
        conn.execute("INSERT INTO keys VALUES (?1, ?2) ON CONFLICT DO NOTHING", params![name, fresh])?;
    }
    Ok(())
}

fn insert_token(tx: &Tx<'_>, who: &Caller, mut token: ApiToken, hash: &SecretHash) -> Result<ApiToken, StoreError> {
    token.check()?;
    name_is_free(tx.conn, &token.name)?;
    if let Some(advertiser) = token.advertiser_id {
        rules::advertiser_exists(tx.conn, advertiser)?;
    }
    (token.created_on, token.last_used) = (tx.now, None);
    let sql = "INSERT INTO tokens (secret_hash, name, role, advertiser_id, created_on)
        VALUES (?1, ?2, ?3, ?4, ?5)";
    tx.conn.execute(sql, params![hash.0, token.name, token.role, token.advertiser_id, token.created_on])?;
    token.id = TokenId(tx.conn.last_insert_rowid());
    audit_note::note(tx, who, "tokens", token.id.0, None)?;
    Ok(token)
}

impl Store {
    /// The key that signs exposure tokens. It blocks, for the start of the program.
    pub(crate) fn exposure_key_now(&self) -> Result<[u8; 32], StoreError> {
        self.key_now(EXPOSURE_TOKENS)
    }

    /// The key that marks known browsers. It blocks, for the start of the program.
    pub(crate) fn browser_key_now(&self) -> Result<[u8; 32], StoreError> {
        self.key_now(BROWSERS)
    }

    fn key_now(&self, name: &str) -> Result<[u8; 32], StoreError> {
        let sql = "SELECT secret FROM keys WHERE name = ?1";
        Ok(self.0.readers.take_now()?.query_row(sql, [name], |row| row.get(0))?)
    }

    /// The key that marks imported lines.
    pub(crate) async fn import_key(&self, _: &Collector) -> Result<[u8; 32], StoreError> {
        let sql = "SELECT secret FROM keys WHERE name = ?1";
        self.look_up(move |conn| Ok(conn.query_row(sql, [IMPORTS], |row| row.get(0))?)).await
    }

    /// A long-lived token.
    pub(crate) async fn token(&self, hash: SecretHash) -> Result<Option<ApiToken>, StoreError> {
        self.look_up(move |conn| {
            let sql = "SELECT * FROM tokens WHERE secret_hash = ?1";
            Ok(conn.prepare_cached(sql)?.query_row([hash.0], token).optional()?)
        })
        .await
    }

    /// Notes that a token was used.
    pub(crate) async fn touch_token(&self, id: TokenId, at: Millis) -> Result<(), StoreError> {
        self.write(move |tx| {
            tx.conn.prepare_cached("UPDATE tokens SET last_used = ?2 WHERE id = ?1")?.execute(params![id, at])?;
            Ok(())
        })
        .await
    }

    /// Every long-lived token, by name.
    ///
    /// # Errors
    /// Database faults.
    pub async fn tokens(&self, _: &Admin) -> Result<Vec<ApiToken>, StoreError> {
        self.look_up(|conn| {
            let mut statement = conn.prepare_cached("SELECT * FROM tokens ORDER BY name, id")?;
            Ok(statement.query_map([], token)?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Stores a new long-lived token, and sets its id and stamps.
    ///
    /// # Errors
    /// The rules it breaks; [`StoreError::Integrity`] for a name that another token has; [`StoreError::Repeated`].
    pub async fn create_token(
        &self,
        by: &Admin,
        key: Option<FormKey>,
        token: ApiToken,
        hash: SecretHash,
    ) -> Result<ApiToken, StoreError> {
        let who = by.caller().clone();
        self.write(move |tx| {
            once(tx, &who, key.as_ref(), |tx| insert_token(tx, &who, token, &hash), |token| token.id.0)
        })
        .await
    }

    /// Ends a long-lived token at once.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn revoke_token(&self, by: &Admin, id: TokenId) -> Result<(), StoreError> {
        let who = by.caller().clone();
        self.write(move |tx| {
            let before = audit_note::snapshot(tx.conn, "tokens", id.0)?;
            match tx.conn.execute("DELETE FROM tokens WHERE id = ?1", [id])? {
                0 => Err(StoreError::not_found("token", id)),
                _ => audit_note::note(tx, &who, "tokens", id.0, before),
            }
        })
        .await
    }
}

/// The audit log could not distinguish two tokens of one name.
fn name_is_free(conn: &Connection, name: &str) -> Result<(), StoreError> {
    let sql = "SELECT id FROM tokens WHERE name = ?1 COLLATE NOCASE";
    let other: Option<TokenId> = conn.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?;
    other.map_or(Ok(()), |other| {
        Err(StoreError::Integrity(format!("name {name:?} is already used by token {other}; choose another")))
    })
}

fn token(row: &Row<'_>) -> rusqlite::Result<ApiToken> {
    Ok(ApiToken {
        id: get(row, "id")?,
        name: get(row, "name")?,
        role: get(row, "role")?,
        advertiser_id: get(row, "advertiser_id")?,
        created_on: get(row, "created_on")?,
        last_used: get(row, "last_used")?,
    })
}
