//! Troubles: work that fails for a while. Pages say why tracking is answered `503`. The program's log gets one line at
//! first, then one a minute at most, and one at the end, so that it does not fill a disk that is full already.

use std::sync::{Mutex, PoisonError};

use super::StoreError;
use crate::domain::Millis;

/// The shortest time between two log lines about failures, in milliseconds.
const REPORT_EVERY: i64 = 60_000;

/// Work that fails: since when, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// When the first of the failures without a success between them happened.
    pub since: Millis,
    /// Why the last attempt failed, in words.
    pub cause: String,
    /// Whether the file or this program is at fault, so that more room on the disk does not help.
    pub is_fault: bool,
}

/// The troubles of one kind of work. They end with the next success.
#[derive(Debug)]
pub struct Troubles {
    /// The log line of a failure.
    fails: &'static str,
    /// The log line of the next success.
    is_over: &'static str,
    now: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    trouble: Option<Trouble>,
    /// The time of the last log line. It outlives the trouble: one that comes and goes must not fill the log either.
    reported_at: Option<Millis>,
    /// Whether the log has a line about the present trouble.
    is_reported: bool,
    unreported: Failures,
}

/// Failures since the last log line.
#[derive(Debug, Default)]
struct Failures {
    attempts: usize,
    refused_rows: usize,
}

impl Troubles {
    pub(super) fn new(fails: &'static str, is_over: &'static str) -> Self {
        Troubles { fails, is_over, now: Mutex::default() }
    }

    /// The present trouble, if there is one.
    pub fn now(&self) -> Option<Trouble> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).trouble.clone()
    }

    /// Notes an attempt that failed with so many rows. Returns whether the trouble begins with it.
    pub fn failed(&self, at: Millis, error: &StoreError, rows: usize) -> bool {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let began = now.trouble.is_none();
        let since = now.trouble.as_ref().map_or(at, |trouble| trouble.since);
        let is_fault = matches!(error, StoreError::Fault(_));
        now.trouble = Some(Trouble { since, cause: error.cause(), is_fault });
        now.unreported.attempts += 1;
        now.unreported.refused_rows += rows;
        if now.reported_at.is_none_or(|last| at.since(last).abs() >= REPORT_EVERY) {
            let Failures { attempts, refused_rows } = std::mem::take(&mut now.unreported);
            (now.reported_at, now.is_reported) = (Some(at), true);
            tracing::error!(%error, %since, attempts, refused_rows, "{}", self.fails);
        }
        began
    }

    /// Notes an attempt that succeeded.
    pub fn ended(&self) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(trouble) = now.trouble.take()
            && std::mem::take(&mut now.is_reported)
        {
            let Failures { attempts, refused_rows } = std::mem::take(&mut now.unreported);
            tracing::info!(since = %trouble.since, attempts, refused_rows, "{}", self.is_over);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn full() -> StoreError {
        StoreError::Unavailable("the disk is full".into())
    }

    #[test]
    fn a_trouble_lasts_from_the_first_failure_to_the_next_success() {
        let troubles = Troubles::new("it fails", "it is over");
        assert_eq!(troubles.now(), None);
        assert!(troubles.failed(Millis(1_000), &StoreError::Overloaded, 3));
        assert!(!troubles.failed(Millis(9_000), &full(), 4));
        let cause = "the disk is full".to_owned();
        assert_eq!(troubles.now(), Some(Trouble { since: Millis(1_000), cause, is_fault: false }));
        troubles.ended();
        assert_eq!(troubles.now(), None);
        troubles.failed(Millis(10_000), &StoreError::fault("database disk image is malformed"), 0);
        let cause = "database disk image is malformed".to_owned();
        assert_eq!(troubles.now(), Some(Trouble { since: Millis(10_000), cause, is_fault: true }));
    }

    /// The lines of a log.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Lines {
        fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(text);
            Ok(text.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn log_of(work: impl FnOnce(&Troubles)) -> Vec<String> {
        let lines = Lines::default();
        let to = lines.clone();
        let log = tracing_subscriber::fmt().with_writer(move || to.clone()).without_time().with_ansi(false);
        let troubles = Troubles::new("it fails", "it is over");
        tracing::subscriber::with_default(log.with_target(false).finish(), || work(&troubles));
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| line.trim().to_owned()).collect()
    }

    #[test]
    fn the_log_gets_a_line_at_first_then_once_a_minute_and_at_the_end() {
        let lines = log_of(|troubles| {
            // Twice a second for two and a half minutes.
            for turn in 0..300 {
                troubles.failed(Millis(turn * 500), &full(), 2);
            }
            troubles.ended();
            troubles.ended();
        });
        let failed = |times: usize| {
            let error = "error=the database cannot be written: the disk is full";
            format!("ERROR it fails {error} since=1970-01-01 00:00:00 attempts={times} refused_rows={}", 2 * times)
        };
        let over = "INFO it is over since=1970-01-01 00:00:00 attempts=59 refused_rows=118".to_owned();
        assert_eq!(lines, [failed(1), failed(120), failed(120), over]);
    }

    #[test]
    fn a_trouble_that_comes_and_goes_fills_no_log() {
        let lines = log_of(|troubles| {
            for turn in 0..150 {
                troubles.failed(Millis(turn * 500), &full(), 1);
                troubles.ended();
            }
        });
        assert_eq!(lines.len(), 4, "{lines:?}");
    }
}
