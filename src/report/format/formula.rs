//! Texts that a spreadsheet would run as formulas (`docs/rules/reports.md`, *Files*). A spreadsheet may split a file at another
//! character than the one it was written with, so each part of a text counts as the beginning of a cell.

use std::borrow::Cow;

/// What separates the cells of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Separator {
    Comma,
    Tab,
}

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
pub(super) fn is_sign(sign: char) -> bool {
    matches!(sign, '=' | '+' | '-' | '@')
        || matches!(sign, '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}')
        || matches!(sign, '\u{fe66}' | '\u{fe62}' | '\u{fe63}' | '\u{fe6b}' | '\u{2212}')
}

/// What a spreadsheet may skip before a sign. A quote is skipped where another cell's quote ended it.
fn is_skipped(sign: char) -> bool {
    sign == '"' || is_blank(sign)
}

/// Blanks, control characters, and characters without a width.
pub(super) fn is_blank(sign: char) -> bool {
    sign.is_whitespace()
        || sign.is_control()
        || matches!(sign, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}')
        || matches!(sign, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}')
        || matches!(sign, '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}')
        || matches!(sign, '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
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
}
