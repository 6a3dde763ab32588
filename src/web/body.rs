//! Reads a whole request body within a limit of length and a limit of time.

use std::time::Duration;

use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::StreamExt;

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// Longer than it takes to send the answer and close the connection.
const UNTIL_ANSWERED: Duration = Duration::from_secs(5);

/// Why a body cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is longer than allowed.
    #[error("it is longer than allowed")]
    TooLong,
    /// It did not arrive in time, or stopped half-way.
    #[error("it did not arrive in time, or not whole")]
    Incomplete,
}

/// Reads at most `most` bytes. Nothing more is read of a refused body, and the connection closes after the answer.
///
/// # Errors
/// See [`BodyError`].
pub async fn read(mut body: Payload, most: usize) -> Result<Bytes, BodyError> {
    let read = tokio::time::timeout(PATIENCE, whole(&mut body, most)).await;
    let read = read.unwrap_or(Err(BodyError::Incomplete));
    if read.is_err() {
        // When a chunked body is dropped, actix reads it to its end, however long that takes, to serve the next request.
        // While the body is kept, actix closes the connection after the answer.
        actix_web::rt::spawn(async {
            tokio::time::sleep(UNTIL_ANSWERED).await;
            drop(body);
        });
    }
    read
}

async fn whole(body: &mut Payload, most: usize) -> Result<Bytes, BodyError> {
    let mut whole = BytesMut::new();
    while let Some(part) = body.next().await {
        let part = part.map_err(|_| BodyError::Incomplete)?;
        if whole.len() + part.len() > most {
            return Err(BodyError::TooLong);
        }
        whole.extend_from_slice(&part);
    }
    Ok(whole.freeze())
}
