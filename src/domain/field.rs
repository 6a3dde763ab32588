//! The table of fields of a service: what lists filter and sort by, what `/X/meta` shows, and which fields are
//! known, read-only or required all come from one row per field (`spec/api.md`, *Lists*).

/// How a field's values are written and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A whole number.
    Int,
    /// A decimal number, stored as micros.
    Double,
    /// Text of at most so many characters.
    Text(u16),
    /// One of these words.
    Enum(&'static [&'static str]),
    /// `YYYY-MM-DD HH:MM:SS`, UTC.
    Timestamp,
    /// True or false.
    Bool,
    /// A list.
    Array,
    /// An object.
    Object,
}

/// On which methods a field must be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Required {
    /// Never.
    No,
    /// When creating.
    Post,
    /// When changing (the id).
    Put,
}

/// One field of a service.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The published name, which is also the column's name where the field is a column.
    pub name: &'static str,
    /// Its type.
    pub kind: FieldKind,
    /// Whether lists can filter by it: true just for fields that are columns.
    pub column: bool,
    /// Whether lists can sort by it too.
    pub sorted: bool,
    /// Whether a value that is sent is ignored with a warning.
    pub read_only: bool,
    /// Whether it is taken, and never shown under this name.
    pub write_only: bool,
    /// Where it must be given.
    pub required: Required,
    /// What it means, in a sentence, for the API description.
    pub about: &'static str,
}

impl Field {
    /// A writable column.
    pub const fn column(name: &'static str, kind: FieldKind, about: &'static str) -> Field {
        Field {
            name,
            kind,
            column: true,
            sorted: true,
            read_only: false,
            write_only: false,
            required: Required::No,
            about,
        }
    }

    /// A writable value that is no column: lists and objects.
    pub const fn value(name: &'static str, kind: FieldKind, about: &'static str) -> Field {
        Field {
            name,
            kind,
            column: false,
            sorted: false,
            read_only: false,
            write_only: false,
            required: Required::No,
            about,
        }
    }

    /// The same field, which lists cannot sort by.
    pub const fn unsorted(self) -> Field {
        Field { sorted: false, ..self }
    }

    /// The same field, read-only.
    pub const fn read_only(self) -> Field {
        Field { read_only: true, ..self }
    }

    /// The same field, which is taken and never shown.
    pub const fn write_only(self) -> Field {
        Field { write_only: true, ..self }
    }

    /// The same field, required there.
    pub const fn required(self, required: Required) -> Field {
        Field { required, ..self }
    }
}
