//! Users, who sign in, and the long-lived tokens of scripts.

use super::password;
use crate::domain::values::words::words;
use crate::domain::{AdvertiserId, Checks, FieldError, Millis, Role, Scope, SessionId, Status, TokenId, UserId};

words! {
    /// The purpose of a session. A session of one kind is refused where the other is needed.
    SessionKind {
        /// A person in the admin pages.
        Browser = "browser",
        /// A script that got a token by `POST /auth`.
        Api = "api",
    }
}

/// The longest name of a user, in characters.
pub const MAX_USERNAME: usize = 100;

/// The SHA-256 of the secret of a session or token. The secret itself is never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SecretHash(pub [u8; 32]);

impl SecretHash {
    /// The number that names the session to people. It tells nothing of the secret.
    pub fn session_id(&self) -> SessionId {
        let [a, b, c, d, e, f, ..] = self.0;
        // 48 bits, which JavaScript holds exactly.
        SessionId(i64::from_be_bytes([0, 0, a, b, c, d, e, f]))
    }
}

/// A signed-in session, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub kind: SessionKind,
    pub user_id: UserId,
    pub created_on: Millis,
    /// To the minute.
    pub last_used: Millis,
    /// The `User-Agent` that signed in, cut.
    pub user_agent: Option<String>,
    /// The address that signed in, truncated.
    pub ip: Option<String>,
}

/// A user, without the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    /// 1 to [`MAX_USERNAME`] characters, unique regardless of case.
    pub username: String,
    pub role: Role,
    /// The user sees only this advertiser's objects.
    pub advertiser_id: Option<AdvertiserId>,
    /// An inactive user cannot sign in.
    pub state: Status,
    pub created_on: Millis,
    pub last_modified: Millis,
}

impl User {
    /// A user that sees all advertisers.
    pub fn new(username: impl Into<String>, role: Role) -> Self {
        User {
            id: UserId(0),
            username: username.into(),
            role,
            advertiser_id: None,
            state: Status::Active,
            created_on: Millis(0),
            last_modified: Millis(0),
        }
    }

    pub fn scope(&self) -> Scope {
        self.advertiser_id.map_or(Scope::All, Scope::Advertiser)
    }

    /// The rules that need no other object.
    ///
    /// # Errors
    /// Every rule that it breaks, by published field.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        checks.name("username", &self.username, MAX_USERNAME);
        checks.require(self.username.trim() == self.username, "username", || {
            "must not begin or end with a blank".to_owned()
        });
        limited_admin(&mut checks, self.role, self.advertiser_id);
        checks.done()
    }

    /// Checks a new password for this user.
    ///
    /// # Errors
    /// The rule it breaks, under the field `password`.
    pub fn check_password(&self, password: &str) -> Result<(), Vec<FieldError>> {
        password::check_password(&self.username, password)
    }
}

/// A long-lived API token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Its number.
    pub id: TokenId,
    /// Its purpose: 1 to 100 characters, unique regardless of case.
    pub name: String,
    /// Its rights.
    pub role: Role,
    /// If set, it sees only this advertiser's objects.
    pub advertiser_id: Option<AdvertiserId>,
    /// The time of its creation.
    pub created_on: Millis,
    /// When it was last used.
    pub last_used: Option<Millis>,
}

impl ApiToken {
    pub fn new(name: impl Into<String>, role: Role, advertiser_id: Option<AdvertiserId>) -> Self {
        ApiToken { id: TokenId(0), name: name.into(), role, advertiser_id, created_on: Millis(0), last_used: None }
    }

    pub fn scope(&self) -> Scope {
        self.advertiser_id.map_or(Scope::All, Scope::Advertiser)
    }

    /// The rules that need no other object.
    ///
    /// # Errors
    /// Every rule that it breaks, by published field.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        checks.name("name", &self.name, 100);
        checks.require(self.name.trim() == self.name, "name", || "must not begin or end with a blank".to_owned());
        limited_admin(&mut checks, self.role, self.advertiser_id);
        checks.done()
    }
}

fn limited_admin(checks: &mut Checks, role: Role, advertiser: Option<AdvertiserId>) {
    checks.require(advertiser.is_none() || role != Role::Admin, "advertiser_id", || {
        "cannot limit an admin; choose editor, viewer or collector".to_owned()
    });
}
