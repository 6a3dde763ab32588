//! `/X/meta`: the fields of a service, and which of them lists can filter and sort by.

use serde_json::{Value, json};

use super::envelope::Answer;
use crate::domain::{Field, FieldKind, Required};

/// Answers with a row for each field.
pub(super) fn answer(fields: &'static [Field]) -> Answer {
    Answer::new("fields", fields.iter().map(meta_row).collect())
}

fn meta_row(field: &Field) -> Value {
    let required_on: &[&str] = match field.required {
        Required::No => &[],
        Required::Post => &["POST"],
        Required::Put => &["PUT"],
    };
    let mut row = json!({
        "name": field.name,
        "type": match field.kind {
            FieldKind::Int => "int",
            FieldKind::Double => "double",
            FieldKind::Text(_) => "string",
            FieldKind::Enum(_) => "enum",
            FieldKind::Timestamp => "timestamp",
            FieldKind::Day => "date",
            FieldKind::Bool => "boolean",
            FieldKind::Array => "array",
            FieldKind::Object => "object",
        },
        "sort_by": field.sorted,
        "filter_by": field.column,
        "read_only": field.read_only,
        "required_on": required_on,
        "description": field.about,
    });
    match field.kind {
        FieldKind::Text(length) => row["length"] = length.into(),
        FieldKind::Enum(words) => row["values"] = words.into(),
        _ => {}
    }
    row
}
