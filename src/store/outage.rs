//! What cannot be done for a while: for the pages that say why tracking is answered `503`, and for the log, which must
//! not fill the disk that is full already. Whatever fails again and again is told there once, then once a minute at
//! most, and once when it is over.

use std::sync::{Mutex, PoisonError};

use super::StoreError;
use crate::domain::Millis;

/// The same trouble is told to the log again after so long, in milliseconds.
const TOLD_EVERY: i64 = 60_000;

/// Since when something cannot be done, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// When the first attempt of an unbroken row of them failed.
    pub since: Millis,
    /// Why the last one did, in words.
    pub cause: String,
    /// Whether something is wrong with the file or with this program, so that no room on the disk helps.
    pub is_fault: bool,
}

/// The troubles of one kind of work: none once it was done again.
#[derive(Debug)]
pub struct Troubles {
    /// What the log is told when it fails, and when it is done again.
    words: (&'static str, &'static str),
    now: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    trouble: Option<Trouble>,
    /// When the log was told last. It outlives the trouble, so that one that comes and goes fills no log either.
    told: Option<Millis>,
    /// Whether it was told of this trouble.
    knows: bool,
    /// Attempts that failed and rows that were refused since it was told last.
    untold: (usize, usize),
}

impl Troubles {
    pub(super) fn new(fails: &'static str, is_over: &'static str) -> Self {
        Troubles { words: (fails, is_over), now: Mutex::default() }
    }

    /// What is wrong at the moment.
    pub fn now(&self) -> Option<Trouble> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).trouble.clone()
    }

    /// An attempt failed, and so many rows with it; says whether it is the first.
    pub fn failed(&self, at: Millis, error: &StoreError, rows: usize) -> bool {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let began = now.trouble.is_none();
        let since = now.trouble.as_ref().map_or(at, |trouble| trouble.since);
        let is_fault = matches!(error, StoreError::Fault(_));
        now.trouble = Some(Trouble { since, cause: error.cause(), is_fault });
        now.untold.0 += 1;
        now.untold.1 += rows;
        if now.told.is_none_or(|told| at.since(told).abs() >= TOLD_EVERY) {
            let (times, refused) = std::mem::take(&mut now.untold);
            (now.told, now.knows) = (Some(at), true);
            tracing::error!(%error, %since, times, refused, "{}", self.words.0);
        }
        began
    }

    /// An attempt held.
    pub fn ended(&self) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(trouble) = now.trouble.take()
            && std::mem::take(&mut now.knows)
        {
            let (times, refused) = std::mem::take(&mut now.untold);
            tracing::info!(since = %trouble.since, times, refused, "{}", self.words.1);
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
    fn a_trouble_lasts_from_the_first_failure_to_the_next_that_holds() {
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

    fn told(work: impl FnOnce(&Troubles)) -> Vec<String> {
        let lines = Lines::default();
        let to = lines.clone();
        let log = tracing_subscriber::fmt().with_writer(move || to.clone()).without_time().with_ansi(false);
        let troubles = Troubles::new("it fails", "it is over");
        tracing::subscriber::with_default(log.with_target(false).finish(), || work(&troubles));
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| line.trim().to_owned()).collect()
    }

    #[test]
    fn the_log_is_told_once_then_once_a_minute_then_that_it_is_over() {
        let lines = told(|troubles| {
            // Twice a second for two and a half minutes.
            for turn in 0..300 {
                troubles.failed(Millis(turn * 500), &full(), 2);
            }
            troubles.ended();
            troubles.ended();
        });
        let failed = |times: usize| {
            let error = "error=the database cannot be written: the disk is full";
            format!("ERROR it fails {error} since=1970-01-01 00:00:00 times={times} refused={}", 2 * times)
        };
        let over = "INFO it is over since=1970-01-01 00:00:00 times=59 refused=118".to_owned();
        assert_eq!(lines, [failed(1), failed(120), failed(120), over]);
    }

    #[test]
    fn a_trouble_that_comes_and_goes_fills_no_log() {
        let lines = told(|troubles| {
            for turn in 0..150 {
                troubles.failed(Millis(turn * 500), &full(), 1);
                troubles.ended();
            }
        });
        assert_eq!(lines.len(), 4, "{lines:?}");
    }
}
