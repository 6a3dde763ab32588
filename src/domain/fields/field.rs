//! A field of a service. One row per field says what lists filter and sort by, what `/X/meta` shows, and which fields are
//! known, read-only or required.

/// How a field's values are written and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    Int,
    /// A decimal number, stored as micros.
    Double,
    /// Text of at most this many characters.
    Text(u16),
    /// One of these words.
    Enum(&'static [&'static str]),
    /// `YYYY-MM-DD HH:MM:SS`, UTC.
    Timestamp,
    /// `YYYY-MM-DD`, without a zone.
    Day,
    Bool,
    Array,
    Object,
}

/// The method that needs a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Required {
    No,
    /// To create an object.
    Post,
    /// To change one: the id.
    Put,
}

/// One field of a service.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The published name. A field that is a column has the column's name.
    pub name: &'static str,
    pub kind: FieldKind,
    /// It is a column, so lists can filter by it.
    pub column: bool,
    /// Lists can sort by it.
    pub sorted: bool,
    /// A value in a body is ignored with a warning.
    pub read_only: bool,
    /// Bodies may hold it, and no answer does.
    pub write_only: bool,
    pub required: Required,
    /// Its description in the OpenAPI document.
    pub about: &'static str,
}

impl Field {
    /// A column that clients may write.
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

    /// A value that clients may write and that is no column.
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

    pub const fn unsorted(self) -> Field {
        Field { sorted: false, ..self }
    }

    pub const fn read_only(self) -> Field {
        Field { read_only: true, ..self }
    }

    pub const fn write_only(self) -> Field {
        Field { write_only: true, ..self }
    }

    pub const fn required(self, required: Required) -> Field {
        Field { required, ..self }
    }
}
