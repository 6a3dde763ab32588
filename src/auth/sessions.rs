//! The open sessions of a user, and their end by the user or an admin.

use super::{Auth, hash_of, session};
use crate::domain::{Admin, Caller, SecretHash, Session, SessionId, UserId};
use crate::store::StoreError;

/// A session that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSession {
    pub id: SessionId,
    pub session: Session,
    /// Whether it is the one that asks.
    pub is_current: bool,
}

impl Auth {
    /// The caller's own open sessions, the last used first. `secret` is that of the session that asks.
    ///
    /// # Errors
    /// Database faults.
    pub async fn own_sessions(&self, caller: &Caller, secret: &str) -> Result<Vec<OpenSession>, StoreError> {
        match caller.user_id {
            Some(id) => self.open_sessions(id, hash_of(secret)).await,
            None => Ok(Vec::new()),
        }
    }

    /// The open sessions of any user, the last used first.
    ///
    /// # Errors
    /// An unknown user.
    pub async fn sessions_of(&self, by: &Admin, user: UserId, secret: &str) -> Result<Vec<OpenSession>, StoreError> {
        self.0.store.user(by, user).await?;
        self.open_sessions(user, hash_of(secret)).await
    }

    /// Ends one of the caller's own sessions.
    ///
    /// # Errors
    /// The caller has no such session.
    pub async fn end_own_session(&self, caller: &Caller, id: SessionId) -> Result<(), StoreError> {
        let not_found = || StoreError::not_found("session", id);
        self.end_session(caller, caller.user_id.ok_or_else(not_found)?, id).await
    }

    /// Ends a session of any user.
    ///
    /// # Errors
    /// The user has no such session.
    pub async fn end_session_of(&self, by: &Admin, user: UserId, id: SessionId) -> Result<(), StoreError> {
        self.end_session(by.caller(), user, id).await
    }

    /// Ends the caller's own sessions except the one with this secret.
    ///
    /// # Errors
    /// Database faults.
    pub async fn end_other_sessions(&self, caller: &Caller, secret: &str) -> Result<(), StoreError> {
        let Some(user) = caller.user_id else { return Ok(()) };
        self.end_all(caller, user, Some(hash_of(secret))).await
    }

    /// Ends all sessions of any user.
    ///
    /// # Errors
    /// Database faults.
    pub async fn end_sessions_of(&self, by: &Admin, user: UserId) -> Result<(), StoreError> {
        self.end_all(by.caller(), user, None).await
    }

    async fn open_sessions(&self, user: UserId, current: SecretHash) -> Result<Vec<OpenSession>, StoreError> {
        let now = self.0.store.clock().now();
        let sessions = self.0.store.sessions_of(user).await?.into_iter();
        let open = sessions.filter(|(_, session)| session::is_open(session, now));
        let open =
            open.map(|(hash, session)| OpenSession { id: hash.session_id(), session, is_current: hash == current });
        Ok(open.collect())
    }

    async fn end_session(&self, who: &Caller, user: UserId, id: SessionId) -> Result<(), StoreError> {
        let sessions = self.0.store.sessions_of(user).await?.into_iter().map(|(hash, _)| hash);
        let named: Vec<_> = sessions.filter(|hash| hash.session_id() == id).collect();
        if named.is_empty() {
            return Err(StoreError::not_found("session", id));
        }
        self.0.store.end_sessions(who.clone(), named).await
    }

    async fn end_all(&self, who: &Caller, user: UserId, keep: Option<SecretHash>) -> Result<(), StoreError> {
        let sessions = self.0.store.sessions_of(user).await?.into_iter().map(|(hash, _)| hash);
        self.0.store.end_sessions(who.clone(), sessions.filter(|hash| Some(*hash) != keep).collect()).await
    }
}
