//! Decides what the log keeps of a request, for whom. Of parameters and fields that pixeld does not know it keeps names at
//! most, unless a setting says more. Of a private visitor it keeps nothing that may name the visitor.
//! `docs/rules/privacy.md` has the table.

pub mod addresses;
pub mod event;
pub mod names;
pub mod parameters;
pub mod private;

use crate::config::{IpStorage, LiveSettings};

/// What the operator lets the log keep of visitors who may be known.
#[derive(Clone, Copy, Debug)]
pub struct KeptByChoice {
    /// The values of unknown parameters and fields.
    pub unknown_values: bool,
    /// The query of a page's address.
    pub page_query: bool,
    /// How much of an address.
    pub ip: IpStorage,
}

impl KeptByChoice {
    pub fn by(settings: &LiveSettings) -> Self {
        let unknown_values = settings.keep_unknown_parameters;
        KeptByChoice { unknown_values, page_query: settings.keep_page_query, ip: settings.ip_storage }
    }
}

/// The most unknown parameters of one request that the log keeps.
pub const MAX_UNKNOWN: usize = 20;
/// How much of an unknown parameter's name is kept, in bytes.
pub const MAX_UNKNOWN_NAME: usize = 64;
/// How much of an unknown parameter's value is kept, in bytes.
pub const MAX_UNKNOWN_VALUE: usize = 200;

/// The beginning of a text, at most so many bytes.
pub fn beginning(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}
