//! Which processes may use a data directory together: one server at most, and only programs with the same versions of the
//! database. So no command migrates or derives anything under a server that does not understand it, and no server under a
//! command.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::db::lock_file::LockFile;
use super::db::migrate;
use super::derived::version;
use super::error::{OpenError, StoreError};

/// A server owns this file alone, and writes into it which program it is.
const SERVING: &str = "serving.lock";

/// Each process shares this file while it has the store open. The file names the versions that all of them use.
const VERSION: &str = "version.lock";

/// How long a process waits before it refuses. Others hold a lock for a moment to look who has it, and a server writes a
/// moment after its start which program it is.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often it looks again meanwhile.
const PAUSE: Duration = Duration::from_millis(10);

/// The version of the database that this program reads and writes: of its schemas, and of the rules.
struct DatabaseVersion;

impl fmt::Display for DatabaseVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (log, derived, rules) = (migrate::SCHEMA, version::SCHEMA, version::RULES);
        write!(f, "log schema {log}, derived schema {derived}, rules {rules}")
    }
}

/// This program: `pixeld 0.1.0 (log schema 1, derived schema 2, rules 1)`.
struct Program;

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pixeld {} ({DatabaseVersion})", env!("CARGO_PKG_VERSION"))
    }
}

/// The right of a server to serve from a data directory. Dropping it gives it up.
pub struct Claim(Arc<ClaimLock>);

/// The lock of a claim, which lasts as long as the [`Claim`].
pub(super) struct ClaimLock {
    directory: PathBuf,
    lock: Mutex<LockFile>,
}

impl Claim {
    /// Claims the directory; none if another server has claimed it.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn take(directory: &Path) -> io::Result<Option<Self>> {
        let lock = LockFile::open(directory, SERVING)?;
        let give_up = Instant::now() + PATIENCE;
        while !lock.try_own()? {
            if Instant::now() > give_up {
                return Ok(None);
            }
            sleep(PAUSE);
        }
        lock.write(&Program.to_string())?;
        Ok(Some(Claim(Arc::new(ClaimLock { directory: directory.to_owned(), lock: Mutex::new(lock) }))))
    }

    pub(super) fn lock(&self) -> Weak<ClaimLock> {
        Arc::downgrade(&self.0)
    }
}

impl ClaimLock {
    /// Makes sure that the lock is still in the directory: the lock of a removed file keeps no other server away. Puts it
    /// back; false if another server has claimed the directory meanwhile.
    pub(super) fn keep(&self) -> io::Result<bool> {
        let mut lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        if lock.is_at(&self.directory.join(SERVING))? {
            return Ok(true);
        }
        let Some(Claim(again)) = Claim::take(&self.directory)? else { return Ok(false) };
        if let Some(again) = Arc::into_inner(again) {
            *lock = again.lock.into_inner().unwrap_or_else(PoisonError::into_inner);
        }
        tracing::warn!("{SERVING} was removed while the server ran, and is put back");
        Ok(true)
    }
}

/// Whether a server serves from the directory.
pub fn is_served(directory: &Path) -> bool {
    matches!(server(directory), Ok(Some(_)))
}

/// Which program serves from the directory, as it says itself; none if there is no server.
fn server(directory: &Path) -> io::Result<Option<String>> {
    match LockFile::existing(&directory.join(SERVING))? {
        Some(lock) if !lock.try_share()? => Ok(Some(lock.text()?)),
        Some(_) | None => Ok(None),
    }
}

/// Held while this process has the store open.
pub(super) struct SharedUse {
    lock: LockFile,
}

impl SharedUse {
    /// Begins to use the directory together with programs of the same versions.
    ///
    /// # Errors
    /// [`OpenError::Refused`] if a program of other versions uses it. Then nothing in the directory has changed.
    pub(super) fn begin(directory: &Path) -> Result<Self, OpenError> {
        let give_up = Instant::now() + PATIENCE;
        loop {
            match Self::attempt(directory).map_err(StoreError::from)? {
                Ok(shared) => return Ok(shared),
                Err(why) if Instant::now() > give_up => return Err(OpenError::Refused(why)),
                Err(_) => sleep(PAUSE),
            }
        }
    }

    /// Whether no other process has the store open.
    ///
    /// # Errors
    /// [`OpenError::Refused`] if a process of other versions comes meanwhile.
    pub(super) fn is_alone(&self) -> Result<bool, OpenError> {
        let is_alone = self.lock.try_own().map_err(StoreError::from)?;
        // To try gives up the shared lock for a moment.
        self.lock.share().map_err(StoreError::from)?;
        match agrees(&self.lock).map_err(StoreError::from)? {
            true => Ok(is_alone),
            false => {
                Err(OpenError::Refused("another process began to use this data directory; start again".to_owned()))
            }
        }
    }

    fn attempt(directory: &Path) -> io::Result<Result<Self, String>> {
        if let Some(server) = server(directory)?
            && !server.contains(&format!("({DatabaseVersion})"))
        {
            return Ok(Err(beside_server(&server)));
        }
        let lock = LockFile::open(directory, VERSION)?;
        if agrees(&lock)? {
            return Ok(Ok(SharedUse { lock }));
        }
        let others = lock.text()?;
        if lock.try_own()? {
            // No other process has the store open, so this one decides.
            lock.write(&DatabaseVersion.to_string())?;
            // Another one may have owned the lock between the two calls.
            if agrees(&lock)? {
                return Ok(Ok(SharedUse { lock }));
            }
        }
        Ok(Err(format!(
            "another process uses this data directory with {others}; this is {Program}. Wait until that process has ended, \
             or use its binary."
        )))
    }
}

fn agrees(lock: &LockFile) -> io::Result<bool> {
    Ok(lock.try_share()? && lock.text()? == DatabaseVersion.to_string())
}

fn beside_server(server: &str) -> String {
    // A server from before this file was written says nothing.
    let server = if server.is_empty() { "an earlier pixeld, which does not tell its version," } else { server };
    format!(
        "{server} is serving this data directory; this is {Program}. Restart the server with this binary, or run the command \
         with the server's binary."
    )
}
