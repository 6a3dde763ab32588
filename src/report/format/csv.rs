//! Reports as text separated by commas (`csv`) or tabs (`excel`). Lines end in CRLF. With tabs, a byte order mark tells
//! Excel that the text is UTF-8; programs that read `csv` would take the mark for a part of the first column's name.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::cell::Cell;
use super::formula::{Separator, defuse};
use super::written;

/// A file of rows while it is written.
pub(in crate::report) struct Sheet {
    file: csv::Writer<BufWriter<File>>,
    separator: Separator,
}

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
        let mut file =
            csv::WriterBuilder::new().delimiter(delimiter).terminator(csv::Terminator::CRLF).from_writer(file);
        file.write_record(columns)?;
        Ok(Sheet { file, separator })
    }

    /// Writes a row.
    pub(in crate::report) fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        write_row(&mut self.file, self.separator, cells)
    }

    /// How many bytes are on the disk so far.
    pub(in crate::report) fn size(&self) -> io::Result<u64> {
        Ok(self.file.get_ref().get_ref().metadata()?.len())
    }

    /// Ends the file on the disk, and says how many bytes it has.
    pub(in crate::report) fn finish(self) -> io::Result<u64> {
        let file = self.file.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
        written(file)
    }
}

/// Writes a row, and defuses what a spreadsheet would run.
pub(super) fn write_row(file: &mut csv::Writer<impl Write>, separator: Separator, cells: &[Cell]) -> io::Result<()> {
    for cell in cells {
        let text = if cell.foreign { defuse(&cell.text, separator) } else { Cow::Borrowed(&*cell.text) };
        file.write_field(text.as_bytes())?;
    }
    Ok(file.write_record(None::<&[u8]>)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::formula::{is_blank, is_sign};
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
