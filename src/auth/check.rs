//! Checks typed passwords and set-up codes under the throttle.

use super::throttle::{Account, Guess, Guesser, Key};
use super::{Auth, Inner, Origin, SetupError, SignInError};
use crate::domain::{MAX_USERNAME, SecretHash, User, UserId};
use crate::store::StoreError;

/// The longest password that is checked, in bytes. No stored password is longer: 64 characters.
const MAX_PASSWORD_BYTES: usize = 1_024;

impl Auth {
    /// The user with this name, if the password is right. Every refusal takes the same time, except of what no user can
    /// have, which nothing remembers. `session` is that of a signed-in user.
    pub(super) async fn check_password(
        &self,
        username: &str,
        password: &str,
        origin: &Origin,
        session: Option<SecretHash>,
    ) -> Result<User, SignInError> {
        let Inner { store, hasher, throttle, .. } = &*self.0;
        if !can_exist(username, password) {
            return Err(SignInError::Wrong);
        }
        let now = || store.clock().now();
        let (user, hash) = store.credentials(username.to_owned()).await?.unzip();
        let guess = self.guess(username, user.as_ref().zip(hash.as_deref()), origin, session);
        let refuse = |retry_after| {
            throttle.record_refusal(&guess, now());
            SignInError::Throttled { retry_after }
        };
        throttle.take(&guess, now()).map_err(refuse)?;
        let turn = hasher.turn().await?;
        // Checks again after the wait for a turn: other guesses may have failed meanwhile.
        if let Err(retry_after) = throttle.check(&guess, now()) {
            throttle.give_back(&guess, now());
            return Err(refuse(retry_after));
        }
        match turn.verify(password.to_owned(), hash).await {
            Ok(right) => match user.filter(|_| right) {
                Some(user) => {
                    throttle.record_success(&guess, now());
                    Ok(user)
                }
                None => {
                    throttle.record_failure(&guess, now());
                    Err(SignInError::Wrong)
                }
            },
            Err(error) => {
                throttle.give_back(&guess, now());
                Err(error.into())
            }
        }
    }

    fn guess(
        &self,
        username: &str,
        found: Option<(&User, &str)>,
        origin: &Origin,
        session: Option<SecretHash>,
    ) -> Guess {
        let now = self.0.store.clock().now();
        let stranger = Guesser::Stranger { network: Key::network(origin.address), forwards: origin.forwards };
        let Some((user, hash)) = found else {
            return Guess { account: Account::of_nobody(username), from: stranger };
        };
        let account = Account::of_user(user.id, hash);
        let browser = self.0.browsers.name(origin.browser.as_deref(), user.id, hash, now);
        let from = match (session, browser) {
            (Some(session), _) => Guesser::Known(Key::session(&account, session)),
            (None, Some(name)) => Guesser::Known(Key::browser(&account, name)),
            (None, None) => stranger,
        };
        Guess { account, from }
    }

    /// The value of the cookie by which the browser of a signed-in user is known from now on.
    ///
    /// # Errors
    /// Database faults; no randomness.
    pub async fn known_browser(&self, user: UserId, origin: &Origin) -> Result<String, StoreError> {
        let hash = self.0.store.password_hash(user).await?;
        self.0.browsers.add(origin.browser.as_deref(), user, &hash, self.0.store.clock().now())
    }

    pub(super) fn check_setup_code(&self, code: &str, origin: &Origin) -> Result<(), SetupError> {
        let Inner { store, throttle, setup, .. } = &*self.0;
        let now = store.clock().now();
        let network = Key::network(origin.address);
        let from = Guesser::Stranger { network, forwards: origin.forwards };
        let guess = Guess { account: Account::setup(), from };
        throttle.check(&guess, now).map_err(|retry_after| SetupError::Throttled { retry_after })?;
        if setup.matches(code) {
            return Ok(());
        }
        throttle.record_failure(&guess, now);
        Err(SetupError::WrongCode)
    }
}

/// Whether a user can have this name, and this password.
fn can_exist(username: &str, password: &str) -> bool {
    !username.is_empty()
        && username.chars().take(MAX_USERNAME + 1).count() <= MAX_USERNAME
        && !username.chars().any(char::is_control)
        && password.len() <= MAX_PASSWORD_BYTES
}
