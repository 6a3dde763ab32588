//! The file of a report while it is written, in any format.

pub mod cell;
mod csv;
pub mod file;
mod formula;
mod json;
pub mod lines;
mod xlsx;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::domain::ReportFormat;
use cell::Cell;
use formula::Separator;

/// A file of rows.
pub(super) enum Sheet {
    /// Separated values.
    Delimited(Box<csv::Sheet>),
    /// A workbook.
    Workbook(Box<xlsx::Sheet>),
    /// JSON.
    Objects(json::Sheet),
}

impl Sheet {
    /// Begins a file with the names of its columns.
    pub(super) fn create(path: &Path, format: ReportFormat, columns: &[&str]) -> io::Result<Self> {
        Ok(match format {
            ReportFormat::Csv => Sheet::Delimited(Box::new(csv::Sheet::create(path, Separator::Comma, columns)?)),
            ReportFormat::Excel => Sheet::Delimited(Box::new(csv::Sheet::create(path, Separator::Tab, columns)?)),
            ReportFormat::Xlsx => Sheet::Workbook(Box::new(xlsx::Sheet::create(path, columns)?)),
            ReportFormat::Json => Sheet::Objects(json::Sheet::create(path, columns)?),
        })
    }

    /// Writes a row.
    pub(super) fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        match self {
            Sheet::Delimited(sheet) => sheet.row(cells),
            Sheet::Workbook(sheet) => sheet.row(cells),
            Sheet::Objects(sheet) => sheet.row(cells),
        }
    }

    /// About how many bytes are on the disk so far.
    pub(super) fn size(&self) -> io::Result<u64> {
        match self {
            Sheet::Delimited(sheet) => sheet.size(),
            Sheet::Workbook(sheet) => Ok(sheet.size()),
            Sheet::Objects(sheet) => sheet.size(),
        }
    }

    /// Ends the file on the disk, and says how many bytes it has.
    pub(super) fn finish(self) -> io::Result<u64> {
        match self {
            Sheet::Delimited(sheet) => sheet.finish(),
            Sheet::Workbook(sheet) => sheet.finish(),
            Sheet::Objects(sheet) => sheet.finish(),
        }
    }
}

/// Brings a file to the disk, and says how many bytes it has.
pub(super) fn written(mut file: BufWriter<File>) -> io::Result<u64> {
    file.flush()?;
    file.get_ref().sync_all()?;
    Ok(file.get_ref().metadata()?.len())
}
