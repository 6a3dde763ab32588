//! Builds a tag's URL. It holds only fixed words, numbers, a checked host and percent-encoded text. So no character of
//! it has a meaning in HTML or in a string of a program.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Parameter, TagHost};

/// The characters that a value encodes.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A URL that grows by parameters.
pub(super) struct Address(String);

impl Address {
    pub(super) fn new(secure: bool, host: &TagHost, path: &str) -> Self {
        Address(format!("{}://{host}/{path}", if secure { "https" } else { "http" }))
    }

    /// Adds a text that a user typed.
    pub(super) fn with(self, name: &str, text: &str) -> Self {
        self.with_plain(name, &utf8_percent_encode(text, ENCODED).to_string())
    }

    /// Adds a value of ours: digits, commas, a placeholder.
    pub(super) fn with_plain(mut self, name: &str, value: &str) -> Self {
        let mark = if self.0.contains('?') { "&" } else { "?" };
        for part in [mark, name, "=", value] {
            self.0.push_str(part);
        }
        self
    }

    /// Adds those of `allowed` that are among `chosen`, without `redir`.
    pub(super) fn with_parameters(self, allowed: &[Parameter], chosen: &[Parameter]) -> Self {
        let parameters = allowed.iter().filter(|one| **one != Parameter::Redir && chosen.contains(one));
        parameters
            .flat_map(|parameter| parameter.pairs())
            .fold(self, |address, (name, placeholder)| address.with_plain(name, placeholder))
    }

    /// Adds a value of ours if the condition holds.
    pub(super) fn with_if(self, condition: bool, name: &str, value: &str) -> Self {
        if condition { self.with_plain(name, value) } else { self }
    }

    pub(super) fn into_url(self) -> String {
        self.0
    }
}
