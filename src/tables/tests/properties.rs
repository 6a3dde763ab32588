//! Properties: the reader reads back any encoding, any separator and any way to write numbers and days. No bytes make
//! it panic.

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::{figures, read_as};
use crate::domain::{Currency, Micros};
use crate::tables::columns::Mapping;
use crate::tables::formats::{DayOrder, DecimalMark, WrittenDay, WrittenNumber};
use crate::tables::fuzz;

const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// Groups the digits of a whole number by threes.
fn grouped(digits: &str, mark: &str) -> String {
    let first = digits.len() % 3;
    let (head, rest) = digits.split_at(first);
    let groups: Vec<&str> = (0..rest.len()).step_by(3).map(|at| &rest[at..at + 3]).collect();
    let all: Vec<&str> = Some(head).filter(|head| !head.is_empty()).into_iter().chain(groups).collect();
    all.join(mark)
}

/// An amount in cents, as people write it.
fn written(cents: i64, mark: DecimalMark, thousands: &str, sign: usize) -> String {
    let (point, whole) = (if mark == DecimalMark::Point { "." } else { "," }, cents.unsigned_abs() / 100);
    let text = format!("{}{point}{:02}", grouped(&whole.to_string(), thousands), cents.unsigned_abs() % 100);
    match (cents < 0, sign % 4) {
        (false, 0) => text,
        (false, 1) => format!("€{text}"),
        (false, 2) => format!("{text}\u{a0}€"),
        (false, _) => format!("EUR {text}"),
        (true, 0) => format!("-{text}"),
        (true, 1) => format!("({text})"),
        (true, 2) => format!("{text}-"),
        (true, _) => format!("−€{text}"),
    }
}

fn encoded(text: &str, encoding: usize) -> Option<Vec<u8>> {
    let units = |to: fn(u16) -> [u8; 2]| std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(to).collect();
    match encoding {
        0 => Some(text.as_bytes().to_vec()),
        1 => Some([b"\xef\xbb\xbf", text.as_bytes()].concat()),
        2 => Some(units(u16::to_le_bytes)),
        3 => Some(units(u16::to_be_bytes)),
        _ => {
            let (bytes, _, has_lost) = encoding_rs::WINDOWS_1252.encode(text);
            (!has_lost).then(|| bytes.into_owned())
        }
    }
}

fn shown(day: Date, form: usize) -> String {
    let form =
        ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%-d.%-m.%Y", "%b %-d, %Y", "%-d %B %Y", "%Y-%m-%d 00:00:00"]
            [form % 8];
    day.strftime(form).to_string()
}

fn days() -> impl Strategy<Value = Date> {
    (2001_i16..2026, 1_i8..=12, 1_i8..=28).prop_map(|(year, month, day)| date(year, month, day))
}

proptest! {
    #[test]
    fn an_amount_is_read_as_it_was_written(
        cents in -99_999_999_999_i64..99_999_999_999,
        sign in 0_usize..4,
        blank in prop::sample::select(vec!["", " ", "\u{a0}", "\u{202f}", "'", "’"]),
    ) {
        for mark in DecimalMark::BOTH {
            let other = if mark == DecimalMark::Point { "," } else { "." };
            for thousands in [blank, other] {
                let text = written(cents, mark, thousands, sign);
                let read = WrittenNumber::read(&text, mark).map(|number| number.amount);
                prop_assert_eq!(read, Some(Micros(cents * 10_000)), "{}", text);
            }
        }
    }

    #[test]
    fn a_day_is_read_as_it_was_written(day in days(), form in 0_usize..8) {
        let text = shown(day, form);
        for order in DayOrder::BOTH {
            prop_assert_eq!(WrittenDay::read(&text, order).map(|written| written.day), Some(day), "{}", text);
        }
        for (order, form) in [(DayOrder::DayFirst, "%-d/%-m/%Y"), (DayOrder::MonthFirst, "%m/%d/%Y 12:00:00 AM")] {
            let text = day.strftime(form).to_string();
            prop_assert_eq!(WrittenDay::read(&text, order).map(|written| written.day), Some(day), "{}", text);
        }
    }

    #[test]
    fn a_table_is_read_in_any_encoding(
        rows in prop::collection::vec((days(), "[A-Za-zäöüß ,;\"\n|-]{1,12}", 100_000_i64..9_999_999), 1..8),
        separator in 0_usize..4,
        encoding in 0_usize..5,
        form in 0_usize..8,
        line_end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
        is_comma in any::<bool>(),
    ) {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let separator = SEPARATORS[separator].to_string();
        let (mark, thousands) = if is_comma { (DecimalMark::Comma, ".") } else { (DecimalMark::Point, ",") };
        let line = |(day, name, cents): &(Date, String, i64)| {
            // The name begins and ends with a letter, since blanks around a cell are cut.
            let cells = [shown(*day, form), format!("A{name}Z"), written(*cents, mark, thousands, 0)];
            cells.map(|cell| quoted(&cell)).join(&separator)
        };
        let lines: Vec<String> =
            std::iter::once(["Day", "Campaign", "Cost"].join(&separator)).chain(rows.iter().map(line)).collect();
        let text = lines.join(line_end);
        let Some(bytes) = encoded(&text, encoding) else { return Ok(()) };
        let outcome = read_as(&bytes, "", Currency::parse("EUR"), |mapping| mapping).unwrap();
        prop_assert_eq!(&outcome.table.problems, &[]);
        let mut sums = std::collections::BTreeMap::new();
        for (day, name, cents) in &rows {
            *sums.entry((*day, format!("A{name}Z"))).or_insert(0) += cents;
        }
        let expected: Vec<String> = sums
            .iter()
            .map(|((day, name), cents)| format!("{day} {name} {} EUR", Micros(cents * 10_000).to_money()))
            .collect();
        prop_assert_eq!(figures(&outcome.table), expected);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = fuzz::table(&bytes, "day");
    }

    #[test]
    fn no_text_that_looks_like_a_table_makes_it_panic(
        text in "(Day|Cost|Campaign|Total|sep=|[,;\t|]|\"|\n|\r|[0-9]{1,4}|[-/.:'( )%€$]|EUR|Nov|\u{202f}|é){0,80}",
        column in 0_usize..4,
    ) {
        let _ = read_as(text.as_bytes(), "comma", None, |mapping| {
            Mapping(mapping.0.iter().map(|known| known.or(Some(column))).collect())
        });
    }

    #[test]
    fn no_cell_makes_a_format_panic(text in "\\PC{0,24}", digits in "[-+0-9.,/: '()%€$TZ]{0,24}") {
        for text in [&text, &digits] {
            for mark in DecimalMark::BOTH {
                let _ = WrittenNumber::read(text, mark);
            }
            for order in DayOrder::BOTH {
                let _ = WrittenDay::read(text, order);
            }
        }
    }
}
