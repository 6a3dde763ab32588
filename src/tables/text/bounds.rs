//! The bounds of a table. `docs/rules/limits.md` lists them.

/// The longest file, in bytes.
pub const MAX_FILE: u64 = 200 * 1024 * 1024;
/// The most columns.
pub const MAX_COLUMNS: usize = 500;
/// The longest row, in bytes as UTF-8, quoted line ends included.
pub const MAX_RECORD: usize = 64 * 1024;
/// The longest cell that is read, in characters.
pub const MAX_CELL: usize = 1_000;
/// The most rows.
pub const MAX_ROWS: u64 = 1_000_000;
/// The rows at the beginning among which the header is looked for.
pub const HEADER_WITHIN: usize = 40;
/// The rows after the header from which columns without a known name are guessed.
pub const SAMPLE: usize = 200;
/// The errors that are kept with their row. The rest is counted.
pub const MAX_PROBLEMS: usize = 100;
