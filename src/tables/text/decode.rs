//! Reads a file of any encoding as UTF-8 with plain line ends, whatever its own are.

use std::io;
use std::io::Read;

use encoding_rs::Decoder;

use super::encoding::TextEncoding;

const CHUNK: usize = 16 * 1024;

/// The text of a file in pieces.
pub struct Decode<R> {
    file: R,
    decoder: Decoder,
    bytes: Vec<u8>,
    /// Where the bytes that are not decoded yet begin.
    at: usize,
    text: Vec<u8>,
    is_done: bool,
    /// Whether the last piece ended with a carriage return, whose line feed is still to come.
    ends_with_return: bool,
}

impl<R: Read> Decode<R> {
    /// `file` is at its first byte.
    pub fn new(mut file: R, encoding: TextEncoding) -> io::Result<Self> {
        let mut mark = [0; 4];
        if let Some(mark) = mark.get_mut(..encoding.mark.into()) {
            file.read_exact(mark)?;
        }
        Ok(Decode {
            file,
            decoder: encoding.encoding.new_decoder_without_bom_handling(),
            bytes: Vec::new(),
            at: 0,
            text: Vec::new(),
            is_done: false,
            ends_with_return: false,
        })
    }

    /// The next piece of text; empty at the end of the file.
    pub fn piece(&mut self) -> io::Result<&[u8]> {
        self.text.clear();
        while self.text.is_empty() && !self.is_done {
            self.fill()?;
            self.decode();
        }
        Ok(&self.text)
    }

    fn fill(&mut self) -> io::Result<()> {
        if self.at >= self.bytes.len() {
            self.bytes.resize(CHUNK, 0);
            self.at = 0;
            let count = self.file.read(&mut self.bytes)?;
            self.bytes.truncate(count);
            self.is_done = count == 0;
        }
        Ok(())
    }

    fn decode(&mut self) {
        self.text.resize(CHUNK, 0);
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (_, read, written, _) = self.decoder.decode_to_utf8(rest, &mut self.text, self.is_done);
        self.at += read;
        self.text.truncate(written);
        self.unify_line_ends();
    }

    /// Makes `\n` of `\r\n` and of a lone `\r`.
    fn unify_line_ends(&mut self) {
        if !self.ends_with_return && !self.text.contains(&b'\r') {
            return;
        }
        let mut after_return = self.ends_with_return;
        self.text.retain_mut(|byte| {
            let keeps = !(after_return && *byte == b'\n');
            after_return = *byte == b'\r';
            if after_return {
                *byte = b'\n';
            }
            keeps
        });
        self.ends_with_return = after_return;
    }
}
