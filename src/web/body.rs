//! Reads a whole request body within limits of length, of time and of memory: compressed by gzip or deflate, too, and
//! without a byte order mark.

use std::io::Read;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use actix_web::web::{Bytes, Data, Payload};
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use futures_util::StreamExt;

use super::AppState;
use super::body_room::{BodyRoom, Share};
use super::client::Client;
use super::connection::registry::Link;

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// Longer than it takes to send the answer and close the connection.
const UNTIL_ANSWERED: Duration = Duration::from_secs(5);

/// How much of a body is unpacked at once.
const PART: usize = 16 * 1024;

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
    /// The other bodies that arrive now leave no room for it.
    #[error("too many large requests arrive at once; try again in a moment")]
    NoRoom,
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

    fn decode(self, body: Buffer, whole: Buffer) -> Result<Buffer, BodyError> {
        let packed = body.bytes.as_slice();
        match self {
            Encoding::None => Ok(body),
            Encoding::Gzip => inflate(MultiGzDecoder::new(packed), whole),
            Encoding::Deflate if has_zlib_header(packed) => inflate(ZlibDecoder::new(packed), whole),
            // Some senders leave out the header that the standard asks for.
            Encoding::Deflate => inflate(DeflateDecoder::new(packed), whole),
        }
    }
}

/// The part of a body that is here, with its share of the memory.
struct Buffer {
    bytes: Vec<u8>,
    share: Share,
    most: usize,
}

impl Buffer {
    fn new(share: Share, most: usize) -> Self {
        Buffer { bytes: Vec::new(), share, most }
    }

    /// Adds a part. The memory grows by four until it reaches `expected`, so that a claim alone costs nothing.
    fn add(&mut self, part: &[u8], expected: usize) -> Result<(), BodyError> {
        let length = self.bytes.len() + part.len();
        if length > self.most {
            return Err(BodyError::TooLong);
        }
        if length > self.bytes.capacity() {
            let capacity = (4 * self.bytes.capacity()).min(expected).max(length);
            if !self.share.grow(capacity) {
                return Err(BodyError::NoRoom);
            }
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
        self.bytes.extend_from_slice(part);
        Ok(())
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Unpacks part by part, so that a small body cannot fill the memory.
fn inflate(mut decoder: impl Read, mut whole: Buffer) -> Result<Buffer, BodyError> {
    let mut part = vec![0; PART];
    loop {
        let read = decoder.read(&mut part).map_err(|_| BodyError::Damaged)?;
        let Some(read @ [_, ..]) = part.get(..read) else { return Ok(whole) };
        whole.add(read, whole.most)?;
    }
}

/// By RFC 1950: the method deflate, and a checksum of the first two bytes.
fn has_zlib_header(body: &[u8]) -> bool {
    matches!(body, [first, second, ..] if first & 0x0f == 8 && (u16::from(*first) << 8 | u16::from(*second)) % 31 == 0)
}

/// Reads at most `most` bytes, decompressed. Nothing more is kept of a refused body, and the connection closes after the
/// answer. The body keeps its share of the memory until it is dropped.
///
/// # Errors
/// See [`BodyError`].
pub async fn read(request: &HttpRequest, payload: Payload, most: usize) -> Result<Bytes, BodyError> {
    let Some(state) = request.app_data::<Data<AppState>>() else { return Err(BodyError::NoRoom) };
    let client = Client::of(request.peer_addr(), request.headers(), &state.config.trusted_proxies);
    let share = || BodyRoom::share(&state.bodies, client.ip);
    // While the body arrives, the server waits for its client and not the client for the server.
    let link = request.conn_data::<Link>();
    link.inspect(|link| link.wait_for_client());
    let body = receive(request.headers(), payload, Buffer::new(share(), most)).await;
    link.inspect(|link| link.serve());
    let Buffer { bytes, share, .. } = Encoding::of(request.headers())?.decode(body?, Buffer::new(share(), most))?;
    if is_utf16(&bytes) {
        return Err(BodyError::Utf16);
    }
    let has_mark = bytes.starts_with(BYTE_ORDER_MARK);
    let body = Bytes::from_owner(Buffer { bytes, share, most });
    Ok(if has_mark { body.slice(BYTE_ORDER_MARK.len()..) } else { body })
}

/// Reads the body as it comes.
async fn receive(headers: &HeaderMap, mut payload: Payload, buffer: Buffer) -> Result<Buffer, BodyError> {
    let expected = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let read = match Encoding::of(headers) {
        Ok(_) if expected.is_some_and(|expected| expected > buffer.most) => Err(BodyError::TooLong),
        Ok(_) => {
            let whole = whole(&mut payload, buffer, expected);
            tokio::time::timeout(PATIENCE, whole).await.unwrap_or(Err(BodyError::Incomplete))
        }
        Err(error) => Err(error),
    };
    if read.is_err() {
        // When a chunked body is dropped, actix reads it to its end, however long that takes, to serve the next request.
        // While the body is kept, actix closes the connection after the answer. What arrives until then goes at once.
        actix_web::rt::spawn(async move {
            let rest = async { while payload.next().await.is_some_and(|part| part.is_ok()) {} };
            let _ = tokio::time::timeout(UNTIL_ANSWERED, rest).await;
            drop(payload);
        });
    }
    read
}

/// Whether the body begins with a byte order mark of UTF-16, or with half of an ASCII character.
fn is_utf16(body: &[u8]) -> bool {
    matches!(body, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, b' '..=b'~', ..] | [b' '..=b'~', 0, ..])
}

async fn whole(payload: &mut Payload, mut buffer: Buffer, expected: Option<usize>) -> Result<Buffer, BodyError> {
    let expected = expected.unwrap_or(buffer.most);
    while let Some(part) = payload.next().await {
        buffer.add(&part.map_err(|_| BodyError::Incomplete)?, expected)?;
    }
    Ok(buffer)
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
        let buffer = |bytes| Buffer { bytes, ..Buffer::new(BodyRoom::default().share(None), most) };
        encoding.decode(buffer(body.to_vec()), buffer(Vec::new())).map(|body| body.bytes)
    }

    #[test]
    fn a_small_body_cannot_become_a_large_one() {
        let bomb = vec![b'a'; 5_000_000];
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
