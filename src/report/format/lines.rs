//! Rows as text while an answer is sent: CSV, or JSON as an array of objects. Reports write the same to files.

use std::io;

use super::cell::Cell;
use super::formula::Separator;
use super::{csv, json};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineFormat {
    Csv,
    Json,
}

/// An answer of rows while it is sent.
pub struct Lines {
    format: LineFormat,
    /// The names of the columns; for JSON in quotes.
    names: Vec<String>,
    has_begun: bool,
}

impl Lines {
    /// # Errors
    /// None that can happen: the names are texts.
    pub fn new(format: LineFormat, columns: &[&str]) -> io::Result<Self> {
        let quoted = columns.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
        let names = match format {
            LineFormat::Csv => columns.iter().map(|column| (*column).to_owned()).collect(),
            LineFormat::Json => quoted,
        };
        Ok(Lines { format, names, has_begun: false })
    }

    /// What comes before the first row.
    pub fn head(&self) -> String {
        match self.format {
            LineFormat::Csv => format!("{}\r\n", self.names.join(",")),
            LineFormat::Json => "[".to_owned(),
        }
    }

    /// Some rows.
    ///
    /// # Errors
    /// None that can happen: it writes to memory.
    pub fn rows(&mut self, rows: &[Vec<Cell>]) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        match self.format {
            LineFormat::Csv => {
                let mut file = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(&mut text);
                rows.iter().try_for_each(|cells| csv::write_row(&mut file, Separator::Comma, cells))?;
                file.flush()?;
            }
            LineFormat::Json => {
                for cells in rows {
                    text.extend_from_slice(if self.has_begun { b",\n{" } else { b"\n{" });
                    self.has_begun = true;
                    json::write_members(&mut text, &self.names, cells)?;
                    text.push(b'}');
                }
            }
        }
        Ok(text)
    }

    /// What comes after the last row.
    pub fn tail(&self) -> &'static str {
        match self.format {
            LineFormat::Csv => "",
            LineFormat::Json => "\n]\n",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_in_parts_make_one_text() {
        let row = |order: &str, value: &str| vec![Cell::foreign(Some(order)), Cell::ours(value, true)];
        for (format, wanted) in [
            (LineFormat::Csv, "order_id,value\r\n'=1+1,-5.5\r\n\"a,\"\"b\"\"\",\r\n"),
            (
                LineFormat::Json,
                "[\n{\"order_id\":\"=1+1\",\"value\":-5.5},\n{\"order_id\":\"a,\\\"b\\\"\",\"value\":null}\n]\n",
            ),
        ] {
            let mut lines = Lines::new(format, &["order_id", "value"]).unwrap();
            let mut text = lines.head().into_bytes();
            for rows in [vec![row("=1+1", "-5.5")], vec![], vec![row("a,\"b\"", "")]] {
                text.extend(lines.rows(&rows).unwrap());
            }
            text.extend(lines.tail().as_bytes());
            assert_eq!(String::from_utf8(text).unwrap(), wanted);
        }
    }
}
