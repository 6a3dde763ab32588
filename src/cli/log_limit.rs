//! Bounds the program's own log: each place in the code writes a few lines a minute, and then one that counts the rest.
//! So no client can fill the disk with lines, whatever it sends.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::callsite::Identifier;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// How many lines one place in the code writes in a minute.
const MOST: u64 = 3;

/// The time that a count stands for.
pub const WINDOW: Duration = Duration::from_secs(60);

/// The time between two looks for minutes that are over.
const PAUSE: Duration = Duration::from_secs(5);

/// The lines of this minute. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub struct LogLimit(Arc<Mutex<HashMap<Identifier, Lines>>>);

/// The lines of one place in the code since a moment.
struct Lines {
    since: Instant,
    count: u64,
    metadata: &'static Metadata<'static>,
    /// The text of the last line.
    text: String,
}

/// Lines that the log does not have.
pub struct LeftOut {
    pub count: u64,
    pub level: Level,
    pub text: String,
}

impl LogLimit {
    /// Counts a line. Returns whether the log gets it.
    fn take(&self, event: &Event<'_>, now: Instant) -> bool {
        let metadata = event.metadata();
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Lines { since: now, count: 0, metadata, text: String::new() };
        let lines = places.entry(metadata.callsite()).or_insert_with(fresh);
        if lines.count <= MOST && now.duration_since(lines.since) >= WINDOW {
            *lines = fresh();
        }
        lines.count += 1;
        // The text of one line stands for all that are left out.
        if lines.count == MOST + 1 {
            event.record(&mut Message(&mut lines.text));
        }
        lines.count <= MOST
    }

    /// What was left out in the minutes that are over; they begin again.
    pub fn left_out(&self, now: Instant) -> Vec<LeftOut> {
        let mut left_out = Vec::new();
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for lines in places.values_mut().filter(|lines| now.duration_since(lines.since) >= WINDOW) {
            let (count, text) = (lines.count.saturating_sub(MOST), std::mem::take(&mut lines.text));
            (lines.since, lines.count) = (now, 0);
            if count > 0 {
                left_out.push(LeftOut { count, level: *lines.metadata.level(), text });
            }
        }
        left_out
    }

    /// Writes the counts as the minutes end, for ever.
    pub async fn keep_reporting(self) {
        loop {
            tokio::time::sleep(PAUSE).await;
            self.report(Instant::now());
        }
    }

    /// Writes the counts of the minutes that are over. A count is not counted itself: there is one for each place.
    pub fn report(&self, now: Instant) {
        for LeftOut { count, level, text } in self.left_out(now) {
            match level {
                Level::ERROR => tracing::error!(target: TARGET, count, "more lines in the last minute such as: {text}"),
                Level::WARN => tracing::warn!(target: TARGET, count, "more lines in the last minute such as: {text}"),
                _ => tracing::info!(target: TARGET, count, "more lines in the last minute such as: {text}"),
            }
        }
    }
}

/// The target of the counts.
const TARGET: &str = "pixeld::log_limit";

impl<S: Subscriber> Layer<S> for LogLimit {
    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        // Who asks for more than the usual levels wants every line of those.
        let is_usual = *event.metadata().level() <= Level::INFO;
        !is_usual || event.metadata().target() == TARGET || self.take(event, Instant::now())
    }
}

/// Picks the message out of an event.
struct Message<'t>(&'t mut String);

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            *self.0 = format!("{value:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    /// A log in memory.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Log {
        fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(text);
            Ok(text.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn fail(number: usize) {
        tracing::warn!("it failed for {number}");
    }

    #[test]
    fn each_place_writes_a_few_lines_a_minute_and_one_that_counts_the_rest() {
        let (log, limit) = (Log::default(), LogLimit::default());
        let to = log.clone();
        let lines = tracing_subscriber::fmt::layer().with_writer(move || to.clone()).without_time().with_ansi(false);
        let began = Instant::now();
        tracing::subscriber::with_default(
            tracing_subscriber::registry().with(lines.with_target(false)).with(limit.clone()),
            || {
                (0..1_000).for_each(fail);
                tracing::error!("another place");
                (0..100).for_each(|_| tracing::debug!("asked for"));
                limit.report(began + WINDOW / 2);
                limit.report(began + 2 * WINDOW);
                limit.report(began + 3 * WINDOW);
            },
        );
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let text: Vec<_> = text.lines().map(str::trim).filter(|line| !line.contains("asked for")).collect();
        assert_eq!(
            text,
            [
                "WARN it failed for 0",
                "WARN it failed for 1",
                "WARN it failed for 2",
                "ERROR another place",
                "WARN more lines in the last minute such as: it failed for 3 count=997",
            ]
        );
    }
}
