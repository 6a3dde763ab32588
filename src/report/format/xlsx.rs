//! Reports as workbooks (`xlsx`). Rows go to a temporary file beside the report's as they come, so that memory does not
//! grow with them. Texts stay texts: nothing is a formula, and long ids keep all their digits.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::cell::Cell;
use super::written;

/// Rows a sheet can have, its names among them.
const MOST_ROWS: u32 = 1_048_576;
/// Digits that a spreadsheet's number holds exactly.
const EXACT_DIGITS: usize = 15;

/// A workbook of one sheet while it is written.
pub(in crate::report) struct Sheet {
    workbook: Workbook,
    path: PathBuf,
    next: u32,
    size: u64,
}

/// Bytes around the text of a cell in the temporary file, rounded up.
const AROUND_A_CELL: usize = 48;

impl Sheet {
    /// Begins a workbook with the names of its columns.
    pub(in crate::report) fn create(path: &Path, columns: &[&str]) -> io::Result<Self> {
        let mut workbook = Workbook::new();
        if let Some(directory) = path.parent() {
            workbook.set_tempdir(directory).map_err(failed)?;
        }
        let sheet = workbook.add_worksheet_with_constant_memory().map_err(failed)?;
        sheet.set_freeze_panes(1, 0).map_err(failed)?;
        let bold = Format::new().set_bold();
        for (place, name) in (0_u16..).zip(columns) {
            sheet.write_string_with_format(0, place, *name, &bold).map_err(failed)?;
        }
        Ok(Sheet { workbook, path: path.to_owned(), next: 1, size: 0 })
    }

    /// Writes a row.
    pub(in crate::report) fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        if self.next >= MOST_ROWS {
            let message = format!("a workbook's sheet has at most {MOST_ROWS} rows; ask for csv, or for less");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let sheet = self.workbook.worksheet_from_index(0).map_err(failed)?;
        for (place, cell) in (0_u16..).zip(cells).filter(|(_, cell)| !cell.text.is_empty()) {
            match number(cell) {
                Some(number) => sheet.write_number(self.next, place, number),
                None => sheet.write_string(self.next, place, &cell.text),
            }
            .map_err(failed)?;
            self.size += u64::try_from(cell.text.len() + AROUND_A_CELL).unwrap_or(u64::MAX);
        }
        self.next += 1;
        Ok(())
    }

    /// About how many bytes the temporary file has so far.
    pub(in crate::report) fn size(&self) -> u64 {
        self.size
    }

    /// Ends the file on the disk, and says how many bytes it has.
    pub(in crate::report) fn finish(mut self) -> io::Result<u64> {
        let mut file = BufWriter::new(File::create(&self.path)?);
        self.workbook.save_to_writer(&mut file).map_err(failed)?;
        written(file)
    }
}

/// The number, if it can be held exactly.
fn number(cell: &Cell) -> Option<f64> {
    let digits = cell.text.bytes().filter(u8::is_ascii_digit).count();
    if cell.number && digits <= EXACT_DIGITS { cell.text.parse().ok() } else { None }
}

fn failed(error: XlsxError) -> io::Error {
    match error {
        XlsxError::IoError(error) => error,
        other => io::Error::other(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn cells_are_numbers_where_those_are_exact_and_else_texts() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("report.part");
        let cell = |text: &str, number: bool| Cell { text: text.to_owned(), foreign: !number, number };
        let mut sheet = Sheet::create(&path, &["order_id", "value"]).unwrap();
        sheet.row(&[cell("=SUM(A1)", false), cell("10.5", true)]).unwrap();
        sheet.row(&[cell("9223372036854775807", false), cell("9007199254740993", true)]).unwrap();
        sheet.row(&[cell("", false), cell("-3", true)]).unwrap();
        let size = sheet.finish().unwrap();
        assert_eq!(size, path.metadata().unwrap().len());
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "temporary files are gone");
        let mut archive = zip::ZipArchive::new(File::open(&path).unwrap()).unwrap();
        let mut text = String::new();
        archive.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut text).unwrap();
        let data = text.split_once("<sheetData>").unwrap().1.split_once("</sheetData>").unwrap().0;
        insta::assert_snapshot!(data.replace("</row>", "</row>\n"), @r#"
        <row r="1"><c r="A1" s="1" t="inlineStr"><is><t>order_id</t></is></c><c r="B1" s="1" t="inlineStr"><is><t>value</t></is></c></row>
        <row r="2"><c r="A2" t="inlineStr"><is><t>=SUM(A1)</t></is></c><c r="B2"><v>10.5</v></c></row>
        <row r="3"><c r="A3" t="inlineStr"><is><t>9223372036854775807</t></is></c><c r="B3" t="inlineStr"><is><t>9007199254740993</t></is></c></row>
        <row r="4"><c r="B4"><v>-3</v></c></row>
        "#);
    }
}
