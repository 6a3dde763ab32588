//! Shows the progress of a long command: a bar on a terminal, or a plain line now and then. Both go to standard error, so
//! that results can be piped.

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

/// The shortest time between two moves of a bar.
const FRAME: Duration = Duration::from_millis(100);
/// The shortest time between two lines, without a terminal.
const LINE: Duration = Duration::from_secs(15);
/// Characters of a bar.
const WIDTH: u64 = 30;

/// One stage of a command.
pub(super) struct Progress {
    /// Such as `Appending`.
    action: &'static str,
    /// Such as `rows`.
    objects: &'static str,
    terminal: bool,
    begun: Instant,
    last_line: Instant,
    drawn: bool,
}

impl Progress {
    pub(super) fn new(action: &'static str, objects: &'static str) -> Self {
        let (terminal, now) = (stderr().is_terminal(), Instant::now());
        Progress { action, objects, terminal, begun: now, last_line: now, drawn: false }
    }

    /// Shows how much is done, and which share of the whole (0 to 1000) if that is known.
    pub(super) fn at(&mut self, done: u64, per_mille: Option<u64>) {
        if self.last_line.elapsed() < if self.terminal { FRAME } else { LINE } {
            return;
        }
        self.last_line = Instant::now();
        let Progress { action, objects, .. } = *self;
        let pace = pace(self.begun.elapsed(), done, per_mille);
        let line = match (self.terminal, per_mille) {
            (true, Some(share)) => format!("\r\x1b[K{action} {} {done} {objects}{pace}", bar(share)),
            (true, None) => format!("\r\x1b[K{action} {done} {objects}{pace}"),
            (false, Some(share)) => format!("{action}: {done} {objects}, {} %{pace}\n", share.min(1000) / 10),
            (false, None) => format!("{action}: {done} {objects}{pace}\n"),
        };
        self.drawn = self.terminal;
        write(&line);
    }

    /// Clears the bar for another line.
    pub(super) fn aside(&mut self) {
        if std::mem::take(&mut self.drawn) {
            write("\r\x1b[K");
        }
    }

    /// Ends the stage with its result.
    pub(super) fn done(self, line: &str) {
        write(&format!("{}{line}\n", if self.drawn { "\r\x1b[K" } else { "" }));
    }
}

/// The share in thousandths; none if `all` is 0.
pub(super) fn share(done: u64, all: u64) -> Option<u64> {
    done.saturating_mul(1000).checked_div(all).map(|share| share.min(1000))
}

/// `, 61000 a second, 1:05 left`; empty before anything is done.
fn pace(elapsed: Duration, done: u64, per_mille: Option<u64>) -> String {
    let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
    let a_second = done.saturating_mul(1000) / millis;
    match per_mille {
        _ if a_second == 0 => String::new(),
        None | Some(0) => format!(", {a_second} a second"),
        Some(share) => {
            let left = millis.saturating_mul(1000_u64.saturating_sub(share)) / share / 1000;
            format!(", {a_second} a second, {}:{:02} left", left / 60, left % 60)
        }
    }
}

fn bar(per_mille: u64) -> String {
    let full = per_mille.min(1000) * WIDTH / 1000;
    let signs: String = (0..WIDTH).map(|index| if index < full { '#' } else { '.' }).collect();
    format!("[{signs}] {:3} %", per_mille.min(1000) / 10)
}

/// Ignores errors: a closed standard error must not stop the command.
fn write(text: &str) {
    let mut to = stderr().lock();
    let _ = to.write_all(text.as_bytes());
    let _ = to.flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_shown_with_the_time_that_is_left() {
        let after = Duration::from_secs(10);
        assert_eq!(pace(after, 610_000, Some(100)), ", 61000 a second, 1:30 left");
        assert_eq!(pace(after, 610_000, None), ", 61000 a second");
        assert_eq!(pace(after, 5, Some(0)), "");
    }

    #[test]
    fn a_bar_fills_up() {
        assert_eq!(bar(0), "[..............................]   0 %");
        assert_eq!(bar(505), "[###############...............]  50 %");
        assert_eq!(bar(2000), "[##############################] 100 %");
        assert_eq!((share(1, 3), share(3, 3), share(9, 3), share(0, 0)), (Some(333), Some(1000), Some(1000), None));
    }
}
