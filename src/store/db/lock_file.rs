//! Lock files, by which processes agree on what each of them may do. The lock belongs to the open file, so the system
//! releases it however the process ends. Database files are never locked this way: only SQLite opens those.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::store::FILE_NAME;

/// An open lock file. Dropping it releases the lock.
pub(in crate::store) struct LockFile {
    file: File,
    is_writable: bool,
}

impl LockFile {
    /// Opens the file, or creates it with the owner and the rights of the log's file.
    pub(in crate::store) fn open(directory: &Path, name: &str) -> io::Result<Self> {
        let path = directory.join(name);
        loop {
            match OpenOptions::new().read(true).write(true).create_new(true).open(&path) {
                Ok(file) => {
                    own_like_log(directory, &path)?;
                    return Ok(LockFile { file, is_writable: true });
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
            // Another process may have removed the file just now. Then this one creates it again.
            if let Some(lock) = Self::existing(&path)? {
                return Ok(lock);
            }
        }
    }

    /// Opens the file; none if it does not exist.
    pub(in crate::store) fn existing(path: &Path) -> io::Result<Option<Self>> {
        let mut is_writable = true;
        let opened = OpenOptions::new().read(true).write(true).open(path).or_else(|error| match error.kind() {
            // Reading is enough for all but `write`.
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                is_writable = false;
                File::open(path)
            }
            _ => Err(error),
        });
        match opened {
            Ok(file) => Ok(Some(LockFile { file, is_writable })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the file at this path is still the one that was opened.
    pub(in crate::store) fn is_at(&self, path: &Path) -> io::Result<bool> {
        let own = self.file.metadata()?;
        match std::fs::metadata(path) {
            Ok(there) => Ok((there.dev(), there.ino()) == (own.dev(), own.ino())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Shares the lock with other processes. Waits while one of them owns it exclusively.
    pub(in crate::store) fn share(&self) -> io::Result<()> {
        Ok(flock(&self.file, FlockOperation::LockShared)?)
    }

    /// Shares the lock, unless a process owns it exclusively.
    pub(in crate::store) fn try_share(&self) -> io::Result<bool> {
        granted(flock(&self.file, FlockOperation::NonBlockingLockShared))
    }

    /// Owns the lock exclusively, unless another process has it. Then it gives up a lock that it shared before.
    pub(in crate::store) fn try_own(&self) -> io::Result<bool> {
        granted(flock(&self.file, FlockOperation::NonBlockingLockExclusive))
    }

    /// The text in the file.
    pub(in crate::store) fn text(&self) -> io::Result<String> {
        let (mut file, mut text) = (&self.file, String::new());
        file.seek(SeekFrom::Start(0))?;
        file.read_to_string(&mut text)?;
        Ok(text)
    }

    /// Replaces the text in the file. The same text costs no write: a server starts again on a full disk.
    pub(in crate::store) fn write(&self, text: &str) -> io::Result<()> {
        if self.text()? == text {
            return Ok(());
        }
        if !self.is_writable {
            return Err(ErrorKind::PermissionDenied.into());
        }
        let mut file = &self.file;
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(text.as_bytes())
    }
}

fn granted(locked: Result<(), Errno>) -> io::Result<bool> {
    match locked {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Gives a new file the owner and the rights of the log's file: root may run a command while another user runs the server.
/// Without a log it changes nothing.
pub(in crate::store) fn own_like_log(directory: &Path, path: &Path) -> io::Result<()> {
    let log = match std::fs::metadata(directory.join(FILE_NAME)) {
        Ok(log) => log,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    std::fs::set_permissions(path, log.permissions())?;
    let own = std::fs::metadata(path)?;
    if (own.uid(), own.gid()) != (log.uid(), log.gid()) {
        chown(path, Some(log.uid()), Some(log.gid()))?;
    }
    Ok(())
}
