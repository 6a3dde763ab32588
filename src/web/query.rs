//! The bounds of a query string, which all faces share.

/// The longest query string that is taken, in bytes. A longer one gets `414`.
pub const MAX_QUERY: usize = 8 * 1024;

/// The most parameters of a query string that names an object or filters a list.
pub const MAX_PARAMETERS: usize = 200;
