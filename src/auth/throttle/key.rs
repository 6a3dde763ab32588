//! The keys of the throttle: hashes, so that no name or address that a stranger sends takes room.

use std::net::IpAddr;

use sha2::{Digest, Sha256};

use crate::domain::{SecretHash, UserId, network_of};

/// A hash of what is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::auth) struct Key([u8; 16]);

impl Key {
    fn of(kind: &str, parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new_with_prefix(kind);
        for part in parts {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        let full: [u8; 32] = hash.finalize().into();
        let mut key = [0; 16];
        key.copy_from_slice(&full[..16]);
        Key(key)
    }

    /// The network of an address.
    pub(in crate::auth) fn network(address: Option<IpAddr>) -> Self {
        Key::of("network", &[network_of(address).to_string().as_bytes()])
    }

    /// A network that guesses at one account.
    pub(super) fn pair(account: &Account, network: Key) -> Self {
        Key::of("pair", &[&account.key.0, &network.0])
    }

    /// A known browser that guesses at its account.
    pub(in crate::auth) fn browser(account: &Account, nonce: &str) -> Self {
        Key::of("browser", &[&account.key.0, nonce.as_bytes()])
    }

    /// A session whose user types the current password.
    pub(in crate::auth) fn session(account: &Account, session: SecretHash) -> Self {
        Key::of("session", &[&account.key.0, &session.0])
    }
}

/// The target of a guess. A new password makes another target, so that the waits of the old one end, also when another
/// process sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::auth) struct Account {
    /// None for a name that no user has, and for the set-up code.
    pub id: Option<UserId>,
    pub key: Key,
}

impl Account {
    pub(in crate::auth) fn of_user(id: UserId, password_hash: &str) -> Self {
        Account { id: Some(id), key: Key::of("user", &[&id.0.to_be_bytes(), password_hash.as_bytes()]) }
    }

    /// Ignores the case of the name, as the look-up of users does.
    pub(in crate::auth) fn of_nobody(username: &str) -> Self {
        Account { id: None, key: Key::of("name", &[username.to_lowercase().as_bytes()]) }
    }

    pub(in crate::auth) fn setup() -> Self {
        Account { id: None, key: Key::of("set-up", &[]) }
    }
}
