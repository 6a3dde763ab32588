//! Checks that the log's file is still the one that was opened. A connection would write on into a removed or replaced file,
//! and every row since then would be lost. It only reads the file's metadata, since only SQLite may open the file.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// A file as it was when it was opened.
pub(in crate::store) struct Presence {
    file: PathBuf,
    known: (u64, u64),
}

impl Presence {
    pub(in crate::store) fn of(file: &Path) -> Result<Self, StoreError> {
        Ok(Presence { file: file.to_owned(), known: identity(&std::fs::metadata(file)?) })
    }

    /// Fails if the file was moved, replaced or emptied. It costs far less than a commit.
    pub(in crate::store) fn check(&self) -> Result<(), StoreError> {
        let gone = |what| Err(StoreError::Unavailable(format!("its file was {what}").into()));
        match std::fs::metadata(&self.file) {
            Ok(now) if identity(&now) != self.known => gone("replaced by another"),
            Ok(now) if now.len() == 0 => gone("emptied"),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => gone("removed"),
            Err(error) => Err(error.into()),
        }
    }
}

fn identity(file: &Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_no_longer_the_one_that_was_opened_is_refused() {
        let directory = tempfile::TempDir::new().unwrap();
        let (file, aside) = (directory.path().join("log"), directory.path().join("aside"));
        std::fs::write(&file, "rows").unwrap();
        let presence = Presence::of(&file).unwrap();
        let why = || presence.check().map_err(|error| error.cause());
        assert_eq!(why(), Ok(()));
        std::fs::rename(&file, &aside).unwrap();
        assert_eq!(why(), Err("its file was removed".to_owned()));
        std::fs::write(&file, "rows").unwrap();
        assert_eq!(why(), Err("its file was replaced by another".to_owned()));
        std::fs::rename(&aside, &file).unwrap();
        assert_eq!(why(), Ok(()));
        std::fs::write(&file, "").unwrap();
        assert_eq!(why(), Err("its file was emptied".to_owned()));
    }
}
