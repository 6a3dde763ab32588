//! Reads a file line by line. It keeps no more of a line in memory than the longest valid line needs.

use std::io::{self, BufRead};

/// Lines with their numbers.
pub(super) struct LineReader<R> {
    from: R,
    longest: usize,
    line: Vec<u8>,
    number: i64,
    bytes: u64,
}

/// A line, if it is not too long.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Read<'a> {
    /// A line without its end, and without a byte order mark.
    Line(&'a [u8]),
    TooLong,
}

impl<R: BufRead> LineReader<R> {
    pub(super) fn new(from: R, longest: usize) -> Self {
        LineReader { from, longest, line: Vec::new(), number: 0, bytes: 0 }
    }

    /// The number of the last line, from 1.
    pub(super) fn number(&self) -> i64 {
        self.number
    }

    /// Bytes read so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Reads the next line that is not blank; none at the end.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) fn next(&mut self) -> io::Result<Option<Read<'_>>> {
        loop {
            let Some(too_long) = self.fill()? else { return Ok(None) };
            self.number += 1;
            if too_long {
                return Ok(Some(Read::TooLong));
            }
            if self.number == 1 && self.line.starts_with(b"\xef\xbb\xbf") {
                self.line.drain(..3);
            }
            if !self.line.trim_ascii().is_empty() {
                return Ok(Some(Read::Line(self.line.trim_ascii())));
            }
        }
    }

    /// Reads a line. Returns whether it was too long; none at the end of the file.
    fn fill(&mut self) -> io::Result<Option<bool>> {
        self.line.clear();
        let (mut any, mut too_long) = (false, false);
        loop {
            let there = match self.from.fill_buf() {
                Ok(there) => there,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if there.is_empty() {
                return Ok(any.then_some(too_long));
            }
            any = true;
            let end = there.iter().position(|byte| *byte == b'\n');
            let part = there.get(..end.unwrap_or(there.len())).unwrap_or_default();
            if self.line.len() + part.len() > self.longest {
                too_long = true;
                self.line.clear();
            } else if !too_long {
                self.line.extend_from_slice(part);
            }
            let used = part.len() + usize::from(end.is_some());
            self.from.consume(used);
            self.bytes = self.bytes.saturating_add(u64::try_from(used).unwrap_or(0));
            if end.is_some() {
                return Ok(Some(too_long));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8], at_once: usize) -> Vec<(i64, Option<String>)> {
        let mut lines = LineReader::new(std::io::BufReader::with_capacity(at_once, text), 5);
        let mut read = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            let line = match line {
                Read::Line(line) => Some(String::from_utf8(line.to_vec()).unwrap()),
                Read::TooLong => None,
            };
            read.push((lines.number(), line));
        }
        assert_eq!(lines.bytes(), text.len() as u64);
        read
    }

    #[test]
    fn lines_are_counted_as_editors_count_them() {
        let line = |number, text: &str| (number, Some(text.to_owned()));
        for at_once in [1, 2, 3, 7, 100] {
            assert_eq!(read(b"", at_once), []);
            assert_eq!(read(b"a", at_once), [line(1, "a")]);
            assert_eq!(read(b"a\r\n\n  \nbc \n", at_once), [line(1, "a"), line(4, "bc")]);
            assert_eq!(read(b"\xef\xbb\xbfab\nb", at_once), [line(1, "ab"), line(2, "b")]);
            let long = read(b"12345\n123456\n1234567890123456\n12", at_once);
            assert_eq!(long, [line(1, "12345"), (2, None), (3, None), line(4, "12")]);
        }
    }
}
