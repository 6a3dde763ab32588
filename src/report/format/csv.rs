//! Reports as text separated by commas (`csv`) or tabs (`excel`). Lines end in CRLF.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use super::cell::Cell;
use super::written;

/// A file of rows while it is written.
pub(in crate::report) struct Sheet(csv::Writer<BufWriter<File>>);

impl Sheet {
    /// Begins a file with the names of its columns.
    pub(in crate::report) fn create(path: &Path, delimiter: u8, columns: &[&str]) -> io::Result<Self> {
        let file = BufWriter::new(File::create(path)?);
        let mut sheet =
            csv::WriterBuilder::new().delimiter(delimiter).terminator(csv::Terminator::CRLF).from_writer(file);
        sheet.write_record(columns)?;
        Ok(Sheet(sheet))
    }

    /// Writes a row.
    pub(in crate::report) fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        for cell in cells {
            if cell.foreign && is_formula(&cell.text) {
                self.0.write_field(format!("'{}", cell.text))?;
            } else {
                self.0.write_field(&cell.text)?;
            }
        }
        Ok(self.0.write_record(None::<&[u8]>)?)
    }

    /// Ends the file on the disk, and says how many bytes it has.
    pub(in crate::report) fn finish(self) -> io::Result<u64> {
        let file = self.0.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
        written(file)
    }
}

/// Whether a spreadsheet would run the text instead of showing it (`docs/rules/operations.md`, *Safety*).
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_quoted_and_formulas_defused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut sheet = Sheet::create(file.path(), b',', &["order_id", "value"]).unwrap();
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
}
