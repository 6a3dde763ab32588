//! From a file's bytes to its records: what kind of file it is, its encoding, its separator, its header.

pub mod bounds;
mod decode;
pub mod encoding;
pub mod kind;
pub mod layout;
pub mod records;
pub mod refusal;
mod separator;

pub use encoding::TextEncoding;
pub use layout::Layout;
pub use records::{Record, Records};
pub use refusal::Refusal;
