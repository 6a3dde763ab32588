//! Hashes and checks passwords with argon2id, on threads for blocking work. Each hash takes 19 MiB and a core for about
//! 20 ms, so a semaphore limits how many run at a time.

use std::sync::Arc;

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::store::StoreError;

/// Stands in for the hash of an unknown user, so that the answer takes as long. Its password is unknown.
const UNKNOWN_USER: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$QKdnsTYZ+a/1tICOp75FPQ$scHxkl5Rqnj4a6fCp4KFXqe4bIz27kbBUGBizM4slDg";

/// One permit for each core.
pub(super) struct Hasher(Arc<Semaphore>);

impl Default for Hasher {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Hasher(Arc::new(Semaphore::new(cores)))
    }
}

/// The right to hash or check one password now.
pub(super) struct Turn(OwnedSemaphorePermit);

impl Hasher {
    pub(super) async fn turn(&self) -> Result<Turn, StoreError> {
        self.0.clone().acquire_owned().await.map(Turn).map_err(StoreError::fault)
    }

    /// The hash to store, with a random salt.
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
    /// Whether the password has this hash. Without a hash the answer is no, and takes as long.
    pub(super) async fn verify(self, password: String, hash: Option<String>) -> Result<bool, StoreError> {
        let verify = move || {
            let parsed = PasswordHash::new(hash.as_deref().unwrap_or(UNKNOWN_USER)).map_err(StoreError::fault)?;
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
    async fn only_the_right_password_matches_a_hash() {
        let hasher = Hasher::default();
        let hash = hasher.hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        for (password, right) in [("correct horse", true), ("Correct horse", false), ("", false)] {
            let turn = hasher.turn().await.unwrap();
            assert_eq!(turn.verify(password.to_owned(), Some(hash.clone())).await.unwrap(), right, "{password}");
        }
    }

    #[actix_web::test]
    async fn an_unknown_user_costs_as_much_as_a_known_one() {
        let hasher = Hasher::default();
        assert!(!hasher.turn().await.unwrap().verify("x".to_owned(), None).await.unwrap());
        let known_user = hasher.hash("x".to_owned()).await.unwrap();
        let cost = |hash: &str| PasswordHash::new(hash).unwrap().params.to_string();
        assert_eq!(cost(UNKNOWN_USER), cost(&known_user));
    }
}
