//! Reports as JSON: an array of objects, one a row. Amounts are numbers with exact digits, long ids are texts, nothing
//! is null.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::cell::Cell;
use super::written;

/// A file of rows while it is written.
pub(in crate::report) struct Sheet {
    file: BufWriter<File>,
    /// The columns' names in quotes.
    names: Vec<String>,
    begun: bool,
}

impl Sheet {
    /// Begins a file.
    pub(in crate::report) fn create(path: &Path, columns: &[&str]) -> io::Result<Self> {
        let names = columns.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
        let mut file = BufWriter::new(File::create(path)?);
        file.write_all(b"[")?;
        Ok(Sheet { file, names, begun: false })
    }

    /// Writes a row.
    pub(in crate::report) fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        self.file.write_all(if self.begun { b",\n{" } else { b"\n{" })?;
        self.begun = true;
        write_members(&mut self.file, &self.names, cells)?;
        self.file.write_all(b"}")
    }

    /// How many bytes are on the disk so far.
    pub(in crate::report) fn size(&self) -> io::Result<u64> {
        Ok(self.file.get_ref().metadata()?.len())
    }

    /// Ends the file on the disk, and says how many bytes it has.
    pub(in crate::report) fn finish(mut self) -> io::Result<u64> {
        self.file.write_all(b"\n]\n")?;
        written(self.file)
    }
}

/// Writes the members of an object under these names, which are in quotes.
pub(super) fn write_members(file: &mut impl Write, names: &[String], cells: &[Cell]) -> io::Result<()> {
    for (place, (name, cell)) in names.iter().zip(cells).enumerate() {
        if place > 0 {
            file.write_all(b",")?;
        }
        write!(file, "{name}:")?;
        if cell.text.is_empty() {
            file.write_all(b"null")?;
        } else if cell.number {
            file.write_all(cell.text.as_bytes())?;
        } else {
            serde_json::to_writer(&mut *file, &cell.text)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_objects_and_numbers_keep_their_digits() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let cell = |text: &str, number: bool| Cell { text: text.to_owned(), foreign: false, number };
        let mut sheet = Sheet::create(file.path(), &["order_id", "value"]).unwrap();
        sheet.row(&[cell("=\"a\"", false), cell("0.000001", true)]).unwrap();
        sheet.row(&[cell("", false), cell("-10.5", true)]).unwrap();
        let size = sheet.finish().unwrap();
        let text = std::fs::read_to_string(file.path()).unwrap();
        assert_eq!(
            text,
            "[\n{\"order_id\":\"=\\\"a\\\"\",\"value\":0.000001},\n{\"order_id\":null,\"value\":-10.5}\n]\n"
        );
        assert_eq!(size, u64::try_from(text.len()).unwrap());

        Sheet::create(file.path(), &["order_id"]).unwrap().finish().unwrap();
        assert_eq!(std::fs::read_to_string(file.path()).unwrap(), "[\n]\n");
    }
}
