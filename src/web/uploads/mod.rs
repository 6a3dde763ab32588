//! Files that users upload: kept without a name beside the data, until they are used or an hour has passed.

mod reader;
mod receive;

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

pub use reader::UploadReader;
pub use receive::{FileForm, UploadError, receive};

use crate::domain::Millis;

/// How long a file stays after it was last used.
pub const KEPT_FOR: i64 = 60 * 60 * 1000;
/// The most files of one session. The oldest goes.
const MOST_OF_SESSION: usize = 3;
/// The most files of all sessions.
const MOST: usize = 20;
/// The most bytes of all files.
const MOST_BYTES: u64 = 1024 * 1024 * 1024;

/// A file that a user sent. The system removes it with the last reader, even if pixeld dies.
#[derive(Clone, Debug)]
pub struct UploadedFile {
    file: Arc<File>,
    /// As the user's system calls it, without folders.
    pub name: String,
    pub length: u64,
    /// SHA-256 in hexadecimal digits.
    pub hash: String,
}

impl UploadedFile {
    pub fn reader(&self) -> UploadReader {
        UploadReader::new(Arc::clone(&self.file), self.length)
    }
}

/// A file with what its user has chosen for it so far.
#[derive(Clone, Debug)]
pub struct Upload {
    pub file: UploadedFile,
    /// Choices in the form of the page that reads the file.
    pub choices: String,
    owner: String,
    used_at: Millis,
}

/// The files of all sessions, by their keys.
#[derive(Debug)]
pub struct Uploads {
    directory: PathBuf,
    files: Mutex<HashMap<String, Upload>>,
}

impl Uploads {
    /// Keeps files in this directory.
    pub fn new(directory: &Path) -> Self {
        Uploads { directory: directory.to_owned(), files: Mutex::default() }
    }

    /// A new file without a name, which only this user of the system can read.
    ///
    /// # Errors
    /// The disk is full, or another fault of it.
    fn create(&self) -> io::Result<File> {
        tempfile::tempfile_in(&self.directory)
    }

    /// Keeps a file for the session with this secret. Returns its key; none if the files of others leave no room.
    pub fn keep(&self, secret: &str, file: UploadedFile, choices: String, now: Millis) -> Option<String> {
        let owner = owner(secret);
        let mut files = self.lock(now);
        let mut own: Vec<(Millis, String)> = files
            .iter()
            .filter(|(_, upload)| upload.owner == owner)
            .map(|(key, upload)| (upload.used_at, key.clone()))
            .collect();
        own.sort();
        for (_, key) in own.iter().rev().skip(MOST_OF_SESSION - 1) {
            files.remove(key);
        }
        let bytes: u64 = files.values().map(|upload| upload.file.length).sum();
        if files.len() >= MOST || bytes + file.length > MOST_BYTES {
            return None;
        }
        let mut key = [0_u8; 16];
        getrandom::fill(&mut key).ok()?;
        let key = hex::encode(key);
        files.insert(key.clone(), Upload { file, choices, owner, used_at: now });
        Some(key)
    }

    /// The file of this key, for the session that sent it.
    pub fn find(&self, secret: &str, key: &str, now: Millis) -> Option<Upload> {
        let mut files = self.lock(now);
        let upload = files.get_mut(key).filter(|upload| upload.owner == owner(secret))?;
        upload.used_at = now;
        Some(upload.clone())
    }

    /// Notes what the session chose for its file.
    pub fn choose(&self, secret: &str, key: &str, choices: String, now: Millis) {
        if let Some(upload) = self.lock(now).get_mut(key).filter(|upload| upload.owner == owner(secret)) {
            upload.choices = choices;
        }
    }

    /// Removes a file. Returns whether it was still there, so that one file is imported once.
    pub fn remove(&self, secret: &str, key: &str, now: Millis) -> bool {
        let mut files = self.lock(now);
        let is_own = files.get(key).is_some_and(|upload| upload.owner == owner(secret));
        is_own && files.remove(key).is_some()
    }

    /// Puts a file back whose import failed.
    pub fn put_back(&self, key: &str, upload: Upload, now: Millis) {
        self.lock(now).insert(key.to_owned(), upload);
    }

    /// The files that have not expired.
    fn lock(&self, now: Millis) -> MutexGuard<'_, HashMap<String, Upload>> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.retain(|_, upload| now.0.saturating_sub(upload.used_at.0) < KEPT_FOR);
        files
    }
}

/// Names a session without its secret.
fn owner(secret: &str) -> String {
    hex::encode(Sha256::digest(secret))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek, SeekFrom, Write};

    use super::*;

    fn file(uploads: &Uploads, text: &str) -> UploadedFile {
        let mut file = uploads.create().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let length = text.len() as u64;
        UploadedFile { file: Arc::new(file), name: "a.csv".to_owned(), length, hash: String::new() }
    }

    #[test]
    fn a_file_belongs_to_its_session_and_expires() {
        let directory = tempfile::tempdir().unwrap();
        let uploads = Uploads::new(directory.path());
        let now = Millis(1_000_000_000_000);
        let key = uploads.keep("anna", file(&uploads, "day,cost"), "a=b".to_owned(), now).unwrap();
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "a file without a name");
        assert!(uploads.find("bert", &key, now).is_none());
        assert!(!uploads.remove("bert", &key, now));
        let upload = uploads.find("anna", &key, now).unwrap();
        let (mut one, mut two) = (upload.file.reader(), upload.file.reader());
        let mut text = String::new();
        one.seek(SeekFrom::Start(4)).unwrap();
        one.read_to_string(&mut text).unwrap();
        two.read_to_string(&mut text).unwrap();
        assert_eq!(text, "costday,cost", "readers do not move each other");
        uploads.choose("anna", &key, "c=d".to_owned(), now);
        assert_eq!(uploads.find("anna", &key, now.plus(KEPT_FOR - 1)).unwrap().choices, "c=d");
        assert!(uploads.find("anna", &key, now.plus(2 * KEPT_FOR - 1)).is_none());
    }

    #[test]
    fn a_session_and_all_have_their_most() {
        let directory = tempfile::tempdir().unwrap();
        let uploads = Uploads::new(directory.path());
        let keep = |who: &str, at: i64| uploads.keep(who, file(&uploads, "x"), String::new(), Millis(at));
        let keys: Vec<String> = (0..5).map(|at| keep("anna", at).unwrap()).collect();
        let is_there: Vec<bool> = keys.iter().map(|key| uploads.find("anna", key, Millis(5)).is_some()).collect();
        assert_eq!(is_there, [false, false, true, true, true]);
        for who in 0..MOST - MOST_OF_SESSION {
            assert!(keep(&who.to_string(), 6).is_some());
        }
        assert!(keep("late", 7).is_none());
        assert!(uploads.find("anna", &keys[4], Millis(6)).is_some());
        assert!(keep("anna", 7).is_some(), "the one that was used longest ago goes for it");
        let upload = uploads.find("anna", &keys[4], Millis(8)).unwrap();
        assert!(uploads.remove("anna", &keys[4], Millis(8)) && !uploads.remove("anna", &keys[4], Millis(8)));
        uploads.put_back(&keys[4], upload, Millis(8));
        assert!(uploads.find("anna", &keys[4], Millis(8)).is_some());
    }
}
