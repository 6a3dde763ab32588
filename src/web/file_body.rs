//! A file as the body of an answer, read piece by piece on a thread for blocking work.

use std::fs::File;
use std::future::Future;
use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use tokio::task::{JoinHandle, spawn_blocking};

/// Bytes read at a time.
const PIECE: usize = 64 * 1024;

type Reading = JoinHandle<io::Result<(File, Bytes)>>;

/// See the head of this file.
pub struct FileBody {
    size: u64,
    left: u64,
    file: Option<File>,
    reading: Option<Reading>,
}

impl FileBody {
    /// The whole of an open file.
    ///
    /// # Errors
    /// A file whose size cannot be told.
    pub fn new(file: File) -> io::Result<Self> {
        let size = file.metadata()?.len();
        Ok(FileBody { size, left: size, file: Some(file), reading: None })
    }
}

impl MessageBody for FileBody {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.size)
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        if let Some(file) = self.file.take() {
            let most = usize::try_from(self.left).unwrap_or(PIECE).min(PIECE);
            self.reading = Some(spawn_blocking(move || piece(file, most)));
        }
        let Some(reading) = &mut self.reading else { return Poll::Ready(None) };
        let outcome = ready!(Pin::new(reading).poll(cx)).unwrap_or_else(|error| Err(io::Error::other(error)));
        self.reading = None;
        let (file, bytes) = match outcome {
            Ok(read) => read,
            Err(error) => return Poll::Ready(Some(Err(error))),
        };
        self.file = Some(file);
        self.left = self.left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Poll::Ready(Some(Ok(bytes)))
    }
}

fn piece(mut file: File, most: usize) -> io::Result<(File, Bytes)> {
    let mut bytes = vec![0; most];
    let read = file.read(&mut bytes)?;
    if read == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    bytes.truncate(read);
    Ok((file, bytes.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_file_is_sent_whole() {
        for size in [0, 1, PIECE, 3 * PIECE + 5] {
            let file = tempfile::NamedTempFile::new().unwrap();
            let bytes: Vec<u8> = (0..size).map(|n| u8::try_from(n % 251).unwrap()).collect();
            std::fs::write(file.path(), &bytes).unwrap();
            let body = FileBody::new(File::open(file.path()).unwrap()).unwrap();
            assert_eq!(actix_web::body::to_bytes(body).await.unwrap(), bytes, "{size}");
        }
    }
}
