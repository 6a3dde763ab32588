//! The state of the server itself: sizes, free disk space, faults of the writer, and how far the judge is behind. It
//! reads figures that are at hand, and never queries the database.

pub mod probe;

use std::path::{Path, PathBuf};

use crate::domain::{Losses, Seq};
use crate::store::{LostRows, Store, Trouble};

/// The figures of one moment.
#[derive(Clone, Debug)]
pub struct Health {
    /// The log's file and the derived file with their write-ahead logs, in bytes.
    pub database: u64,
    /// The database's disk, where the system reports it.
    pub disk: Option<Room>,
    /// In how many milliseconds the disk is full if the last hour goes on; none if it does not fill.
    pub full_in: Option<i64>,
    /// Log rows that wait to be committed.
    pub waiting: usize,
    /// Whether the writer's thread runs.
    pub writes: bool,
    /// Why the writer cannot write.
    pub trouble: Option<Trouble>,
    /// The requests of the latest outage that could not be recorded.
    pub losses: Option<Losses>,
    /// Why checkpoints of the log's file fail.
    pub checkpoint_trouble: Option<Trouble>,
    /// Why the judge cannot go on.
    pub judge_trouble: Option<Trouble>,
    /// The rows that were missing in the log when the server started.
    pub lost_rows: Option<LostRows>,
    /// The last row of the log.
    pub logged: Seq,
    /// The last row that is judged.
    pub judged: Seq,
}

/// Room on a disk, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Free for this program.
    pub left: u64,
    /// The whole disk.
    pub all: u64,
}

impl Health {
    /// Takes a snapshot. A disk that has stopped answering holds up this future, and no web worker.
    pub async fn of(store: &Store) -> Self {
        let files = (store.file().to_owned(), store.derived_file());
        let sizes = tokio::task::spawn_blocking(move || (size(&files.0) + size(&files.1), room(&files.0)));
        let (database, disk) = sizes.await.unwrap_or((0, None));
        Health {
            database,
            disk,
            full_in: store.disk_full_in(),
            waiting: store.queue_depth(),
            writes: store.is_alive(),
            trouble: store.trouble(),
            losses: store.losses(),
            checkpoint_trouble: store.checkpoint_trouble(),
            judge_trouble: store.judging().now(),
            lost_rows: store.lost_rows(),
            logged: store.logged(),
            judged: *store.judged().borrow(),
        }
    }

    /// Rows of the log that are not judged yet.
    pub fn behind(&self) -> u64 {
        u64::try_from(self.logged.0 - self.judged.0).unwrap_or(0)
    }
}

/// Of a database's file with its WAL.
fn size(file: &Path) -> u64 {
    let mut wal = file.as_os_str().to_owned();
    wal.push("-wal");
    let sizes = [file.to_owned(), PathBuf::from(wal)];
    sizes.iter().map(|file| std::fs::metadata(file).map_or(0, |file| file.len())).sum()
}

/// Asks for the directory: the file itself may be gone.
fn room(file: &Path) -> Option<Room> {
    let disk = rustix::fs::statvfs(file.parent().unwrap_or(file)).ok()?;
    Some(Room { left: disk.f_bavail.saturating_mul(disk.f_frsize), all: disk.f_blocks.saturating_mul(disk.f_frsize) })
}
