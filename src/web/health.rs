//! How the server itself fares: what it writes, how much room there is, how far the judge has come. Asks nothing that
//! costs more than a look.

use crate::domain::Seq;
use crate::store::Store;

/// One look.
#[derive(Clone, Copy, Debug)]
pub struct Health {
    /// The database with what waits to be written into its file, in bytes.
    pub database: u64,
    /// What is left on its disk, in bytes; none where the system does not say.
    pub disk_left: Option<u64>,
    /// Log rows that wait to be committed.
    pub waiting: usize,
    /// Whether the writer's thread runs.
    pub writes: bool,
    /// How far the log reaches.
    pub logged: Seq,
    /// How far it is judged.
    pub judged: Seq,
}

impl Health {
    /// Looks.
    pub fn of(store: &Store) -> Self {
        let file = store.file();
        let size = |suffix: &str| {
            let mut name = file.as_os_str().to_owned();
            name.push(suffix);
            std::fs::metadata(name).map_or(0, |file| file.len())
        };
        let disk = rustix::fs::statvfs(file).ok();
        Health {
            database: size("") + size("-wal"),
            disk_left: disk.map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize)),
            waiting: store.queue_depth(),
            writes: store.is_alive(),
            logged: store.logged(),
            judged: *store.judged().borrow(),
        }
    }

    /// Rows of the log that are not judged yet.
    pub fn behind(&self) -> u64 {
        u64::try_from(self.logged.0 - self.judged.0).unwrap_or(0)
    }
}
