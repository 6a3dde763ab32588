//! Texts that a spreadsheet would run as formulas (`docs/rules/reports.md`, *Files*). A spreadsheet may split a file at another
//! character than the one it was written with, so each part of a text counts as the beginning of a cell.

use std::borrow::Cow;

use super::csv::Separator;

/// Puts a `'` before each part of a text that a spreadsheet would run.
pub(super) fn defuse(text: &str, separator: Separator) -> Cow<'_, str> {
    let mut defused = String::new();
    let (mut copied, mut begin, mut before) = (0, 0, None);
    for part in text.split_inclusive(|sign| is_separator(sign, separator)) {
        if is_dangerous(part, before) {
            defused.push_str(&text[copied..begin]);
            defused.push('\'');
            copied = begin;
        }
        begin += part.len();
        before = part.chars().next_back();
    }
    // The next cell would begin a part here, with the tab that separates the two.
    let is_open = separator == Separator::Tab && ends_open(text, separator);
    if defused.is_empty() && !is_open {
        return Cow::Borrowed(text);
    }
    defused.push_str(&text[copied..]);
    if is_open {
        defused.push('\'');
    }
    Cow::Owned(defused)
}

/// Excel splits a CSV at `;` in many languages. A text with a comma has quotes in a CSV, but not between tabs.
fn is_separator(sign: char, separator: Separator) -> bool {
    matches!(sign, ';' | '\t' | '\r' | '\n') || separator == Separator::Tab && sign == ','
}

/// Whether nothing that is seen follows the last separator.
fn ends_open(text: &str, separator: Separator) -> bool {
    let is_separator = |sign| is_separator(sign, separator);
    text.trim_end_matches(|sign| is_skipped(sign) && !is_separator(sign)).ends_with(is_separator)
}

/// Whether a part of a text is run, or loses the tab or line break that it begins with. `before` is the character that
/// ended the part before.
fn is_dangerous(part: &str, before: Option<char>) -> bool {
    let unquoted = part.trim_start_matches('"');
    match before {
        None if unquoted.starts_with(['\t', '\r', '\n']) => true,
        Some(';' | ',' | '\r' | '\n') if unquoted.starts_with('\t') => true,
        _ => part.trim_start_matches(is_skipped).starts_with(is_sign),
    }
}

/// The signs that begin a formula, also as wide and as small forms, and the minus sign.
fn is_sign(sign: char) -> bool {
    matches!(sign, '=' | '+' | '-' | '@')
        || matches!(sign, '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}')
        || matches!(sign, '\u{fe66}' | '\u{fe62}' | '\u{fe63}' | '\u{fe6b}' | '\u{2212}')
}

/// What a spreadsheet may skip before a sign. A quote is skipped where another cell's quote ended it.
fn is_skipped(sign: char) -> bool {
    sign == '"' || is_blank(sign)
}

/// Blanks, control characters, and characters without a width.
fn is_blank(sign: char) -> bool {
    sign.is_whitespace()
        || sign.is_control()
        || matches!(sign, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}')
        || matches!(sign, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}')
        || matches!(sign, '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}')
        || matches!(sign, '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::cell::Cell;
    use super::super::csv::Sheet;
    use super::*;

    #[test]
    fn parts_that_begin_with_a_sign_get_an_apostrophe() {
        for (text, in_csv, between_tabs) in [
            ("plain; text, and 1-2 = 3", "plain; text, and 1-2 = 3", "plain; text, and 1-2 = 3"),
            ("a@shop.example", "a@shop.example", "a@shop.example"),
            ("one\r\ntwo\tthree", "one\r\ntwo\tthree", "one\r\ntwo\tthree"),
            ("=1", "'=1", "'=1"),
            ("\tx", "'\tx", "'\tx"),
            ("\nx", "'\nx", "'\nx"),
            (";=1+1", ";'=1+1", ";'=1+1"),
            ("a;+1;-2\t@x\r\n=3", "a;'+1;'-2\t'@x\r\n'=3", "a;'+1;'-2\t'@x\r\n'=3"),
            ("a,=1", "a,=1", "a,'=1"),
            ("a,", "a,", "a,'"),
            ("a; ", "a; ", "a; '"),
            ("＝1＋1", "'＝1＋1", "'＝1＋1"),
            ("a;＠x", "a;'＠x", "a;'＠x"),
            ("\u{200b} =1", "'\u{200b} =1", "'\u{200b} =1"),
            ("a;\u{feff}\u{a0}-1", "a;'\u{feff}\u{a0}-1", "a;'\u{feff}\u{a0}-1"),
            ("x;\"=1", "x;'\"=1", "x;'\"=1"),
            ("a;\tb", "a;'\tb", "a;'\tb"),
            ("\u{2212}1", "'\u{2212}1", "'\u{2212}1"),
            ("", "", ""),
        ] {
            assert_eq!(defuse(text, Separator::Comma), in_csv, "{text:?}");
            assert_eq!(defuse(text, Separator::Tab), between_tabs, "{text:?}");
        }
    }

    /// The file's text without its mark.
    fn written(separator: Separator, rows: &[(String, String)]) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut sheet = Sheet::create(file.path(), separator, &["day", "order_id", "other", "value"]).unwrap();
        let cell = |text: &str, foreign, number| Cell { text: text.to_owned(), foreign, number };
        for (one, other) in rows {
            let own = cell("2026-10-01", false, false);
            sheet.row(&[own, cell(one, true, false), cell(other, true, false), cell("-5.5", false, true)]).unwrap();
        }
        sheet.finish().unwrap();
        std::fs::read_to_string(file.path()).unwrap().trim_start_matches('\u{feff}').to_owned()
    }

    fn cells(text: &str, delimiter: u8) -> Vec<Vec<String>> {
        let reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
        reader.into_records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    proptest! {
        #[test]
        fn no_reader_finds_a_cell_that_begins_with_a_sign(
            rows in proptest::collection::vec(
                (r#"[=+\-@＝＋－＠\t\r\n ,;"'a1\u{200b}\u{feff}\u{a0}]{0,9}"#, r#"[=+\-@＝\t\r\n ,;"a\u{200b}]{0,9}"#),
                1..5,
            )
        ) {
            for (separator, own) in [(Separator::Comma, b','), (Separator::Tab, b'\t')] {
                let text = written(separator, &rows);
                for delimiter in [b',', b';', b'\t'] {
                    for cell in cells(&text, delimiter).iter().flatten() {
                        let seen = cell.trim_start_matches(is_blank);
                        let is_run = seen.starts_with(is_sign) || cell.starts_with(['\t', '\r', '\n']);
                        prop_assert!(!is_run || cell == "-5.5", "{cell:?} of {text:?} read by {:?}", char::from(delimiter));
                    }
                }
                for (cells, (one, other)) in cells(&text, own).iter().zip(&rows) {
                    prop_assert_eq!(cells.len(), 4);
                    prop_assert_eq!(&cells[3], "-5.5", "our own number stays one");
                    for (cell, text) in [(&cells[1], one), (&cells[2], other)] {
                        prop_assert_eq!(cell.replace('\'', ""), text.replace('\'', ""), "nothing else changes");
                    }
                }
            }
        }
    }
}
