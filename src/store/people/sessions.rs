//! Sessions by the SHA-256 of their secret. The secrets themselves never get here. `auth` decides how long a session lives.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::json;

use crate::domain::{Caller, Millis, Scope, SecretHash, Session, SessionKind, User, UserId};
use crate::store::db::list;
use crate::store::db::sql_types::get;
use crate::store::definitions::audit_note;
use crate::store::{Store, StoreError, Tx};

const COLUMNS: &str = "secret_hash, kind, user_id, created_on, last_used, user_agent, ip";

impl Store {
    /// Stores a new session, and notes when its user signed in. Deletes sessions of the same user and kind that began before `outlived`.
    pub(crate) async fn put_session(
        &self,
        hash: SecretHash,
        session: Session,
        outlived: Millis,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            let Session { kind, user_id, created_on, last_used, user_agent, ip } = session;
            let sql = "DELETE FROM sessions WHERE user_id = ?1 AND kind = ?2 AND created_on < ?3";
            tx.conn.prepare_cached(sql)?.execute(params![user_id, kind, outlived])?;
            let sql = format!("INSERT INTO sessions ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
            let row = params![hash.0, kind, user_id, created_on, last_used, user_agent, ip];
            tx.conn.prepare_cached(&sql)?.execute(row)?;
            let sql = "UPDATE users SET last_sign_in = ?2 WHERE id = ?1";
            tx.conn.prepare_cached(sql)?.execute(params![user_id, created_on])?;
            Ok(())
        })
        .await
    }

    /// A session and its user.
    pub(crate) async fn session(&self, hash: SecretHash) -> Result<Option<(Session, User)>, StoreError> {
        self.look_up(move |conn| {
            let sql = format!("SELECT {COLUMNS} FROM sessions WHERE secret_hash = ?1");
            let Some((_, session)) = conn.prepare_cached(&sql)?.query_row([hash.0], session).optional()? else {
                return Ok(None);
            };
            let user = list::find(conn, Scope::All, session.user_id.0)?;
            Ok(Some((session, user)))
        })
        .await
    }

    /// The sessions of a user, the last used first, also those that have ended by time.
    pub(crate) async fn sessions_of(&self, user: UserId) -> Result<Vec<(SecretHash, Session)>, StoreError> {
        self.look_up(move |conn| Ok(sessions_of(conn, user)?)).await
    }

    /// Notes that a session was used.
    pub(crate) async fn touch_session(&self, hash: SecretHash, at: Millis) -> Result<(), StoreError> {
        self.write(move |tx| {
            let sql = "UPDATE sessions SET last_used = max(last_used, ?2) WHERE secret_hash = ?1";
            tx.conn.prepare_cached(sql)?.execute(params![hash.0, at])?;
            Ok(())
        })
        .await
    }

    /// Ends a session by its secret. An unknown one is no error.
    pub(crate) async fn delete_session(&self, hash: SecretHash, kind: SessionKind) -> Result<(), StoreError> {
        self.write(move |tx| {
            tx.conn.execute("DELETE FROM sessions WHERE secret_hash = ?1 AND kind = ?2", params![hash.0, kind])?;
            Ok(())
        })
        .await
    }

    /// Ends these sessions, and writes each into the audit log. The ones that are gone already are no error.
    pub(crate) async fn end_sessions(&self, who: Caller, hashes: Vec<SecretHash>) -> Result<(), StoreError> {
        self.write(move |tx| hashes.into_iter().try_for_each(|hash| end(tx, &who, hash))).await
    }
}

fn end(tx: &Tx<'_>, who: &Caller, hash: SecretHash) -> Result<(), StoreError> {
    let sql = format!("DELETE FROM sessions WHERE secret_hash = ?1 RETURNING {COLUMNS}");
    let Some((_, session)) = tx.conn.prepare_cached(&sql)?.query_row([hash.0], session).optional()? else {
        return Ok(());
    };
    let columns = [
        ("session_id", json!(hash.session_id().0)),
        ("kind", json!(session.kind.as_str())),
        ("user_agent", json!(session.user_agent)),
        ("ip", json!(session.ip)),
        ("created_on", json!(session.created_on.0)),
    ];
    let columns = columns.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    audit_note::note_session(tx, who, session.user_id.0, columns)
}

fn sessions_of(conn: &Connection, user: UserId) -> rusqlite::Result<Vec<(SecretHash, Session)>> {
    let sql = format!("SELECT {COLUMNS} FROM sessions WHERE user_id = ?1 ORDER BY last_used DESC, created_on DESC");
    conn.prepare_cached(&sql)?.query_map([user], session)?.collect()
}

fn session(row: &Row<'_>) -> rusqlite::Result<(SecretHash, Session)> {
    let session = Session {
        kind: get(row, "kind")?,
        user_id: get(row, "user_id")?,
        created_on: get(row, "created_on")?,
        last_used: get(row, "last_used")?,
        user_agent: get(row, "user_agent")?,
        ip: get(row, "ip")?,
    };
    Ok((SecretHash(row.get("secret_hash")?), session))
}
