//! Why a whole file is no table that can be read, in words that say what to do.

use std::io;

use super::bounds::{HEADER_WITHIN, MAX_COLUMNS, MAX_FILE, MAX_RECORD, MAX_ROWS};

/// Each message is a whole sentence.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("The file is empty. Export it again, with at least one row.")]
    Empty,
    /// What the file is, such as `an Excel workbook`.
    #[error("The file is {0}, not a table as text. Open it and save it as CSV, then choose that file.")]
    WrongKind(&'static str),
    #[error("The file holds bytes that no text has. Save the table as CSV (UTF-8), then choose that file.")]
    NoText,
    #[error("The file is longer than {} MB. Export fewer days at a time.", MAX_FILE / 1024 / 1024)]
    TooLong,
    #[error(
        "No header was found in the first {HEADER_WITHIN} rows. A table needs one row with the names of its columns."
    )]
    NoHeader,
    #[error("The file has a header and no row below it. Export it again for days that have figures.")]
    NoRows,
    #[error("Line {line} has more than {MAX_COLUMNS} columns. Export only the columns that are needed.")]
    TooManyColumns { line: u64 },
    #[error(
        "The row that begins in line {line} is longer than {} kB. A quotation mark may be missing there.",
        MAX_RECORD / 1024
    )]
    TooLongRow { line: u64 },
    #[error("The quotation mark that opens in line {line} is never closed. The file may be cut: export it again.")]
    OpenQuote { line: u64 },
    #[error("The file has more than {MAX_ROWS} rows. Export fewer days at a time.")]
    TooManyRows,
    #[error("The file cannot be read: {0}.")]
    Unreadable(#[from] io::Error),
}
