//! Reads the scope from an address. A value that makes no sense gives a sentence, and the page shows the default.

use jiff::civil::Date;

use super::category::Category;
use super::range;
use super::range::{Comparison, Range};
use super::remembered::{Remembered, day};
use crate::admin::shell::form::Form;
use crate::admin::shell::odd::{Odd, quoted};
use crate::domain::{Advertiser, AdvertiserId, Days, Millis};

/// The word for all advertisers. An empty value means the same.
pub const ALL: &str = "all";
/// The word for own days that are shown once, as behind the bar of a chart. Without it, they are remembered.
pub const ONCE: &str = "dates";
/// The most days of a range: more than a year.
pub const MOST_DAYS: i64 = 400;

/// An address. What it gets wrong goes to `odd`.
pub struct Reading<'a> {
    query: &'a Form,
    remembered: Remembered,
    odd: Odd,
    /// Whether the address chose something that pages remember.
    pub has_chosen: bool,
    /// Whether the range is for this page alone.
    pub is_once: bool,
}

impl<'a> Reading<'a> {
    pub fn new(query: &'a Form, remembered: Remembered, odd: &Odd) -> Self {
        Reading { query, remembered, odd: odd.clone(), has_chosen: false, is_once: false }
    }

    /// The advertiser, of those whom the user sees; none for all.
    pub fn advertiser(&mut self, visible: &[Advertiser]) -> Option<AdvertiserId> {
        let sees = |id: AdvertiserId| visible.iter().any(|advertiser| advertiser.id == id);
        let mut values = self.query.all("advertiser_id");
        let Some(value) = values.next() else { return self.remembered.advertiser.filter(|id| sees(*id)) };
        if value.contains(',') || values.any(|other| other != value) {
            self.odd.say("A page shows one advertiser or all, and the address names several. All are shown.");
            return None;
        }
        if value.is_empty() || value == ALL {
            self.has_chosen = true;
            return None;
        }
        let id = value.parse().ok().map(AdvertiserId);
        match id.filter(|id| sees(*id)) {
            Some(id) => {
                self.has_chosen = true;
                Some(id)
            }
            None => {
                let only = visible.first().filter(|_| visible.len() == 1);
                let shown = only.map_or("All are shown.".to_owned(), |only| format!("{} is shown.", only.name));
                self.odd.gone("advertiser", value, &shown);
                None
            }
        }
    }

    /// The range of days. `today` is that of its zone.
    pub fn range(&mut self, today: Date) -> Range {
        let (word, from, to) = (self.query.text("range"), self.query.text("from"), self.query.text("to"));
        let has_dates = !from.is_empty() || !to.is_empty();
        let range = match (word, has_dates) {
            ("", false) => return self.remembered_range(today),
            ("" | ONCE, true) => own(from, to, today),
            (ONCE, false) => Err("A range of your own needs its first and last day.".to_owned()),
            (word, true) if Range::parse(word).is_some() => own(from, to, today).map(|(range, note)| {
                let both = "The address names a range and days. The days are shown.".to_owned();
                (range, Some(note.map_or(both.clone(), |note| format!("{both} {note}"))))
            }),
            (word, _) => Range::parse(word).map(|range| (range, None)).ok_or_else(|| {
                let words: Vec<_> = Range::NAMED.iter().map(|(_, word, _)| *word).collect();
                format!("{} is no range. A range is one of {}.", quoted(word), words.join(", "))
            }),
        };
        match range {
            Ok((range, note)) => {
                self.is_once = word == ONCE;
                self.has_chosen |= !self.is_once;
                note.into_iter().for_each(|note| self.odd.say(note));
                range
            }
            Err(wrong) => {
                self.odd.say(format!("{wrong} The last 30 days are shown."));
                Range::DEFAULT
            }
        }
    }

    /// The remembered range. The days of another zone may reach into its tomorrow.
    fn remembered_range(&self, today: Date) -> Range {
        match self.remembered.range {
            Range::Own { first, last } if first <= today && count(first, last.min(today)) <= MOST_DAYS => {
                Range::Own { first, last: last.min(today) }
            }
            Range::Own { .. } => Range::DEFAULT,
            range => range,
        }
    }

    pub fn comparison(&mut self) -> Comparison {
        let word = self.query.text("compare");
        if word.is_empty() {
            return self.remembered.comparison;
        }
        let comparison = match word {
            "on" => Some(Comparison::Previous),
            word => Comparison::parse(word),
        };
        match comparison {
            Some(comparison) => {
                self.has_chosen = true;
                comparison
            }
            None => {
                let instead = "It is one of previous, last_year, off. The days before are shown.";
                self.odd.no("comparison", word, instead);
                Comparison::default()
            }
        }
    }

    /// The category, or the default one.
    pub fn category(&mut self, default: Category) -> Category {
        let word = self.query.text("category");
        match Category::parse(word) {
            Some(category) => category,
            None if word.is_empty() => default,
            None => {
                let shown = default.label();
                self.odd.no("category of events", word, &format!("{shown} are shown."));
                default
            }
        }
    }
}

/// Own days, and what is left out of them. Or why they are none.
fn own(from: &str, to: &str, today: Date) -> Result<(Range, Option<String>), String> {
    let read = |name: &str, text: &str| {
        day(text).ok_or_else(|| format!("{name} {} is no day. A day is written as {today}.", quoted(text)))
    };
    if from.is_empty() {
        return Err(format!("The first day is missing before {}.", quoted(to)));
    }
    let first = read("From", from)?;
    let last = if to.is_empty() { today } else { read("To", to)? };
    if first > today {
        return Err(format!("{first} is still to come."));
    }
    if first > last {
        return Err(format!("From {first} is after to {last}."));
    }
    let days = count(first, last.min(today));
    if days > MOST_DAYS {
        return Err(format!("{days} days are too many. A page shows at most {MOST_DAYS}."));
    }
    let note = (last > today).then(|| format!("{last} is still to come. The days up to today are shown."));
    Ok((Range::Own { first, last: last.min(today) }, note))
}

fn count(first: Date, last: Date) -> i64 {
    range::count(&Days { first, last, zone: jiff::tz::TimeZone::UTC })
}

/// The comparison's end: as far into its last day as now is into today, up to the quarter hour. Whole days if the range
/// is over.
pub fn comparable_end(days: &Days, before: &Days, now: Millis) -> Option<Millis> {
    let (_, end) = before.between()?;
    let today = days.zone.to_datetime(now.timestamp()).date();
    if days.last != today {
        return Some(end);
    }
    let one = |day: Date| Days { first: day, last: day, zone: days.zone.clone() }.between();
    let (today_begins, _) = one(today)?;
    let (last_begins, _) = one(before.last)?;
    let until = last_begins.plus(now.since(today_begins));
    let until = if until == until.quarter() { until } else { until.quarter().plus(Millis::QUARTER) };
    Some(until.min(end))
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn today() -> Date {
        day("2026-11-23").unwrap()
    }

    fn range_of(query: &str, remembered: Remembered) -> (String, String, bool) {
        let query = Form::parse(query.as_bytes());
        let mut reading = Reading::new(&query, remembered, &Odd::default());
        let range = reading.range(today());
        let text = match range {
            Range::Own { first, last } => format!("{first} to {last}"),
            named => named.word().unwrap().to_owned(),
        };
        (text, reading.odd.sentences().join(" "), reading.has_chosen)
    }

    #[test]
    fn an_address_chooses_a_range() {
        for (query, expected) in [
            ("", "last_30_days"),
            ("range=&from=&to=", "last_30_days"),
            ("range=today", "today"),
            ("range=last_90_days", "last_90_days"),
            ("from=2026-10-25&to=2026-11-23", "2026-10-25 to 2026-11-23"),
            ("range=dates&from=2026-10-25&to=2026-10-25", "2026-10-25 to 2026-10-25"),
            ("from=2026-11-20", "2026-11-20 to 2026-11-23"),
            ("from=2025-10-20&to=2026-11-23", "2025-10-20 to 2026-11-23"),
        ] {
            let (range, notes, has_chosen) = range_of(query, Remembered::default());
            assert_eq!((range.as_str(), notes.as_str()), (expected, ""), "{query}");
            let chooses = (query.contains("20") || query.contains("day")) && !query.contains("dates");
            assert_eq!(has_chosen, chooses, "days behind a bar are shown once: {query}");
        }
    }

    #[test]
    fn a_wrong_range_gives_a_sentence_and_the_default() {
        for (query, sentence) in [
            ("range=foo", "“foo” is no range. A range is one of today, yesterday, last_7_days,"),
            ("range=dates", "A range of your own needs its first and last day."),
            ("from=2026-11-20&to=2026-11-19", "From 2026-11-20 is after to 2026-11-19."),
            ("from=2026-11-24", "2026-11-24 is still to come."),
            ("from=2026-11-24&to=2026-12-01", "2026-11-24 is still to come."),
            ("to=2026-11-20", "The first day is missing before “2026-11-20”."),
            ("from=yesterday", "From “yesterday” is no day. A day is written as 2026-11-23."),
            ("from=2026-11-20&to=2026-11-31", "To “2026-11-31” is no day."),
            ("from=2025-10-19&to=2026-11-23", "401 days are too many. A page shows at most 400."),
            ("from=0001-01-01&to=2026-11-23", "days are too many."),
            ("range=%3Cb%3E", "“<b>” is no range."),
        ] {
            let (range, notes, has_chosen) = range_of(query, Remembered::default());
            assert_eq!((range.as_str(), has_chosen), ("last_30_days", false), "{query}");
            assert!(notes.contains(sentence) && notes.ends_with("The last 30 days are shown."), "{query}: {notes}");
        }
        let (_, notes, _) = range_of(&format!("range={}", "ä".repeat(200)), Remembered::default());
        assert!(notes.contains(&format!("“{}…”", "ä".repeat(40))), "{notes}");
    }

    #[test]
    fn days_to_come_are_left_out_with_a_sentence() {
        let (range, notes, has_chosen) = range_of("from=2026-11-20&to=2026-12-01", Remembered::default());
        assert_eq!((range.as_str(), has_chosen), ("2026-11-20 to 2026-11-23", true));
        assert_eq!(notes, "2026-12-01 is still to come. The days up to today are shown.");
        let (range, notes, _) = range_of("range=today&from=2026-11-20", Remembered::default());
        assert_eq!(range, "2026-11-20 to 2026-11-23");
        assert_eq!(notes, "The address names a range and days. The days are shown.");
    }

    #[test]
    fn a_remembered_range_holds_until_an_address_names_another() {
        let own = |first, last| Range::Own { first: day(first).unwrap(), last: day(last).unwrap() };
        let with = |range| Remembered { range, ..Remembered::default() };
        let week = with(Range::Latest(7));
        assert_eq!(range_of("", week), ("last_7_days".to_owned(), String::new(), false));
        assert_eq!(range_of("range=today", week).0, "today");
        assert_eq!(range_of("", with(own("2026-11-01", "2026-11-24"))).0, "2026-11-01 to 2026-11-23");
        assert_eq!(range_of("", with(own("2026-11-24", "2026-11-24"))).0, "last_30_days");
        assert_eq!(
            range_of("", with(own("0001-01-01", "2026-11-23"))).0,
            "last_30_days",
            "a cookie that somebody wrote"
        );
    }

    #[test]
    fn an_address_chooses_one_visible_advertiser_or_all() {
        let advertiser = |id| Advertiser { id: AdvertiserId(id), ..Advertiser::new("A") };
        let visible = [advertiser(3), advertiser(7)];
        let remembered = Remembered { advertiser: Some(AdvertiserId(7)), ..Remembered::default() };
        for (query, expected, notes, has_chosen) in [
            ("", Some(7), 0, false),
            ("advertiser_id=3", Some(3), 0, true),
            ("advertiser_id=3&advertiser_id=3", Some(3), 0, true),
            ("advertiser_id=", None, 0, true),
            ("advertiser_id=all", None, 0, true),
            ("advertiser_id=4", None, 1, false),
            ("advertiser_id=0", None, 1, false),
            ("advertiser_id=-3", None, 1, false),
            ("advertiser_id=x", None, 1, false),
            ("advertiser_id=3,7", None, 1, false),
            ("advertiser_id=3&advertiser_id=7", None, 1, false),
            ("advertiser_id=99999999999999999999", None, 1, false),
        ] {
            let query = Form::parse(query.as_bytes());
            let mut reading = Reading::new(&query, remembered, &Odd::default());
            assert_eq!(reading.advertiser(&visible), expected.map(AdvertiserId), "{query:?}");
            assert_eq!(
                (reading.odd.sentences().len(), reading.has_chosen),
                (notes, has_chosen),
                "{query:?}: {:?}",
                reading.odd
            );
        }
        // Another user of this browser does not see the advertiser that the last one chose.
        let query = Form::default();
        assert_eq!(Reading::new(&query, remembered, &Odd::default()).advertiser(&visible[..1]), None);
    }

    #[test]
    fn an_address_chooses_comparison_and_category() {
        for (query, comparison, notes) in [
            ("", Comparison::Previous, 0),
            ("compare=on", Comparison::Previous, 0),
            ("compare=off", Comparison::Off, 0),
            ("compare=last_year", Comparison::LastYear, 0),
            ("compare=yes", Comparison::Previous, 1),
        ] {
            let query = Form::parse(query.as_bytes());
            let mut reading = Reading::new(&query, Remembered::default(), &Odd::default());
            assert_eq!((reading.comparison(), reading.odd.sentences().len()), (comparison, notes), "{query:?}");
        }
        for (query, category, notes) in
            [("", Category::Without, 0), ("category=all", Category::All, 0), ("category=sale", Category::Without, 1)]
        {
            let query = Form::parse(query.as_bytes());
            let mut reading = Reading::new(&query, Remembered::default(), &Odd::default());
            assert_eq!(
                (reading.category(Category::Without), reading.odd.sentences().len()),
                (category, notes),
                "{query:?}"
            );
        }
    }

    #[test]
    fn a_comparison_ends_at_the_same_time_of_day() {
        let end = |zone: &str, now: &str, comparison: Comparison, range: Range| {
            let now = Millis::parse(now).unwrap();
            let days = range.days(now, TimeZone::get(zone).unwrap());
            let before = comparison.before(&days).unwrap();
            comparable_end(&days, &before, now).unwrap().to_string()
        };
        let (previous, now) = (Comparison::Previous, "2026-11-23 06:31:00");
        assert_eq!(end("Europe/Berlin", now, previous, Range::Today), "2026-11-22 06:45:00");
        assert_eq!(end("Europe/Berlin", "2026-11-23 06:30:00", previous, Range::Today), "2026-11-22 06:30:00");
        assert_eq!(end("Europe/Berlin", now, previous, Range::Latest(7)), "2026-11-16 06:45:00");
        // The clocks went back within these 30 days: the time of day stays, the hours do not.
        assert_eq!(end("Europe/Berlin", now, previous, Range::Latest(30)), "2026-10-24 05:45:00");
        assert_eq!(end("Asia/Kolkata", now, previous, Range::Today), "2026-11-22 06:45:00");
        assert_eq!(end("Europe/Berlin", now, previous, Range::Yesterday), "2026-11-21 23:00:00");
        assert_eq!(end("Europe/Berlin", now, Comparison::LastYear, Range::ThisMonth), "2025-11-23 06:45:00");
        // The day the clocks went forward has 23 hours: a comparison never reaches into the next.
        assert_eq!(end("Europe/Berlin", "2026-03-30 21:59:00", previous, Range::Today), "2026-03-29 22:00:00");
    }
}
