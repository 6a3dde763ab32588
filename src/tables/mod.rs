//! The reader of people's tables: text files of any usual encoding, separator, language and way to write numbers and
//! days. It guesses what a header shows, asks what it cannot know, and reads in constant memory. Knows no storage.

pub mod columns;
pub mod costs;
pub mod formats;
#[cfg(any(test, feature = "testing"))]
pub mod fuzz;
pub mod rows;
#[cfg(test)]
mod tests;
pub mod text;
