//! The encoding of a text file: by its byte order mark, else UTF-8 if every byte fits, else Windows-1252.

use std::io::{Read, Seek, SeekFrom};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::bounds::MAX_FILE;
use super::kind;
use super::refusal::Refusal;

/// The bytes at the start that tell the kind of a file, and UTF-16 without its mark.
const START: usize = 8 * 1024;

/// An encoding, and whether the file says so itself by a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextEncoding {
    pub(super) encoding: &'static Encoding,
    /// Bytes of the mark, which are no text.
    pub(super) mark: u8,
}

impl TextEncoding {
    /// As people know it: `UTF-8`, `UTF-16`, `Windows-1252`.
    pub fn name(self) -> &'static str {
        match self.encoding {
            utf if utf == UTF_8 => "UTF-8",
            utf if utf == UTF_16LE || utf == UTF_16BE => "UTF-16",
            _ => "Windows-1252",
        }
    }

    /// Finds it. Reads the whole file.
    ///
    /// # Errors
    /// The file is no text, empty or too long.
    pub fn of(file: &mut (impl Read + Seek)) -> Result<Self, Refusal> {
        let length = file.seek(SeekFrom::End(0))?;
        if length > MAX_FILE {
            return Err(Refusal::TooLong);
        }
        file.rewind()?;
        let mut start = Vec::new();
        Read::take(&mut *file, START as u64).read_to_end(&mut start)?;
        if let Some(kind) = kind::of(&start) {
            return Err(Refusal::WrongKind(kind));
        }
        if let Some((encoding, mark)) = Encoding::for_bom(&start) {
            let mark = u8::try_from(mark).unwrap_or(0);
            return if length > mark.into() { Ok(TextEncoding { encoding, mark }) } else { Err(Refusal::Empty) };
        }
        if start.iter().all(u8::is_ascii_whitespace) && length <= START as u64 {
            return Err(Refusal::Empty);
        }
        match without_mark(&start) {
            Some(encoding) => Ok(TextEncoding { encoding, mark: 0 }),
            None => unmarked(file),
        }
    }
}

/// UTF-16 without a mark: nearly every other byte of a table in it is zero.
fn without_mark(start: &[u8]) -> Option<&'static Encoding> {
    let (pairs, _) = start.as_chunks::<2>();
    let zeros = |at: usize| pairs.iter().filter(|pair| pair[at] == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    match pairs.len() {
        0 => None,
        all if second * 2 > all && first == 0 => Some(UTF_16LE),
        all if first * 2 > all && second == 0 => Some(UTF_16BE),
        _ => None,
    }
}

fn unmarked(file: &mut (impl Read + Seek)) -> Result<TextEncoding, Refusal> {
    file.rewind()?;
    let mut is_utf_8 = true;
    let mut rest = Vec::new();
    let mut chunk = [0; START];
    loop {
        let count = file.read(&mut chunk)?;
        let Some(new) = chunk.get(..count).filter(|new| !new.is_empty()) else { break };
        if new.contains(&0) {
            return Err(Refusal::NoText);
        }
        if !is_utf_8 {
            continue;
        }
        rest.extend_from_slice(new);
        match std::str::from_utf8(&rest) {
            Ok(_) => rest.clear(),
            Err(error) if error.error_len().is_none() => drop(rest.drain(..error.valid_up_to())),
            Err(_) => is_utf_8 = false,
        }
    }
    let encoding = if is_utf_8 { UTF_8 } else { WINDOWS_1252 };
    Ok(TextEncoding { encoding, mark: 0 })
}
