//! Reads a whole request body within a limit of length and a limit of time: compressed by gzip or deflate, too, and
//! without a byte order mark.

use std::io::Read;
use std::time::Duration;

use actix_web::http::header::{CONTENT_ENCODING, HeaderMap};
use actix_web::web::{Bytes, BytesMut, Payload};
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use futures_util::StreamExt;

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// Longer than it takes to send the answer and close the connection.
const UNTIL_ANSWERED: Duration = Duration::from_secs(5);

/// UTF-8's byte order mark.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The compressions that are read, for `Accept-Encoding` in an answer that refuses another one.
pub const ENCODINGS: &str = "gzip, deflate";

/// Why a body cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is longer than allowed, perhaps only once it is decompressed.
    #[error("it is longer than allowed")]
    TooLong,
    /// It did not arrive in time, or stopped half-way.
    #[error("it did not arrive in time, or not whole")]
    Incomplete,
    /// It is compressed in a way that is not read.
    #[error("its Content-Encoding is not read here; send gzip, deflate, or none")]
    UnknownEncoding,
    /// It cannot be decompressed.
    #[error("it is not what its Content-Encoding says")]
    Damaged,
    /// It is UTF-16.
    #[error("it is UTF-16; send UTF-8")]
    Utf16,
}

/// The compression of a body.
#[derive(Clone, Copy)]
enum Encoding {
    None,
    Gzip,
    Deflate,
}

impl Encoding {
    fn of(headers: &HeaderMap) -> Result<Self, BodyError> {
        let mut encodings = headers.get_all(CONTENT_ENCODING);
        let Some(encoding) = encodings.next() else { return Ok(Encoding::None) };
        if encodings.next().is_some() {
            return Err(BodyError::UnknownEncoding);
        }
        match encoding.as_bytes().trim_ascii().to_ascii_lowercase().as_slice() {
            b"" | b"identity" => Ok(Encoding::None),
            b"gzip" | b"x-gzip" => Ok(Encoding::Gzip),
            b"deflate" => Ok(Encoding::Deflate),
            _ => Err(BodyError::UnknownEncoding),
        }
    }

    fn decode(self, body: Bytes, most: usize) -> Result<Bytes, BodyError> {
        match self {
            Encoding::None => Ok(body),
            Encoding::Gzip => inflate(MultiGzDecoder::new(body.as_ref()), most),
            Encoding::Deflate if has_zlib_header(&body) => inflate(ZlibDecoder::new(body.as_ref()), most),
            // Some senders leave out the header that the standard asks for.
            Encoding::Deflate => inflate(DeflateDecoder::new(body.as_ref()), most),
        }
    }
}

/// Reads no more than one byte beyond `most`, so that a small body cannot fill the memory.
fn inflate(decoder: impl Read, most: usize) -> Result<Bytes, BodyError> {
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let mut whole = Vec::new();
    decoder.take(limit).read_to_end(&mut whole).map_err(|_| BodyError::Damaged)?;
    if whole.len() > most { Err(BodyError::TooLong) } else { Ok(whole.into()) }
}

/// By RFC 1950: the method deflate, and a checksum of the first two bytes.
fn has_zlib_header(body: &[u8]) -> bool {
    matches!(body, [first, second, ..] if first & 0x0f == 8 && (u16::from(*first) << 8 | u16::from(*second)) % 31 == 0)
}

/// Reads at most `most` bytes, decompressed. Nothing more is read of a refused body, and the connection closes after the
/// answer.
///
/// # Errors
/// See [`BodyError`].
pub async fn read(headers: &HeaderMap, mut body: Payload, most: usize) -> Result<Bytes, BodyError> {
    let encoding = Encoding::of(headers);
    let read = match encoding {
        Ok(_) => tokio::time::timeout(PATIENCE, whole(&mut body, most)).await.unwrap_or(Err(BodyError::Incomplete)),
        Err(error) => Err(error),
    };
    if read.is_err() {
        // When a chunked body is dropped, actix reads it to its end, however long that takes, to serve the next request.
        // While the body is kept, actix closes the connection after the answer.
        actix_web::rt::spawn(async {
            tokio::time::sleep(UNTIL_ANSWERED).await;
            drop(body);
        });
    }
    let body = encoding?.decode(read?, most)?;
    if is_utf16(&body) {
        return Err(BodyError::Utf16);
    }
    Ok(if body.starts_with(BYTE_ORDER_MARK) { body.slice(BYTE_ORDER_MARK.len()..) } else { body })
}

/// Whether the body begins with a byte order mark of UTF-16, or with half of an ASCII character.
fn is_utf16(body: &[u8]) -> bool {
    matches!(body, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, b' '..=b'~', ..] | [b' '..=b'~', 0, ..])
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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use proptest::prelude::*;

    use super::*;

    fn gzip(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    fn deflate(body: &[u8], header: bool) -> Vec<u8> {
        if header {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(body).unwrap();
            return encoder.finish().unwrap();
        }
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    fn decoded(encoding: Encoding, body: &[u8], most: usize) -> Result<Vec<u8>, BodyError> {
        encoding.decode(Bytes::copy_from_slice(body), most).map(|body| body.to_vec())
    }

    #[test]
    fn a_small_body_cannot_become_a_large_one() {
        let bomb = vec![b'a'; 10_000_000];
        for (encoding, body) in [
            (Encoding::Gzip, gzip(&bomb)),
            (Encoding::Deflate, deflate(&bomb, true)),
            (Encoding::Deflate, deflate(&bomb, false)),
        ] {
            assert!(body.len() < 100_000);
            assert_eq!(decoded(encoding, &body, 1_000), Err(BodyError::TooLong));
            assert_eq!(decoded(encoding, &body, bomb.len()).map(|body| body.len()), Ok(bomb.len()));
            assert_eq!(decoded(encoding, &body[..body.len() / 2], bomb.len()), Err(BodyError::Damaged));
        }
    }

    proptest! {
        #[test]
        fn a_compressed_body_is_read_as_it_was(body in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(&decoded(Encoding::Gzip, &gzip(&body), 300), &Ok(body.clone()));
            prop_assert_eq!(&decoded(Encoding::Deflate, &deflate(&body, true), 300), &Ok(body.clone()));
            prop_assert_eq!(&decoded(Encoding::Deflate, &deflate(&body, false), 300), &Ok(body.clone()));
        }

        #[test]
        fn no_body_is_too_odd(body in prop::collection::vec(any::<u8>(), 0..300)) {
            for encoding in [Encoding::None, Encoding::Gzip, Encoding::Deflate] {
                if let Ok(decoded) = decoded(encoding, &body, 1_000) {
                    prop_assert!(decoded.len() <= 1_000);
                }
            }
        }
    }
}
