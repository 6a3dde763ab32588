//! How the server itself fares: what it writes, how much room there is, how far the judge has come. Asks nothing that
//! costs more than a look.

use std::path::Path;

use crate::domain::Seq;
use crate::store::{Store, Trouble};

/// One look.
#[derive(Clone, Debug)]
pub struct Health {
    /// The log with all that is derived from it, and what waits to be written into their files, in bytes.
    pub database: u64,
    /// What is left on its disk, and how large that is, in bytes; none where the system does not say.
    pub disk: Option<Room>,
    /// Log rows that wait to be committed.
    pub waiting: usize,
    /// Whether the writer's thread runs.
    pub writes: bool,
    /// What keeps it from writing.
    pub trouble: Option<Trouble>,
    /// What keeps what is written from being moved into the log's file.
    pub checkpoint_trouble: Option<Trouble>,
    /// What keeps the judge from going on.
    pub judge_trouble: Option<Trouble>,
    /// How far the log reaches.
    pub logged: Seq,
    /// How far it is judged.
    pub judged: Seq,
}

/// Room on a disk, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// What this program may still take.
    pub left: u64,
    /// All there is.
    pub all: u64,
}

impl Health {
    /// Looks.
    pub fn of(store: &Store) -> Self {
        let size = |file: &Path| {
            let sizes = ["", "-wal"].map(|suffix| {
                let mut name = file.as_os_str().to_owned();
                name.push(suffix);
                std::fs::metadata(name).map_or(0, |file| file.len())
            });
            sizes.iter().sum::<u64>()
        };
        // Asked of the directory: the file may have been taken away.
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
