//! Hashes and checks passwords with argon2id, on threads for blocking work and only so many at a time: each takes
//! 19 MiB and a core for some 20 ms.

use std::sync::Arc;

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::store::StoreError;

/// Checked against when there is no such user, so that the answer takes as long. No password is known for it.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$QKdnsTYZ+a/1tICOp75FPQ$scHxkl5Rqnj4a6fCp4KFXqe4bIz27kbBUGBizM4slDg";

/// Hashes and checks as many passwords at a time as there are cores.
pub(super) struct Hasher(Arc<Semaphore>);

impl Default for Hasher {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Hasher(Arc::new(Semaphore::new(cores)))
    }
}

/// A turn to hash or check one password.
pub(super) struct Turn(OwnedSemaphorePermit);

impl Hasher {
    /// Waits for a turn.
    pub(super) async fn turn(&self) -> Result<Turn, StoreError> {
        self.0.clone().acquire_owned().await.map(Turn).map_err(StoreError::fault)
    }

    /// Hashes a password with a salt of its own, for storing.
    pub(super) async fn hash(&self, password: String) -> Result<String, StoreError> {
        let turn = self.turn().await?;
        let hash = move || {
            let hash = Argon2::default().hash_password(password.as_bytes());
            drop(turn);
            hash.map(|hash| hash.to_string())
        };
        tokio::task::spawn_blocking(hash).await.map_err(StoreError::fault)?.map_err(StoreError::fault)
    }
}

impl Turn {
    /// Whether the password is the one that was hashed. Without a hash it never is, and takes as long to say so.
    pub(super) async fn verify(self, password: String, hash: Option<String>) -> Result<bool, StoreError> {
        let verify = move || {
            let parsed = PasswordHash::new(hash.as_deref().unwrap_or(NOBODY)).map_err(StoreError::fault)?;
            let right = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
            drop(self.0);
            Ok(right && hash.is_some())
        };
        tokio::task::spawn_blocking(verify).await.map_err(StoreError::fault)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_password_verifies_against_its_own_hash_alone() {
        let hasher = Hasher::default();
        let hash = hasher.hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        for (password, right) in [("correct horse", true), ("Correct horse", false), ("", false)] {
            let turn = hasher.turn().await.unwrap();
            assert_eq!(turn.verify(password.to_owned(), Some(hash.clone())).await.unwrap(), right, "{password}");
        }
    }

    #[actix_web::test]
    async fn nobody_costs_what_somebody_costs() {
        let hasher = Hasher::default();
        assert!(!hasher.turn().await.unwrap().verify("x".to_owned(), None).await.unwrap());
        let somebody = hasher.hash("x".to_owned()).await.unwrap();
        let cost = |hash: &str| PasswordHash::new(hash).unwrap().params.to_string();
        assert_eq!(cost(NOBODY), cost(&somebody));
    }
}
