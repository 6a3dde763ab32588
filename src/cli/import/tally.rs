//! Counts the results of an import's lines, and words the summary.

use std::collections::BTreeMap;

use super::say;
use crate::collect::import::{Line, LineError};
use crate::domain::{ExposureKind, Millis, Reason, Seq};
use crate::store::{ImportResult, LogRow};

/// The most names of ignored fields that are kept.
const NAMES: usize = 50;

/// The counts of one import.
#[derive(Default)]
pub(super) struct Tally {
    pub read: u64,
    impressions: u64,
    clicks: u64,
    pub fires: u64,
    /// Clicks without their impression.
    untied: u64,
    /// Lines of an earlier import.
    known: u64,
    /// Lines that are in the file twice.
    twice: u64,
    pub wrong: u64,
    /// The time of the file's oldest exposure, and the highest number of its exposures in the log.
    pub exposures: Option<(Millis, Seq)>,
    ignored: BTreeMap<String, u64>,
}

impl Tally {
    /// Counts an invalid line. It is printed at once, so that none is lost or kept in memory.
    pub(super) fn wrong(&mut self, number: i64, wrong: &LineError) {
        self.wrong += 1;
        say(&format!("line {number}: {wrong}"));
    }

    /// Counts a line of an earlier import whose objects were deleted since.
    pub(super) fn imported_before(&mut self) {
        self.known += 1;
    }

    /// Counts the unknown fields of a line.
    pub(super) fn ignored(&mut self, line: &Line) {
        for name in &line.ignored {
            if self.ignored.len() < NAMES || self.ignored.contains_key(name) {
                *self.ignored.entry(name.clone()).or_default() += 1;
            }
        }
    }

    /// Whether a line had unknown fields.
    pub(super) fn has_ignored(&self) -> bool {
        !self.ignored.is_empty()
    }

    /// Counts the result of a row. The log reached to `before` when the import began.
    pub(super) fn imported(&mut self, (kind, at): (Kind, Millis), result: ImportResult, before: Seq) {
        let (ImportResult::Added(seq) | ImportResult::Untied(seq) | ImportResult::Known(seq)) = result;
        self.untied += u64::from(matches!(result, ImportResult::Untied(_)));
        if !matches!(kind, Kind::Fire) {
            let (oldest, last) = self.exposures.unwrap_or((at, seq));
            self.exposures = Some((oldest.min(at), last.max(seq)));
        }
        match (result, kind) {
            (ImportResult::Known(seq), _) if seq > before => self.twice += 1,
            (ImportResult::Known(_), _) => self.known += 1,
            (_, Kind::Impression) => self.impressions += 1,
            (_, Kind::Click) => self.clicks += 1,
            (_, Kind::Fire) => self.fires += 1,
        }
    }

    /// How many rows were appended.
    pub(super) fn appended(&self) -> u64 {
        self.impressions + self.clicks + self.fires
    }

    /// How many lines are invalid, and the unknown fields.
    pub(super) fn complaints(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        if self.wrong > 0 {
            sentences.push(format!("{} invalid, see above.", lines(self.wrong)));
        }
        if self.has_ignored() {
            let each = self.ignored.iter().map(|(name, count)| format!("{name} ({})", lines(*count)));
            sentences.push(format!("Unknown fields that were ignored: {}", each.collect::<Vec<_>>().join(", ")));
        }
        sentences
    }

    /// How many rows of each kind were appended, and which lines were not.
    pub(super) fn summary(&self) -> Vec<String> {
        let mut sentences = vec![format!("{} read.", lines(self.read))];
        let appended = [(self.impressions, "impression"), (self.clicks, "click"), (self.fires, "fire")];
        let appended = appended.map(|(count, what)| counted(count, what)).join(", ");
        sentences.push(format!("Appended: {appended}."));
        if self.untied > 0 {
            sentences.push(format!(
                "{} an impression that was not imported before; the click window starts at the click.",
                match self.untied {
                    1 => "1 click names".to_owned(),
                    more => format!("{more} clicks name"),
                }
            ));
        }
        if self.known > 0 {
            sentences.push(format!("Skipped, imported before: {}.", lines(self.known)));
        }
        if self.twice > 0 {
            sentences.push(format!("Skipped, duplicates in the file: {}.", lines(self.twice)));
        }
        sentences
    }
}

/// The outcomes of the fires, by reason.
pub(super) fn outcomes(counts: &[(Reason, i64)]) -> Vec<String> {
    let mut sentences = Vec::new();
    if !counts.is_empty() {
        sentences.push("Outcomes of the fires:".to_owned());
        sentences.extend(
            counts.iter().map(|(reason, count)| format!("  {count} {} {}", reason.outcome().kind(), reason.as_str())),
        );
    }
    sentences
}

/// The kind of a row.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Impression,
    Click,
    Fire,
}

impl Kind {
    pub(super) fn of(row: &LogRow) -> Self {
        match row {
            LogRow::Exposure(exposure) if exposure.kind == ExposureKind::Impression => Kind::Impression,
            LogRow::Exposure(_) => Kind::Click,
            LogRow::Fire(_) | LogRow::SegmentLoad(_) | LogRow::Adjustment(_) => Kind::Fire,
        }
    }
}

fn lines(count: u64) -> String {
    counted(count, "line")
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
