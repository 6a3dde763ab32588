//! Receives a form with a file (`multipart/form-data`): its short fields into memory, its file straight to the disk. The
//! form's own checks come before the file, so a stranger's file is never kept.

use std::fs::File;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::{Bytes, Payload};
use futures_util::{Stream, StreamExt};
use multer::Multipart;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use super::{UploadedFile, Uploads};
use crate::domain::cut;
use crate::web::connection::registry::Link;

/// How long the next part of a file may take, and the whole of it.
const PATIENCE: Duration = Duration::from_secs(15);
const PATIENCE_IN_ALL: Duration = Duration::from_secs(15 * 60);
/// How long the rest of a refused file is read, so that the browser takes the answer.
const UNTIL_ANSWERED: Duration = Duration::from_secs(5);
/// The most fields before the file, and the longest, in bytes.
const MOST_FIELDS: usize = 20;
const LONGEST_FIELD: usize = 4 * 1024;
/// The longest name of a file, in characters.
const LONGEST_NAME: usize = 255;

/// Why a form with a file was not received.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    #[error("it is no form with a file")]
    NoForm,
    /// The fields before the file did not pass the check.
    #[error("the form belongs to another session")]
    Refused,
    #[error("its fields are too many or too long")]
    TooManyFields,
    #[error("the file is longer than {} MB", .0 / 1024 / 1024)]
    TooLong(u64),
    #[error("it did not arrive in time, or not whole")]
    Incomplete,
    #[error("the file cannot be kept: {0}")]
    Disk(#[from] std::io::Error),
}

/// The fields of a form and its file; none if no file was chosen.
#[derive(Debug)]
pub struct FileForm {
    pub fields: Vec<(String, String)>,
    pub file: Option<UploadedFile>,
}

/// Receives a form. `is_genuine` gets the fields before the file.
///
/// # Errors
/// See [`UploadError`]. Nothing is kept then.
pub async fn receive(
    request: &HttpRequest,
    payload: Payload,
    uploads: &Uploads,
    longest: u64,
    is_genuine: impl Fn(&[(String, String)]) -> bool,
) -> Result<FileForm, UploadError> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let boundary = header(CONTENT_TYPE).and_then(|kind| multer::parse_boundary(kind).ok());
    let length = header(CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok()).unwrap_or(0);
    let link = request.conn_data::<Link>();
    link.inspect(|link| link.wait_for_client());
    let parts = parts(payload);
    let received = match boundary {
        None => Err(UploadError::NoForm),
        // The fields around the file take some bytes, too.
        Some(_) if length > longest + (MOST_FIELDS * LONGEST_FIELD) as u64 => Err(UploadError::TooLong(longest)),
        Some(boundary) => {
            let form = read(Multipart::new(parts, boundary), uploads, longest, is_genuine);
            tokio::time::timeout(PATIENCE_IN_ALL, form).await.unwrap_or(Err(UploadError::Incomplete))
        }
    };
    link.inspect(|link| link.serve());
    received
}

/// The body in parts, each of which must come soon. A task of this thread reads it, since actix's body stays there.
fn parts(mut payload: Payload) -> impl Stream<Item = Result<Bytes, UploadError>> + Send + 'static {
    let (send, receive) = mpsc::channel(2);
    actix_web::rt::spawn(async move {
        loop {
            let part = match tokio::time::timeout(PATIENCE, payload.next()).await {
                Ok(None) => return,
                Ok(Some(part)) => part.map_err(|_| UploadError::Incomplete),
                Err(_) => Err(UploadError::Incomplete),
            };
            let is_last = part.is_err();
            if send.send(part).await.is_err() || is_last {
                break;
            }
        }
        // As with other bodies: a payload that is dropped early would be read to its end, however long that takes.
        let rest = async { while payload.next().await.is_some_and(|part| part.is_ok()) {} };
        let _ = tokio::time::timeout(UNTIL_ANSWERED, rest).await;
    });
    futures_util::stream::unfold(receive, |mut receive| async move {
        let part = receive.recv().await?;
        Some((part, receive))
    })
}

async fn read(
    mut form: Multipart<'_>,
    uploads: &Uploads,
    longest: u64,
    is_genuine: impl Fn(&[(String, String)]) -> bool,
) -> Result<FileForm, UploadError> {
    let (mut fields, mut file) = (Vec::new(), None);
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if let Some(file_name) = field.file_name() {
            if !is_genuine(&fields) {
                return Err(UploadError::Refused);
            }
            let mut kept = Receiver::new(uploads.create()?, file_name, longest);
            while let Some(part) = field.chunk().await.map_err(broken)? {
                kept.add(&part)?;
            }
            file = kept.finish()?.or(file);
            continue;
        }
        let mut text = Vec::new();
        while let Some(part) = field.chunk().await.map_err(broken)? {
            text.extend_from_slice(&part);
            if text.len() > LONGEST_FIELD {
                return Err(UploadError::TooManyFields);
            }
        }
        fields.push((name, String::from_utf8_lossy(&text).into_owned()));
        if fields.len() > MOST_FIELDS {
            return Err(UploadError::TooManyFields);
        }
    }
    if is_genuine(&fields) { Ok(FileForm { fields, file }) } else { Err(UploadError::Refused) }
}

fn broken(_: multer::Error) -> UploadError {
    UploadError::Incomplete
}

/// A file while it comes.
struct Receiver {
    file: File,
    name: String,
    length: u64,
    longest: u64,
    hash: Sha256,
}

impl Receiver {
    fn new(file: File, name: &str, longest: u64) -> Self {
        // Some browsers send the folders, too.
        let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let name: String = name.chars().filter(|sign| !sign.is_control()).collect();
        Receiver { file, name: cut(&name, LONGEST_NAME).to_owned(), length: 0, longest, hash: Sha256::new() }
    }

    fn add(&mut self, part: &[u8]) -> Result<(), UploadError> {
        self.length += part.len() as u64;
        if self.length > self.longest {
            return Err(UploadError::TooLong(self.longest));
        }
        self.hash.update(part);
        Ok(self.file.write_all(part)?)
    }

    /// None if no file was chosen: browsers send one without name and bytes then.
    fn finish(self) -> Result<Option<UploadedFile>, UploadError> {
        if self.name.is_empty() && self.length == 0 {
            return Ok(None);
        }
        let (file, hash) = (Arc::new(self.file), hex::encode(self.hash.finalize()));
        Ok(Some(UploadedFile { file, name: self.name, length: self.length, hash }))
    }
}
