//! Puts a tag's URL together. Whatever enters it here is a fixed word, a number, a checked host, or percent-encoded: no
//! character of it means anything in HTML, in a script's string or in a program's.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Parameter, TagHost};

/// All that may not stand bare in a value.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A URL to which parameters are added.
pub(super) struct Address(String);

impl Address {
    pub(super) fn new(secure: bool, host: &TagHost, path: &str) -> Self {
        Address(format!("{}://{host}/{path}", if secure { "https" } else { "http" }))
    }

    /// A name and a text that somebody typed.
    pub(super) fn with(self, name: &str, text: &str) -> Self {
        self.with_plain(name, &utf8_percent_encode(text, ENCODED).to_string())
    }

    /// A name and a value of ours: digits, commas, a placeholder.
    pub(super) fn with_plain(mut self, name: &str, value: &str) -> Self {
        let mark = if self.0.contains('?') { "&" } else { "?" };
        for part in [mark, name, "=", value] {
            self.0.push_str(part);
        }
        self
    }

    /// Those of the known parameters that are wanted, but for `redir`.
    pub(super) fn with_wanted(self, known: &[Parameter], wanted: &[Parameter]) -> Self {
        let parameters = known.iter().filter(|known| **known != Parameter::Redir && wanted.contains(known));
        parameters
            .flat_map(|parameter| parameter.pairs())
            .fold(self, |address, (name, placeholder)| address.with_plain(name, placeholder))
    }

    /// If something is so.
    pub(super) fn with_if(self, condition: bool, name: &str, value: &str) -> Self {
        if condition { self.with_plain(name, value) } else { self }
    }

    pub(super) fn done(self) -> String {
        self.0
    }
}
