//! The state of the server itself: sizes, free disk space, faults of the writer, and how far the judge is behind. It
//! reads figures that are at hand, and never queries the database.

use std::path::Path;

use crate::domain::Seq;
use crate::store::{Store, Trouble};

/// The figures of one moment.
#[derive(Clone, Debug)]
pub struct Health {
    /// The log's file and the derived file with their write-ahead logs, in bytes.
    pub database: u64,
    /// The database's disk, where the system reports it.
    pub disk: Option<Room>,
    /// Log rows that wait to be committed.
    pub waiting: usize,
    /// Whether the writer's thread runs.
    pub writes: bool,
    /// Why the writer cannot write.
    pub trouble: Option<Trouble>,
    /// Why checkpoints of the log's file fail.
    pub checkpoint_trouble: Option<Trouble>,
    /// Why the judge cannot go on.
    pub judge_trouble: Option<Trouble>,
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
    /// Reads them. Calls the file system, so not on a web worker's thread.
    pub fn of(store: &Store) -> Self {
        let size = |file: &Path| {
            let sizes = ["", "-wal"].map(|suffix| {
                let mut name = file.as_os_str().to_owned();
                name.push(suffix);
                std::fs::metadata(name).map_or(0, |file| file.len())
            });
            sizes.iter().sum::<u64>()
        };
        // The directory is asked: the file itself may have been removed.
        let disk = rustix::fs::statvfs(store.file().parent().unwrap_or(store.file())).ok();
        let room = |disk: rustix::fs::StatVfs| Room {
            left: disk.f_bavail.saturating_mul(disk.f_frsize),
            all: disk.f_blocks.saturating_mul(disk.f_frsize),
        };
        Health {
            database: size(store.file()) + size(&store.derived_file()),
            disk: disk.map(room),
            waiting: store.queue_depth(),
            writes: store.is_alive(),
            trouble: store.trouble(),
            checkpoint_trouble: store.checkpoint_trouble(),
            judge_trouble: store.judging().now(),
            logged: store.logged(),
            judged: *store.judged().borrow(),
        }
    }

    /// Rows of the log that are not judged yet.
    pub fn behind(&self) -> u64 {
        u64::try_from(self.logged.0 - self.judged.0).unwrap_or(0)
    }
}
