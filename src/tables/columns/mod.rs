//! Which column holds what: a vocabulary of fields and known exports, and the guess from names and content.

pub mod guess;
pub mod names;
pub mod vocabulary;

pub use guess::{Guess, Mapping};
pub use vocabulary::{Holds, Profile, TableField, Vocabulary};
