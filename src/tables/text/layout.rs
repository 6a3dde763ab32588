//! The layout of a table: how its text is read, where its header is, what is above it.

use std::io::{Read, Seek};

use super::bounds::MAX_ROWS;
use super::encoding::TextEncoding;
use super::records::{Record, Records};
use super::refusal::Refusal;
use super::separator;
use super::separator::Start;
use crate::domain::cut;

/// The longest name of a column that is kept, in characters.
const MAX_NAME: usize = 200;

/// What a file is like, found from its first rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    pub encoding: TextEncoding,
    pub separator: u8,
    /// The names of the columns. One without a name is called by its place.
    pub header: Vec<String>,
    /// The line of the header; 0 if there is none.
    pub header_line: u64,
    /// The first cells of the rows above the header.
    pub preamble: Vec<String>,
}

/// What tells the names of columns from other texts.
#[derive(Clone, Copy)]
pub struct Signs<'a> {
    /// Whether a text is the name of a known column.
    pub is_name: &'a dyn Fn(&str) -> bool,
    /// Whether a text is a value, such as a day or a number.
    pub is_value: &'a dyn Fn(&str) -> bool,
}

impl Layout {
    /// Finds the layout.
    ///
    /// # Errors
    /// The file is no table.
    pub fn of(file: &mut (impl Read + Seek), signs: Signs<'_>) -> Result<Self, Refusal> {
        let encoding = TextEncoding::of(file)?;
        let count = |record: &Record| record.filled().filter(|cell| (signs.is_name)(cell)).count();
        let Start { separator, records } = separator::find(file, encoding, count)?;
        let place = header_place(&records, count, signs.is_value);
        let width = records.iter().map(|record| record.width()).max().unwrap_or(0);
        match place.and_then(|place| Some((place, records.get(place)?))) {
            Some((place, header)) if place + 1 < records.len() => Ok(Layout {
                encoding,
                separator,
                header: (0..header.width()).map(|at| name(header.cell(at), at)).collect(),
                header_line: header.line,
                preamble: records.iter().take(place).map(|record| record.cell(0).to_owned()).collect(),
            }),
            Some(_) => Err(Refusal::NoRows),
            None if records.is_empty() => Err(Refusal::Empty),
            None if width < 2 => Err(Refusal::NoHeader),
            None => Ok(Layout {
                encoding,
                separator,
                header: (0..width).map(|at| name("", at)).collect(),
                header_line: 0,
                preamble: Vec::new(),
            }),
        }
    }

    /// The rows below the header.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn body<R: Read + Seek>(&self, file: R) -> Result<Body<R>, Refusal> {
        let records = Records::open(file, self.encoding, self.separator)?;
        Ok(Body { records, after: self.header_line, count: 0 })
    }

    /// Texts that tell this header from others, to remember what was chosen for it.
    pub fn key(&self) -> String {
        self.header.join("\u{1f}")
    }
}

fn name(text: &str, at: usize) -> String {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() { format!("Column {}", at + 1) } else { cut(&name, MAX_NAME).to_owned() }
}

/// The header: the row with the most known names, at least two. Else the first of the widest rows, if it holds texts
/// alone.
fn header_place(
    records: &[Record],
    count: impl Fn(&Record) -> usize,
    is_value: impl Fn(&str) -> bool,
) -> Option<usize> {
    let known: Vec<usize> = records.iter().map(count).collect();
    let most = known.iter().copied().max().unwrap_or(0);
    if most >= 2 {
        return known.iter().position(|known| *known == most);
    }
    let width = records.iter().map(|record| record.width()).max().filter(|width| *width > 1)?;
    let is_wide = |record: &Record| record.width() == width && record.filled().nth(1).is_some();
    let place = records.iter().position(is_wide)?;
    let is_header = records.get(place)?.filled().all(|cell| !is_value(cell));
    is_header.then_some(place)
}

/// The rows of a table below its header.
pub struct Body<R> {
    records: Records<R>,
    after: u64,
    count: u64,
}

impl<R: Read + Seek> Body<R> {
    /// The next row; none at the end.
    ///
    /// # Errors
    /// The row breaks a bound, or there are too many.
    pub fn read_next(&mut self) -> Result<Option<Record>, Refusal> {
        loop {
            let Some(record) = self.records.read_next()? else { return Ok(None) };
            if record.line <= self.after || is_separator_line(&record) {
                continue;
            }
            self.count += 1;
            return if self.count > MAX_ROWS { Err(Refusal::TooManyRows) } else { Ok(Some(record)) };
        }
    }
}

/// Whether it is Excel's line `sep=;` above a table without a header.
fn is_separator_line(record: &Record) -> bool {
    record.line == 1 && record.cell(0).to_ascii_lowercase().starts_with("sep=")
}
