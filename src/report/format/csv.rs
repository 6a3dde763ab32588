//! Reports as text separated by commas (`csv`) or tabs (`excel`). Lines end in CRLF. With tabs, a byte order mark tells
//! Excel that the text is UTF-8; programs that read `csv` would take the mark for a part of the first column's name.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::cell::Cell;
use super::written;

/// What separates the cells of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Separator {
    Comma,
    Tab,
}

/// A file of rows while it is written.
pub(in crate::report) struct Sheet(csv::Writer<BufWriter<File>>);

impl Sheet {
    /// Begins a file with the names of its columns.
    pub(in crate::report) fn create(path: &Path, separator: Separator, columns: &[&str]) -> io::Result<Self> {
        let mut file = BufWriter::new(File::create(path)?);
        let delimiter = match separator {
            Separator::Comma => b',',
            Separator::Tab => {
                file.write_all(b"\xef\xbb\xbf")?;
                b'\t'
            }
        };
        let mut sheet =
            csv::WriterBuilder::new().delimiter(delimiter).terminator(csv::Terminator::CRLF).from_writer(file);
        sheet.write_record(columns)?;
        Ok(Sheet(sheet))
    }

    /// Writes a row.
    pub(in crate::report) fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        for cell in cells {
            let text = if cell.foreign { defused(&cell.text) } else { Cow::Borrowed(cell.text.as_str()) };
            self.0.write_field(text.as_bytes())?;
        }
        Ok(self.0.write_record(None::<&[u8]>)?)
    }

    /// Ends the file on the disk, and says how many bytes it has.
    pub(in crate::report) fn finish(self) -> io::Result<u64> {
        let file = self.0.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
        written(file)
    }
}

/// The text so that no spreadsheet runs a part of it, whichever sign it takes for the end of a cell: each part that begins
/// as a formula gets a `'` before it (`docs/rules/reports.md`).
fn defused(text: &str) -> Cow<'_, str> {
    let parts = || text.split_inclusive(ENDS);
    if text.starts_with(ENDS) || parts().any(is_formula) {
        let quote = if text.starts_with(ENDS) { "'" } else { "" };
        let part = |part| if is_formula(part) { format!("'{part}") } else { part.to_owned() };
        return Cow::Owned(parts().map(part).fold(quote.to_owned(), |text, part| text + &part));
    }
    Cow::Borrowed(text)
}

/// What some spreadsheet takes for the end of a cell or a row. A comma is none: the file is quoted for it.
const ENDS: [char; 4] = [';', '\t', '\r', '\n'];

/// Whether a spreadsheet would run the text instead of showing it. Some skip blanks, quotes and invisible signs first.
fn is_formula(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '"' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
    });
    text.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\u{2212}'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rows_are_quoted_and_formulas_defused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut sheet = Sheet::create(file.path(), Separator::Comma, &["order_id", "value"]).unwrap();
        let cell = |text: &str, foreign| Cell { text: text.to_owned(), foreign, number: false };
        sheet.row(&[cell("=HYPERLINK(\"x\")", true), cell("-5", false)]).unwrap();
        sheet.row(&[cell("a,b\r\nc", true), cell("", false)]).unwrap();
        for text in ["+1", "-1", "@x", "\tx"] {
            sheet.row(&[cell(text, true), cell("1", false)]).unwrap();
        }
        let size = sheet.finish().unwrap();
        let text = std::fs::read_to_string(file.path()).unwrap();
        assert_eq!(
            text,
            "order_id,value\r\n\"'=HYPERLINK(\"\"x\"\")\",-5\r\n\"a,b\r\nc\",\r\n'+1,1\r\n'-1,1\r\n'@x,1\r\n'\tx,1\r\n"
        );
        assert_eq!(size, u64::try_from(text.len()).unwrap());
    }

    #[test]
    fn no_part_of_a_cell_begins_as_a_formula() {
        for (text, safe) in [
            ("=1+1", "'=1+1"),
            (";=1+1", "';'=1+1"),
            ("A1;=1+1", "A1;'=1+1"),
            ("A1; =1+1", "A1;' =1+1"),
            ("A1\t@x", "A1\t'@x"),
            ("A1\n-1", "A1\n'-1"),
            ("A1\r\n+1", "A1\r\n'+1"),
            ("\u{ff1d}1+1", "'\u{ff1d}1+1"),
            ("\u{ff0b}1", "'\u{ff0b}1"),
            ("\u{ff0d}1", "'\u{ff0d}1"),
            ("\u{ff20}x", "'\u{ff20}x"),
            (" =1", "' =1"),
            ("\u{a0}\u{200b}\u{feff}=1", "'\u{a0}\u{200b}\u{feff}=1"),
            ("\"=1", "'\"=1"),
            ("\tx", "'\tx"),
            ("1=1", "1=1"),
            ("a;b", "a;b"),
            ("2026-10-01", "2026-10-01"),
            ("", ""),
        ] {
            assert_eq!(defused(text), safe, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_separates_cells_none_is_a_formula(text in "[-=+@;\t\r\n, \"a\u{ff1d}\u{200b}]{0,12}") {
            let file = tempfile::NamedTempFile::new().unwrap();
            let mut sheet = Sheet::create(file.path(), Separator::Comma, &["order_id", "value"]).unwrap();
            sheet.row(&[Cell { text, foreign: true, number: false }, Cell { text: "1".into(), foreign: false, number: true }]).unwrap();
            sheet.finish().unwrap();
            let written = std::fs::read(file.path()).unwrap();
            for delimiter in [b',', b';', b'\t'] {
                let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(&written[..]);
                for row in reader.records() {
                    for cell in &row.unwrap() {
                        prop_assert!(!is_formula(cell), "{cell:?} by {delimiter}");
                    }
                }
            }
        }
    }

    #[test]
    fn texts_of_any_kind_read_back_and_only_tabs_have_a_byte_order_mark() {
        let texts = ["Müller & Söhne", "a,b;c", "say \"hi\"", "one\r\ntwo", "tab\there", "東京", "=1+1"];
        for (separator, mark, delimiter) in [(Separator::Comma, "", b','), (Separator::Tab, "\u{feff}", b'\t')] {
            let file = tempfile::NamedTempFile::new().unwrap();
            let mut sheet = Sheet::create(file.path(), separator, &["Größe", "value"]).unwrap();
            for text in texts {
                let cell = |text: &str, foreign| Cell { text: text.to_owned(), foreign, number: !foreign };
                sheet.row(&[cell(text, true), cell("10.5", false)]).unwrap();
            }
            let size = sheet.finish().unwrap();
            let text = std::fs::read_to_string(file.path()).unwrap();
            assert_eq!(size, u64::try_from(text.len()).unwrap());
            let text = text.strip_prefix(mark).unwrap();
            assert!(text.starts_with("Größe"), "{text:?}");
            let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
            let read: Vec<_> = reader.records().map(|row| row.unwrap().get(0).unwrap().to_owned()).collect();
            let expected = texts.map(|text| if text == "=1+1" { "'=1+1" } else { text });
            assert_eq!(read, expected);
        }
    }
}
