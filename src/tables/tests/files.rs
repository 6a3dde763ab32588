//! A table of files as ad platforms, Excel and people write them, with what must be read in each.

use super::{figures, layout, read, read_as};
use crate::domain::Currency;
use crate::tables::columns::Mapping;
use crate::tables::costs::{AMOUNT, COSTS, DAY, NAME};

macro_rules! file {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/it/admin/costs/files/", $name))
    };
}

/// The text in UTF-16 with its mark.
fn utf_16(text: &[u8], is_little: bool) -> Vec<u8> {
    let text = std::str::from_utf8(text).unwrap();
    let unit = |unit: u16| if is_little { unit.to_le_bytes() } else { unit.to_be_bytes() };
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(unit).collect()
}

/// Name, bytes, and what is found in them.
type Case<'a> = (&'a str, &'a [u8], &'a str, &'a str, &'a [&'a str], u64);

#[test]
fn exports_are_recognised_and_added_up() {
    let cases: &[Case] = &[
        (
            "google_ads",
            file!("google_ads.csv"),
            "UTF-8",
            ",",
            &[
                "2026-11-01 Brand search 42.00 EUR",
                "2026-11-01 Shoes, autumn 1049.60 EUR",
                "2026-11-02 Brand search 32.67 EUR",
                "2026-11-03 Brand search 34.34 EUR",
            ],
            2,
        ),
        (
            "google_ads",
            &utf_16(file!("google_ads_german.utf8"), true),
            "UTF-16",
            "\t",
            &["2026-11-03 Marke 1234.56 EUR", "2026-11-03 Schuhe – Herbst 7.00 EUR"],
            1,
        ),
        (
            "google_ads",
            &utf_16(file!("google_ads_german.utf8"), false),
            "UTF-16",
            "\t",
            &["2026-11-03 Marke 1234.56 EUR", "2026-11-03 Schuhe – Herbst 7.00 EUR"],
            1,
        ),
        (
            "meta_ads",
            file!("meta_ads.csv"),
            "UTF-8",
            ",",
            &["2026-11-01 Prospecting 60.50 EUR", "2026-11-02 Retargeting 15.00 EUR"],
            1,
        ),
        (
            "meta_ads",
            file!("meta_ads_german.csv"),
            "UTF-8",
            ";",
            &["2026-11-01 Herbst 1040.25 EUR", "2026-11-02 Herbst 20.50 EUR"],
            0,
        ),
        (
            "microsoft_ads",
            file!("microsoft_ads.csv"),
            "UTF-8",
            ",",
            &[
                "2026-11-01 Brand @Shop DE 18.40 EUR",
                "2026-11-13 Brand @Shop AT 2.00 EUR",
                "2026-11-13 Brand @Shop DE 1017.02 EUR",
            ],
            1,
        ),
        (
            "plain",
            file!("plain_cp1252.csv"),
            "Windows-1252",
            ";",
            &["2026-11-03 Frühling 1234.50 CHF", "2026-11-04 Frühling -12.00 CHF"],
            0,
        ),
    ];
    for (profile, bytes, encoding, separator, expected, skipped) in cases {
        let outcome = read(bytes, "").unwrap();
        assert_eq!(outcome.guess.profile.key, *profile, "{expected:?}");
        assert_eq!(outcome.layout.encoding.name(), *encoding, "{expected:?}");
        assert_eq!(char::from(outcome.layout.separator).to_string(), *separator, "{expected:?}");
        assert_eq!(figures(&outcome.table), *expected);
        assert_eq!(outcome.table.problems, [], "{expected:?}");
        assert_eq!(outcome.table.skipped_count, *skipped, "{:?}", outcome.table.skipped);
        assert!((0..COSTS.fields.len()).all(|field| outcome.survey.riddle(field).is_none()), "{expected:?}");
    }
}

#[test]
fn a_column_with_two_readings_is_asked_with_both() {
    let eur = Currency::parse("EUR");
    let bytes = file!("google_ads_riddles.csv");
    let open = read_as(bytes, "", eur, |mapping| mapping).unwrap();
    let riddle = |key: &str| {
        let riddles = open.survey.riddle(COSTS.place(key).unwrap()).unwrap();
        riddles.iter().map(|one| format!("{} {} {:?}", one.line, one.text, one.meanings)).collect::<Vec<_>>()
    };
    assert_eq!(
        riddle(DAY),
        [
            "2 01/11/2026 [\"1 November 2026\", \"11 January 2026\"]",
            "3 02/11/2026 [\"2 November 2026\", \"11 February 2026\"]"
        ]
    );
    assert_eq!(riddle(AMOUNT), ["2 1,234 [\"1234.00\", \"1.234\"]", "3 2,500 [\"2500.00\", \"2.50\"]"]);
    let answered = |day: &str, mark: &str| {
        let mut file = std::io::Cursor::new(&bytes[..]);
        let formats: Vec<_> = COSTS
            .fields
            .iter()
            .enumerate()
            .map(|(at, field)| open.survey.format(at, if field.key == DAY { day } else { mark }))
            .collect();
        let terms = crate::tables::costs::Terms {
            today: jiff::civil::date(2026, 11, 30),
            currency: eur,
            negative: crate::tables::costs::NegativeCost::Ask,
        };
        let (layout, mapping) = (&open.layout, &open.guess.mapping);
        figures(&crate::tables::costs::CostTable::read(&mut file, layout, mapping, &formats, &terms).unwrap())
    };
    assert_eq!(answered("day", "point"), ["2026-11-01 Brand search 1234.00 EUR", "2026-11-02 Shoes 2500.00 EUR"]);
    assert_eq!(answered("month", "comma"), ["2026-01-11 Brand search 1.234 EUR", "2026-02-11 Shoes 2.50 EUR"]);
}

#[test]
fn each_cell_that_breaks_a_rule_is_named() {
    let outcome = read_as(file!("plain_faults.csv"), "", Currency::parse("EUR"), |mapping| mapping).unwrap();
    let named =
        |one: &crate::tables::rows::Problem| format!("{} {} “{}” {}", one.line, one.column, one.value, one.rule);
    assert_eq!(
        outcome.table.problems.iter().map(named).collect::<Vec<_>>(),
        [
            "3 date “2026-11-31” is no day of the calendar",
            "4 campaign “” is empty",
            "5 cost “twelve” is no number",
            "6 cost “12%” is a percentage, no amount",
            "7 date “2099-01-01” is a day of the future",
        ]
    );
    assert_eq!(figures(&outcome.table), ["2026-11-01 Brand 12.50 EUR"]);
    // Without a currency no row says how much it was.
    let outcome = read(file!("plain_faults.csv"), "").unwrap();
    assert_eq!((outcome.table.without_currency, outcome.table.figures.len()), (1, 0));
    // A file by month is refused as a whole.
    let outcome = read(file!("meta_ads_month.csv"), "").unwrap();
    assert_eq!(outcome.table.longer_than_a_day.unwrap().line, 2);
    assert!(outcome.table.figures.is_empty());
}

#[test]
fn mixed_columns_keep_the_reading_of_most_and_name_the_others() {
    let text = "day,campaign,cost\n13/11/2026,A,\"1.000,50\"\n14/11/2026,A,\"2,00\"\n11/15/2026,A,\"3,00\"\n15/11/2026,A,4.99\n";
    let outcome = read_as(text.as_bytes(), "", Currency::parse("EUR"), |mapping| mapping).unwrap();
    let named = |one: &crate::tables::rows::Problem| format!("{} {}", one.line, one.rule);
    assert_eq!(
        outcome.table.problems.iter().map(named).collect::<Vec<_>>(),
        [
            "4 has the month first, and the column has the day first",
            "5 has a decimal point, and the column has decimal commas"
        ]
    );
}

#[test]
fn files_that_are_no_tables_are_refused_in_words() {
    let long = format!("day,campaign,cost\n2026-11-01,{},1\n", "x".repeat(70_000));
    let wide = format!("day,cost{}\n", ",a".repeat(600));
    let open = "day,campaign,cost\n2026-11-01,\"A,1\n2026-11-02,B,2\n";
    for (bytes, expected) in [
        (&b""[..], "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b" \r\n\n", "is empty"),
        (b"PK\x03\x04....[Content_Types].xml", "an Excel workbook (.xlsx)"),
        (b"PK\x03\x04....orders.csv", "a zip archive"),
        (b"%PDF-1.7", "a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls)"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"[{\"day\": 1}]", "JSON"),
        (b"a,b\0,c\n", "bytes that no text has"),
        (b"day,campaign,cost\n", "no row below it"),
        (b"hello\nworld\n", "No header"),
        (wide.as_bytes(), "more than 500 columns"),
        (open.as_bytes(), "never closed"),
        (long.as_bytes(), "longer than 64 kB"),
    ] {
        let refusal = read(bytes, "").err().unwrap_or_else(|| panic!("{expected} was read")).to_string();
        assert!(refusal.contains(expected), "{refusal}, not {expected}");
    }
}

#[test]
fn columns_are_found_by_name_and_content() {
    let column = |text: &str, key: &str| {
        let mapping = read(text.as_bytes(), "").unwrap().guess.mapping;
        mapping.column(COSTS.place(key).unwrap())
    };
    // By content alone: one column of days, one of numbers, one of texts.
    let unknown = "Wann;Was;Wieviel\n3.11.2026;Marke;12,50\n4.11.2026;Schuhe;1,00\n";
    assert_eq!([DAY, NAME, AMOUNT].map(|key| column(unknown, key)), [Some(0), Some(1), Some(2)]);
    // Google's titles are free, but a range of days follows.
    let titled = "Brand by day\n\"1 November 2026 – 30 November 2026\"\nDay,Campaign,Cost\n2026-11-01,A,1.50\n";
    assert_eq!(read(titled.as_bytes(), "").unwrap().guess.profile.key, "google_ads");
    // Two columns of numbers, and none called cost.
    let unsure = "day,campaign,first,second\n2026-11-01,A,1.50,2.50\n";
    assert_eq!(column(unsure, AMOUNT), None);
    // Twice the same name.
    let twice = "day,campaign,cost,cost\n2026-11-01,A,1.50,2.50\n";
    assert_eq!(column(twice, AMOUNT), None);
    // No month is a day, although it looks like one.
    let month = "Month,Campaign,Cost\n2026-11-01,A,1.50\n";
    assert_eq!(column(month, DAY), None);
    // Without a header, columns go by their places.
    let bare = layout(b"2026-11-01,A,1.50\n2026-11-02,B,2.50\n").unwrap();
    assert_eq!((bare.header_line, bare.header.join("|")), (0, "Column 1|Column 2|Column 3".to_owned()));
    let unmapped = read_as(unknown.as_bytes(), "", None, |_| Mapping(Vec::new())).unwrap();
    assert_eq!(unmapped.table.problem_count, 2);
}
