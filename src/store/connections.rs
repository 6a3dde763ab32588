//! The connections of the pool of readers: how each is opened, kept attached to the current derived file, lent to one query,
//! and thrown away after a fault.

use std::ops::Deref;
use std::os::raw::c_int;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use r2d2::PooledConnection;
use rusqlite::Connection;

use super::StoreError;
use super::derived::connect::{attach_derived, for_reading};
use super::derived::{Derived, is_damage};

/// SQLite checks after so many steps whether the caller is still there: about every tenth of a millisecond.
const STEPS: c_int = 1_000;

/// A connection while one query uses it. SQLite asks the query's own handler whether to continue. The handler is removed
/// before the pool gets the connection back, so it cannot interrupt the next query.
pub(super) struct Borrowed(PooledConnection<Connections>);

impl Borrowed {
    pub(super) fn take(
        pool: &r2d2::Pool<Connections>,
        gone: &Arc<AtomicBool>,
        closes: &Arc<AtomicBool>,
    ) -> Result<Self, StoreError> {
        let mut reading = pool.get()?;
        let (gone, closes) = (gone.clone(), closes.clone());
        let is_over = move || gone.load(Ordering::Relaxed) || closes.load(Ordering::Relaxed);
        reading.conn.progress_handler(STEPS, Some(is_over))?;
        Ok(Borrowed(reading))
    }

    /// Lets the pool throw the connection away when the query is over.
    pub(super) fn suspect(&mut self) {
        self.0.is_suspect = true;
    }
}

impl Deref for Borrowed {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.0.conn
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        // Removing a handler cannot fail.
        let _ = self.0.conn.progress_handler(0, None::<fn() -> bool>);
    }
}

/// Opens the pool's connections, and keeps each attached to the current derived file.
pub(super) struct Connections {
    /// The log's file.
    pub(super) log: PathBuf,
    pub(super) derived: Arc<Derived>,
    /// Shared by every open connection.
    pub(super) open: Arc<()>,
}

/// One of the pool's connections.
pub(super) struct Reading {
    conn: Connection,
    /// The number of the attached derived file; none while that file is damaged.
    generation: Option<i64>,
    /// Whether it met an error that may stay with it although its cause is gone.
    is_suspect: bool,
    /// Dropped after the connection.
    _open: Arc<()>,
}

impl Connections {
    /// Attaches the current derived file. Without a damaged one, sessions and definitions can still be read.
    fn attach(&self, reading: &mut Reading) -> rusqlite::Result<()> {
        let derived = self.derived.current();
        if derived.number > 0 {
            match attach_derived(&reading.conn, &derived.file) {
                Err(error) if is_damage(&error) => {
                    self.derived.damage.suspect();
                    return Ok(());
                }
                attached => attached?,
            }
        }
        reading.generation = Some(derived.number);
        Ok(())
    }
}

impl r2d2::ManageConnection for Connections {
    type Connection = Reading;
    type Error = rusqlite::Error;

    fn connect(&self) -> rusqlite::Result<Reading> {
        let mut reading =
            Reading { conn: for_reading(&self.log)?, generation: None, is_suspect: false, _open: self.open.clone() };
        self.attach(&mut reading)?;
        Ok(reading)
    }

    /// The pool calls this whenever it lends a connection.
    fn is_valid(&self, reading: &mut Reading) -> rusqlite::Result<()> {
        if reading.generation == Some(self.derived.current().number) {
            return Ok(());
        }
        if reading.generation.take().is_some() {
            reading.conn.execute_batch("DETACH derived")?;
        }
        self.attach(reading)
    }

    /// The pool drops such a connection when it comes back, and opens a fresh one.
    fn has_broken(&self, reading: &mut Reading) -> bool {
        reading.is_suspect
    }
}
