//! Reads a request's body whole, with an end to both its length and the time it may take.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use actix_web::body::{BodyStream, MessageBody};
use actix_web::web::{Bytes, BytesMut, Payload};

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// For longer than it takes to answer, and then to hang up.
const UNTIL_ANSWERED: Duration = Duration::from_secs(5);

/// Why a body cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is longer than allowed.
    #[error("it is longer than allowed")]
    TooLong,
    /// It did not arrive in time, or stopped half-way.
    #[error("it did not arrive in time, or not whole")]
    Incomplete,
}

/// Reads at most so many bytes. Of a body that is refused nothing more is read, and the connection ends with the answer.
///
/// # Errors
/// See [`BodyError`].
pub async fn read(payload: Payload, most: usize) -> Result<Bytes, BodyError> {
    let mut body = Box::pin(BodyStream::new(payload));
    let read = tokio::time::timeout(PATIENCE, whole(body.as_mut(), most)).await;
    let read = read.unwrap_or(Err(BodyError::Incomplete));
    if read.is_err() {
        // Once it is dropped, actix reads a chunked body on to its end, however long that takes, for the sake of the
        // next request; while it is kept, the connection is closed after the answer.
        actix_web::rt::spawn(async {
            tokio::time::sleep(UNTIL_ANSWERED).await;
            drop(body);
        });
    }
    read
}

async fn whole(mut body: Pin<&mut BodyStream<Payload>>, most: usize) -> Result<Bytes, BodyError> {
    let mut whole = BytesMut::new();
    while let Some(part) = poll_fn(|context| body.as_mut().poll_next(context)).await {
        let part = part.map_err(|_| BodyError::Incomplete)?;
        if whole.len() + part.len() > most {
            return Err(BodyError::TooLong);
        }
        whole.extend_from_slice(&part);
    }
    Ok(whole.freeze())
}
