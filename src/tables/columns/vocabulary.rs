//! What a kind of table holds: its fields with their names, and the exports that are known by their header.

use super::names::is_called;

/// What the cells of a field are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    Day,
    Number,
    /// A number of things.
    Count,
    Currency,
    Text,
}

/// A field that a table may have.
#[derive(Debug)]
pub struct TableField {
    /// For forms and what is remembered.
    pub key: &'static str,
    pub label: &'static str,
    pub holds: Holds,
    pub is_needed: bool,
    /// Names of its column in any export, the likelier first.
    pub names: &'static [&'static str],
}

/// An export of a known program.
#[derive(Debug)]
pub struct Profile {
    pub key: &'static str,
    pub name: &'static str,
    /// Names of columns that hardly any other program writes.
    pub marks: &'static [&'static str],
    /// How a row above the header begins in it.
    pub preamble: &'static [&'static str],
    /// Whether a row above the header is a range of days.
    pub has_range: bool,
    /// Fields with their names in it.
    pub names: &'static [(&'static str, &'static [&'static str])],
}

/// All fields and exports of one kind of table. The last profile is the plain one.
#[derive(Debug)]
pub struct Vocabulary {
    /// Names of columns that hold weeks, months or years, and look like days.
    pub periods: &'static [&'static str],
    pub fields: &'static [TableField],
    pub profiles: &'static [Profile],
}

impl Vocabulary {
    pub fn field(&self, key: &str) -> Option<&'static TableField> {
        self.fields.iter().find(|field| field.key == key)
    }

    pub fn profile(&self, key: &str) -> Option<&'static Profile> {
        self.profiles.iter().find(|profile| profile.key == key)
    }

    /// The place of a field in the list of all.
    pub fn place(&self, key: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.key == key)
    }

    /// Whether a column of this name holds a longer time than a day.
    pub fn is_period(&self, name: &str) -> bool {
        self.periods.iter().any(|known| is_called(name, known))
    }

    /// Whether a text is the name of a column in any export.
    pub fn knows(&self, name: &str) -> bool {
        let of_fields = self.fields.iter().flat_map(|field| field.names);
        let of_profiles = self.profiles.iter().flat_map(|profile| profile.names.iter().flat_map(|(_, names)| *names));
        of_fields.chain(of_profiles).any(|known| is_called(name, known))
    }
}
