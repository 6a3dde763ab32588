//! What could not be recorded while the log could not be written: by kind, and from when to when.

use std::fmt;

use super::log::ExposureKind;
use crate::domain::Millis;
use crate::domain::values::words::words;

words! {
    /// A kind of request that its sender does not repeat. The word is the reason under which its hour is counted.
    LostKind {
        /// An ad click. It was led on to its landing page.
        Click = "click_not_recorded",
        /// A tag's fire.
        Fire = "fire_not_recorded",
        /// An ad view.
        Impression = "impression_not_recorded",
        /// A load of the segment pixel.
        SegmentLoad = "segment_load_not_recorded",
    }
}

impl From<ExposureKind> for LostKind {
    fn from(kind: ExposureKind) -> Self {
        match kind {
            ExposureKind::Click => LostKind::Click,
            ExposureKind::Impression => LostKind::Impression,
        }
    }
}

/// The requests of one outage that were not recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Losses {
    /// The number of each kind, in the order of the kinds.
    counts: [u64; 4],
    /// When the first came.
    pub first: Millis,
    /// When the last came.
    pub last: Millis,
}

impl Losses {
    /// The first of an outage.
    pub fn one(kind: LostKind, at: Millis) -> Self {
        let mut losses = Losses { counts: [0; 4], first: at, last: at };
        losses.add(kind, at);
        losses
    }

    pub fn add(&mut self, kind: LostKind, at: Millis) {
        let count = match kind {
            LostKind::Click => &mut self.counts[0],
            LostKind::Fire => &mut self.counts[1],
            LostKind::Impression => &mut self.counts[2],
            LostKind::SegmentLoad => &mut self.counts[3],
        };
        *count += 1;
        (self.first, self.last) = (self.first.min(at), self.last.max(at));
    }
}

/// A sentence: "17 ad clicks were led on but not recorded, and 2 ad views were refused, between 12:03 and 12:05 UTC on
/// 2026-10-01."
impl fmt::Display for Losses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count: u64, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
        let were = |count: u64| if count == 1 { "was" } else { "were" };
        let [clicks, refused @ ..] = self.counts;
        let nouns = ["pixel event", "ad view", "segment request"];
        let listed: Vec<_> = refused.iter().zip(nouns).filter(|(count, _)| **count > 0).collect();
        let texts: Vec<_> = listed.iter().map(|(count, noun)| plural(**count, noun)).collect();
        let led_on = format!("{} {} led on but not recorded", plural(clicks, "ad click"), were(clicks));
        let refused = format!("{} {} refused", texts.join(", "), were(refused.iter().sum()));
        match (clicks, texts.is_empty()) {
            (_, true) => write!(f, "{led_on} ")?,
            (0, false) => write!(f, "{refused} ")?,
            (_, false) => write!(f, "{led_on}, and {refused}, ")?,
        }
        let text = |at: Millis, format: &str| at.timestamp().strftime(format).to_string();
        let (first, last) = (self.first, self.last);
        if first.day() == last.day() {
            let (day, from, to) = (text(first, "%F"), text(first, "%H:%M"), text(last, "%H:%M"));
            return write!(f, "between {from} and {to} UTC on {day}.");
        }
        write!(f, "between {} and {} UTC.", text(first, "%F %H:%M"), text(last, "%F %H:%M"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Millis = Millis(1_790_856_000_000);

    #[test]
    fn losses_are_listed_by_kind() {
        let of = |list: &[(LostKind, i64)]| {
            let mut losses: Option<Losses> = None;
            for (kind, minute) in list {
                let at = NOON.plus(minute * 60_000);
                match &mut losses {
                    None => losses = Some(Losses::one(*kind, at)),
                    Some(losses) => losses.add(*kind, at),
                }
            }
            losses.map(|losses| losses.to_string()).unwrap_or_default()
        };
        use LostKind::{Click, Fire, Impression, SegmentLoad};
        for (list, text) in [
            (&[(Click, 3)][..], "1 ad click was led on but not recorded between 12:03 and 12:03 UTC on 2026-10-01."),
            (
                &[(Click, 5), (Click, 3)],
                "2 ad clicks were led on but not recorded between 12:03 and 12:05 UTC on 2026-10-01.",
            ),
            (&[(Fire, 0), (Fire, 1)], "2 pixel events were refused between 12:00 and 12:01 UTC on 2026-10-01."),
            (
                &[(SegmentLoad, 0), (Impression, 0), (Click, 1500)],
                "1 ad click was led on but not recorded, and 1 ad view, 1 segment request were refused, between \
                 2026-10-01 12:00 and 2026-10-02 13:00 UTC.",
            ),
        ] {
            assert_eq!(of(list), text);
        }
    }
}
