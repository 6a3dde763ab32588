//! Authentication: passwords, sessions, API tokens, exposure tokens, the throttle against guessing, and the set-up code of
//! a fresh server. It yields a [`Caller`]; `domain` decides what a caller may do. The module knows nothing of HTTP.

mod browser;
mod check;
mod exposure;
mod origin;
mod password;
mod session;
mod sessions;
mod setup;
#[cfg(test)]
mod tests;
mod throttle;

use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::domain::{Admin, ApiToken, Caller, FieldError, Role, SecretHash, SessionKind, Status, User, UserId};
use crate::store::{FormKey, Store, StoreError};

pub use exposure::{ExposureTokens, TOKEN_LENGTH, TokenExposure};
pub use origin::Origin;
pub use session::TokenError;
pub use sessions::OpenSession;
pub use setup::{SetupError, readable_secret};

/// A new secret. Its owner sees it once, and logs never print it.
pub struct Secret(String);

impl Secret {
    /// 256 random bits as hexadecimal digits.
    fn random() -> Result<Self, StoreError> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(StoreError::fault)?;
        Ok(Secret(hex::encode(bytes)))
    }

    /// The text, for its owner alone.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(...)")
    }
}

fn hash_of(secret: &str) -> SecretHash {
    SecretHash(Sha256::digest(secret.as_bytes()).into())
}

/// Why a sign-in is refused. An unknown user reads like a wrong password.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The user is unknown, or the password is wrong.
    #[error("the user name or the password is wrong")]
    Wrong,
    /// The password is right, but the account is inactive.
    #[error("this account is inactive; ask an admin to activate it")]
    Disabled,
    /// Too many wrong passwords for this account or from this address.
    #[error("too many failed sign-ins; try again in {retry_after} seconds")]
    Throttled {
        /// Seconds to wait, at least 1.
        retry_after: u64,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Signs users and scripts in. Clones are cheap and share their state.
#[derive(Clone)]
pub struct Auth(Arc<Inner>);

struct Inner {
    store: Store,
    hasher: password::Hasher,
    throttle: throttle::Throttle,
    setup: setup::SetupCode,
    exposures: ExposureTokens,
    browsers: browser::Browsers,
}

impl Auth {
    /// Makes the set-up code if there is no user yet. Blocks, so call it only while the program starts.
    ///
    /// # Errors
    /// Database faults; no randomness.
    pub fn start(store: Store) -> Result<Self, StoreError> {
        let setup = if store.has_users_now()? { setup::SetupCode::none() } else { setup::SetupCode::random()? };
        let (hasher, throttle) = (password::Hasher::default(), throttle::Throttle::default());
        let exposures = ExposureTokens::start(&store)?;
        let browsers = browser::Browsers::with_key(&store.browser_key_now()?)?;
        Ok(Auth(Arc::new(Inner { store, hasher, throttle, setup, exposures, browsers })))
    }

    /// Begins a session of this kind.
    ///
    /// # Errors
    /// See [`SignInError`].
    pub async fn sign_in(
        &self,
        kind: SessionKind,
        username: &str,
        password: &str,
        origin: &Origin,
    ) -> Result<(Secret, Caller), SignInError> {
        let user = self.check_password(username.trim(), password, origin, None).await?;
        if user.state == Status::Inactive {
            return Err(SignInError::Disabled);
        }
        let secret = session::begin(&self.0.store, kind, user.id, origin).await?;
        Ok((secret, session::caller_of(&user)))
    }

    /// The caller that this secret belongs to: by a session of this kind or, for the API, by an API token.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub async fn caller(&self, kind: SessionKind, secret: &str) -> Result<Caller, TokenError> {
        session::caller(&self.0.store, kind, hash_of(secret)).await
    }

    /// The tokens that name exposures.
    pub fn exposures(&self) -> &ExposureTokens {
        &self.0.exposures
    }

    /// Ends a session of this kind. An unknown secret is no error.
    ///
    /// # Errors
    /// Database faults.
    pub async fn sign_out(&self, kind: SessionKind, secret: &str) -> Result<(), StoreError> {
        self.0.store.delete_session(hash_of(secret), kind).await
    }

    /// # Errors
    /// The rules that the user or the password breaks; a name that another user has.
    pub async fn create_user(&self, by: &Admin, user: User, password: &str) -> Result<User, StoreError> {
        self.create_user_once(by, None, user, password).await
    }

    /// The same, but for a form's key that has created a user already.
    ///
    /// # Errors
    /// [`StoreError::Repeated`], or as [`Auth::create_user`].
    pub async fn create_user_once(
        &self,
        by: &Admin,
        key: Option<FormKey>,
        user: User,
        password: &str,
    ) -> Result<User, StoreError> {
        join(user.check(), user.check_password(password))?;
        let hash = self.0.hasher.hash(password.to_owned()).await?;
        self.0.store.create_user(by, key, user, hash).await
    }

    /// Sets the password of any user, and ends all sessions of that user.
    ///
    /// # Errors
    /// An unknown user; the rules that the password breaks.
    pub async fn set_password(&self, by: &Admin, id: UserId, password: &str) -> Result<(), StoreError> {
        self.0.store.user(by, id).await?.check_password(password)?;
        let hash = self.0.hasher.hash(password.to_owned()).await?;
        self.0.store.set_password_hash(by.caller().clone(), id, hash, None).await
    }

    /// Changes the caller's own password, and ends its sessions except the one with the secret `keep`. Strangers' guesses
    /// do not make it wait.
    ///
    /// # Errors
    /// As [`Auth::sign_in`] for the current password; the rules that the new one breaks.
    pub async fn change_password(
        &self,
        caller: &Caller,
        current: &str,
        new: &str,
        origin: &Origin,
        keep: &str,
    ) -> Result<(), SignInError> {
        let Some(id) = caller.user_id else {
            return Err(StoreError::Denied("a token has no password".to_owned()).into());
        };
        let user = self.0.store.own_user(caller).await?;
        user.check_password(new).map_err(StoreError::from)?;
        let keep = hash_of(keep);
        self.check_password(&user.username, current, origin, Some(keep)).await?;
        let hash = self.0.hasher.hash(new.to_owned()).await?;
        Ok(self.0.store.set_password_hash(caller.clone(), id, hash, Some(keep)).await?)
    }

    /// Makes an API token. Only this answer ever holds its secret.
    ///
    /// # Errors
    /// The rules that the token breaks.
    pub async fn create_token(&self, by: &Admin, token: ApiToken) -> Result<(Secret, ApiToken), StoreError> {
        self.create_token_once(by, None, token).await
    }

    /// The same, but for a form's key that has made a token already.
    ///
    /// # Errors
    /// [`StoreError::Repeated`], or as [`Auth::create_token`].
    pub async fn create_token_once(
        &self,
        by: &Admin,
        key: Option<FormKey>,
        token: ApiToken,
    ) -> Result<(Secret, ApiToken), StoreError> {
        let secret = Secret::random()?;
        let token = self.0.store.create_token(by, key, token, hash_of(secret.expose())).await?;
        Ok((secret, token))
    }

    /// The set-up code, as long as there is no user.
    pub fn setup_code(&self) -> Option<String> {
        self.0.setup.shown()
    }

    /// Whether the set-up page is open: there is no user.
    ///
    /// # Errors
    /// Database faults.
    pub async fn needs_setup(&self) -> Result<bool, StoreError> {
        if self.0.setup.shown().is_none() {
            return Ok(false);
        }
        let has_users = self.0.store.has_users().await?;
        if has_users {
            self.0.setup.void();
        }
        Ok(!has_users)
    }

    /// Names the member and creates its first admin. Takes the set-up code, which works once.
    ///
    /// # Errors
    /// A wrong code; the rules that the names and the password break, after which the code still works.
    pub async fn first_admin(
        &self,
        code: &str,
        member_name: &str,
        username: &str,
        password: &str,
        origin: &Origin,
    ) -> Result<User, SetupError> {
        self.check_setup_code(code, origin)?;
        let user = User::new(username, Role::Admin);
        join(user.check(), user.check_password(password))?;
        let hash = self.0.hasher.hash(password.to_owned()).await?;
        let user = self.0.store.first_admin(member_name.to_owned(), user, hash).await?;
        self.0.setup.void();
        Ok(user)
    }
}

/// The errors of both checks.
fn join(one: Result<(), Vec<FieldError>>, other: Result<(), Vec<FieldError>>) -> Result<(), StoreError> {
    let broken: Vec<_> = [one, other].into_iter().filter_map(Result::err).flatten().collect();
    if broken.is_empty() { Ok(()) } else { Err(broken.into()) }
}
