//! The lifetime of sessions, and the caller behind a secret. Each request reads the database, so that a change from the
//! shell takes effect at once. The last use is written at most once a minute.

use super::{Origin, Secret, hash_of};
use crate::domain::{Caller, Millis, SecretHash, Session, SessionKind, Status, User, UserId};
use crate::store::{Store, StoreError};

/// A use is recorded only if the last recorded one is at least this old, in milliseconds.
const TOUCH_AFTER: i64 = 60_000;

/// The most characters of a `User-Agent` that are kept.
const MAX_USER_AGENT: usize = 255;

/// Why a secret is refused.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// It belongs to no session of this kind and to no API token.
    #[error("the token is unknown; sign in again")]
    Unknown,
    /// Its session has ended.
    #[error("the token has expired; sign in again")]
    Expired,
    /// Its user is inactive.
    #[error("this account is inactive; ask an admin to activate it")]
    Disabled,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How long a session lives after its last use, and at most, in milliseconds (`docs/rules/api.md`, *Auth*).
fn lifetime(kind: SessionKind) -> (i64, i64) {
    match kind {
        SessionKind::Api => (2 * Millis::HOUR, Millis::DAY),
        SessionKind::Browser => (12 * Millis::HOUR, 7 * Millis::DAY),
    }
}

pub(super) async fn begin(
    store: &Store,
    kind: SessionKind,
    user_id: UserId,
    origin: &Origin,
) -> Result<Secret, StoreError> {
    let secret = Secret::random()?;
    let now = store.clock().now();
    let user_agent = origin.user_agent.as_ref().map(|text| text.chars().take(MAX_USER_AGENT).collect());
    let ip = origin.shown_address.clone();
    let session = Session { kind, user_id, created_on: now, last_used: now, user_agent, ip };
    let (_, longest) = lifetime(kind);
    store.put_session(hash_of(secret.expose()), session, now.plus(-longest)).await?;
    Ok(secret)
}

pub(super) async fn caller(store: &Store, kind: SessionKind, hash: SecretHash) -> Result<Caller, TokenError> {
    let now = store.clock().now();
    match store.session(hash).await? {
        Some((session, user)) => {
            check(&session, kind, now)?;
            if user.state == Status::Inactive {
                return Err(TokenError::Disabled);
            }
            if now.since(session.last_used) >= TOUCH_AFTER {
                warn_of_failure(store.touch_session(hash, now).await);
            }
            Ok(caller_of(&user))
        }
        None if kind == SessionKind::Api => long_lived(store, hash, now).await,
        None => Err(TokenError::Unknown),
    }
}

/// Whether a session has not ended by time.
pub(super) fn is_open(session: &Session, now: Millis) -> bool {
    check(session, session.kind, now).is_ok()
}

fn check(session: &Session, kind: SessionKind, now: Millis) -> Result<(), TokenError> {
    if session.kind != kind {
        return Err(TokenError::Unknown);
    }
    let (idle, longest) = lifetime(kind);
    if now.since(session.last_used) > idle || now.since(session.created_on) > longest {
        return Err(TokenError::Expired);
    }
    Ok(())
}

async fn long_lived(store: &Store, hash: SecretHash, now: Millis) -> Result<Caller, TokenError> {
    let Some(token) = store.token(hash).await? else { return Err(TokenError::Unknown) };
    if token.last_used.is_none_or(|used| now.since(used) >= TOUCH_AFTER) {
        warn_of_failure(store.touch_token(token.id, now).await);
    }
    Ok(Caller { user_id: None, token_id: Some(token.id), scope: token.scope(), name: token.name, role: token.role })
}

pub(super) fn caller_of(user: &User) -> Caller {
    Caller { user_id: Some(user.id), token_id: None, name: user.username.clone(), role: user.role, scope: user.scope() }
}

/// Logs that a use could not be recorded. The request goes on, so that users can look around while the disk is full.
/// The store itself logs an outage, once instead of on each request.
fn warn_of_failure(touched: Result<(), StoreError>) {
    if let Err(error) = touched
        && !matches!(error, StoreError::Unavailable(_) | StoreError::Overloaded)
    {
        tracing::warn!(%error, "the use of a session could not be noted");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_end_by_idleness_and_by_age() {
        let begun = Millis(1_000_000);
        let session = |used| Session {
            kind: SessionKind::Api,
            user_id: UserId(1),
            created_on: begun,
            last_used: begun.plus(used),
            user_agent: None,
            ip: None,
        };
        let after = |used, now| check(&session(used), SessionKind::Api, begun.plus(now)).map_err(|e| e.to_string());
        let (hour, expired) = (Millis::HOUR, Err("the token has expired; sign in again".to_owned()));
        assert_eq!(after(0, 2 * hour), Ok(()));
        assert_eq!(after(0, 2 * hour + 1), expired);
        assert_eq!(after(hour, 3 * hour), Ok(()));
        assert_eq!(after(23 * hour, 24 * hour), Ok(()));
        assert_eq!(after(23 * hour, 24 * hour + 1), expired);
        assert_eq!(after(hour, -5 * hour), Ok(()), "a clock that was set back ends nothing");
    }
}
