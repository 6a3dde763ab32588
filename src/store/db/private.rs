//! The data directory is for its owner alone.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;

/// Makes a directory, with those above it, that its owner alone may enter. One that exists stays as it is.
///
/// # Errors
/// It cannot be made.
pub fn make_directory(directory: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)
}

/// Says so in the log if every user of the machine may enter the directory. It may be so on purpose, so it stays.
pub fn warn_if_open(directory: &Path) {
    if std::fs::metadata(directory).is_ok_and(|found| found.mode() & 0o005 != 0) {
        let directory = directory.display();
        tracing::warn!(
            "every user of this machine can read {directory}, with its password hashes and keys; close it with: \
             chmod 700 {directory}"
        );
    }
}
