//! Parts spans of time for reading: whole UTC days where sums by day hold them, and quarter hours around the borders of a
//! span. A day with a border in it counts for its longest part, which gives back what belongs to the others.

use crate::domain::Millis;

/// The span's place in the query, and whether it lies behind the query's end of what is in time.
pub(super) type Part = (usize, bool);

/// A stretch of time to read, and the parts that it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Whether to read days, and not quarter hours.
    pub(super) is_day: bool,
    pub(super) from: Millis,
    pub(super) to: Millis,
    pub(super) adds_to: Part,
    pub(super) takes_from: Option<Part>,
}

impl Piece {
    /// Whether a day follows these days and belongs to the same span.
    fn goes_on_in(&self, day: &Piece) -> bool {
        self.is_day && self.to == day.from && self.adds_to == day.adds_to
    }
}

/// A day is read as a whole if its longest part has at least so much of it.
const LONG: i64 = Millis::DAY / 2;

/// The spans' borders are quarter hours in order, the last of them the end.
pub(super) fn pieces(begins: &[Millis], until: Option<Millis>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let parts = parts(begins, until);
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return pieces };
    let (start, end) = (first.from, last.to);
    let mut day = start.day();
    while day < end {
        let next = day.plus(Millis::DAY);
        let within: Vec<Piece> = parts
            .iter()
            .map(|part| Piece { from: part.from.max(day), to: part.to.min(next), ..*part })
            .filter(|part| part.from < part.to)
            .collect();
        let longest = within.iter().max_by_key(|part| part.to.since(part.from)).copied();
        match longest.filter(|part| day >= start && next <= end && part.to.since(part.from) >= LONG) {
            None => pieces.extend(within),
            Some(longest) => {
                let whole = Piece { is_day: true, from: day, to: next, ..longest };
                match pieces.last_mut().filter(|before| before.goes_on_in(&whole)) {
                    Some(before) => before.to = next,
                    None => pieces.push(whole),
                }
                let others = within.into_iter().filter(|part| part.from != longest.from);
                pieces.extend(others.map(|part| Piece { takes_from: Some(longest.adds_to), ..part }));
            }
        }
        day = next;
    }
    pieces
}

/// The spans that are not empty, cut at `until`.
fn parts(begins: &[Millis], until: Option<Millis>) -> Vec<Piece> {
    let mut parts = Vec::new();
    for (span, two) in begins.windows(2).enumerate() {
        let [from, to] = two else { continue };
        let cut = until.unwrap_or(*to).clamp(*from, (*to).max(*from));
        for (from, to, is_late) in [(*from, cut, false), (cut, *to, true)] {
            if from < to {
                parts.push(Piece { is_day: false, from, to, adds_to: (span, is_late), takes_from: None });
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Millis {
        Millis::parse(text).unwrap()
    }

    fn text(begins: &[&str], until: Option<&str>) -> Vec<String> {
        let begins: Vec<Millis> = begins.iter().map(|text| at(text)).collect();
        let word = |piece: Piece| {
            let kind = if piece.is_day { "day" } else { "quarters" };
            let short = |at: Millis| at.to_string()[8..16].to_owned();
            let part = |(span, is_late): Part| format!("{span}{}", if is_late { " late" } else { "" });
            let takes = piece.takes_from.map(|from| format!(" from {}", part(from))).unwrap_or_default();
            format!("{kind} {} - {} to {}{takes}", short(piece.from), short(piece.to), part(piece.adds_to))
        };
        pieces(&begins, until.map(at)).into_iter().map(word).collect()
    }

    #[test]
    fn days_of_utc_are_read_as_days() {
        assert_eq!(
            text(&["2026-10-01", "2026-10-02", "2026-10-03"], None),
            ["day 01 00:00 - 02 00:00 to 0", "day 02 00:00 - 03 00:00 to 1"]
        );
        assert_eq!(
            text(&["2026-10-01", "2026-10-02"], Some("2026-10-01 06:15:00")),
            ["day 01 00:00 - 02 00:00 to 0 late", "quarters 01 00:00 - 01 06:15 to 0 from 0 late"]
        );
        assert_eq!(text(&["2026-10-01", "2026-10-04"], None), ["day 01 00:00 - 04 00:00 to 0"]);
        assert_eq!(
            text(&["2026-09-30 22:00:00", "2026-10-03 22:00:00"], None),
            ["quarters 30 22:00 - 01 00:00 to 0", "day 01 00:00 - 03 00:00 to 0", "quarters 03 00:00 - 03 22:00 to 0"]
        );
        assert_eq!(text(&[], None), Vec::<String>::new());
        assert_eq!(text(&["2026-10-01", "2026-10-01"], None), Vec::<String>::new());
    }

    #[test]
    fn days_of_other_zones_give_back_what_is_not_theirs() {
        assert_eq!(
            text(&["2026-10-01 22:00:00", "2026-10-02 22:00:00", "2026-10-03 22:00:00"], None),
            [
                "quarters 01 22:00 - 02 00:00 to 0",
                "day 02 00:00 - 03 00:00 to 0",
                "quarters 02 22:00 - 03 00:00 to 1 from 0",
                "quarters 03 00:00 - 03 22:00 to 1",
            ]
        );
    }

    #[test]
    fn hours_are_read_by_quarter_hours() {
        let hours = ["2026-10-01 00:00:00", "2026-10-01 10:00:00", "2026-10-01 14:00:00", "2026-10-02 00:00:00"];
        assert!(text(&hours, None).iter().all(|piece| piece.starts_with("quarters") && !piece.contains("from")));
    }
}
