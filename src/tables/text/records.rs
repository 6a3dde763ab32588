//! The records of a text, one after another, each with the line it begins in. A record has a bound: a quotation mark
//! that is never closed would otherwise draw the rest of the file into one cell.

use std::io::{Read, Seek};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder, Terminator};

use super::bounds::{MAX_COLUMNS, MAX_RECORD};
use super::decode::Decode;
use super::encoding::TextEncoding;
use super::refusal::Refusal;
use crate::domain::trim;

/// One record. A large file has millions of cells, so they share one text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The line of the file in which it begins, from 1.
    pub line: u64,
    text: String,
    /// Where each cell ends in the text.
    ends: Vec<usize>,
}

impl Record {
    /// How many cells it has, empty ones too.
    pub fn width(&self) -> usize {
        self.ends.len()
    }

    /// The text of a column without blanks around it; empty if the record has fewer.
    pub fn cell(&self, column: usize) -> &str {
        let Some(end) = self.ends.get(column) else { return "" };
        let begin = column.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        trim(self.text.get(begin..*end).unwrap_or_default())
    }

    pub fn is_blank(&self) -> bool {
        self.filled().next().is_none()
    }

    /// The cells that are not empty.
    pub fn filled(&self) -> impl Iterator<Item = &str> {
        (0..self.width()).map(|column| self.cell(column)).filter(|cell| !cell.is_empty())
    }
}

/// The records of a file from its beginning.
pub struct Records<R> {
    text: Decode<R>,
    /// What is read of the text and not yet of a record.
    piece: Vec<u8>,
    at: usize,
    reader: Reader,
    separator: u8,
    line: u64,
    cells: Vec<u8>,
    ends: Vec<usize>,
    has_ended: bool,
}

/// How far the record that is read has come.
#[derive(Default)]
struct Progress {
    cells: usize,
    ends: usize,
    quotes: usize,
    line_ends: u64,
}

impl<R: Read + Seek> Records<R> {
    /// Begins at the start of the file.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn open(mut file: R, encoding: TextEncoding, separator: u8) -> Result<Self, Refusal> {
        file.rewind()?;
        Ok(Records {
            text: Decode::new(file, encoding)?,
            piece: Vec::new(),
            at: 0,
            reader: ReaderBuilder::new().delimiter(separator).terminator(Terminator::Any(b'\n')).build(),
            separator,
            line: 1,
            cells: vec![0; MAX_RECORD],
            ends: vec![0; MAX_COLUMNS],
            has_ended: false,
        })
    }

    /// The next record that has a text in it; none at the end.
    ///
    /// # Errors
    /// The record breaks a bound, or a quotation mark stays open.
    pub fn read_next(&mut self) -> Result<Option<Record>, Refusal> {
        loop {
            match self.read()? {
                Some(record) if record.is_blank() => {}
                record => return Ok(record),
            }
        }
    }

    fn read(&mut self) -> Result<Option<Record>, Refusal> {
        if self.has_ended {
            return Ok(None);
        }
        self.skip_line_ends()?;
        let (first, mut progress) = (self.line, Progress::default());
        loop {
            if self.at >= self.piece.len() {
                self.refill()?;
            }
            // An empty input is the end of the text.
            let input = self.piece.get(self.at..).unwrap_or_default();
            let at_end = input.is_empty();
            let cells = self.cells.get_mut(progress.cells..).unwrap_or_default();
            let ends = self.ends.get_mut(progress.ends..).unwrap_or_default();
            let (result, read, written, ended) = self.reader.read_record(input, cells, ends);
            let used = input.get(..read).unwrap_or_default();
            progress.quotes += used.iter().filter(|byte| **byte == b'"').count();
            progress.line_ends += used.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
            self.at += read;
            progress.cells += written;
            progress.ends += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => return Err(Refusal::TooLongRow { line: first }),
                ReadRecordResult::OutputEndsFull => return Err(Refusal::TooManyColumns { line: first }),
                ReadRecordResult::Record => {
                    self.line = first + progress.line_ends;
                    if at_end && progress.quotes % 2 == 1 && self.is_open(progress.ends) {
                        return Err(Refusal::OpenQuote { line: first });
                    }
                    return Ok(Some(self.record(first, progress.ends)));
                }
                ReadRecordResult::End => {
                    self.has_ended = true;
                    return Ok(None);
                }
            }
        }
    }

    /// Whether the last cell of the last record holds what would end it, had it no open quotation mark: `5" nails` is fine.
    fn is_open(&self, count: usize) -> bool {
        let ends = self.ends.get(..count).unwrap_or_default();
        let [.., begin, end] = ends else { return true };
        let last = self.cells.get(*begin..*end).unwrap_or_default();
        last.iter().any(|byte| *byte == b'\n' || *byte == self.separator)
    }

    fn record(&self, line: u64, count: usize) -> Record {
        let ends = self.ends.get(..count).unwrap_or_default();
        let bytes = self.cells.get(..ends.last().copied().unwrap_or(0)).unwrap_or_default();
        // The text was decoded to UTF-8, and cells begin and end at signs of ASCII.
        Record { line, text: String::from_utf8_lossy(bytes).into_owned(), ends: ends.to_vec() }
    }

    /// The CSV reader would skip empty lines without counting them.
    fn skip_line_ends(&mut self) -> Result<(), Refusal> {
        loop {
            match self.piece.get(self.at) {
                Some(b'\n') => {
                    self.at += 1;
                    self.line += 1;
                }
                Some(_) => return Ok(()),
                None => {
                    self.refill()?;
                    if self.piece.is_empty() {
                        return Ok(());
                    }
                }
            }
        }
    }

    fn refill(&mut self) -> Result<(), Refusal> {
        let piece = self.text.piece()?;
        self.piece.clear();
        self.piece.extend_from_slice(piece);
        self.at = 0;
        Ok(())
    }
}
