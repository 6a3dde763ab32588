//! How large a JSON value is.

use serde_json::Value;

/// The fields of all objects in a value.
pub fn fields_in(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.values().map(|member| 1 + fields_in(member)).sum(),
        Value::Array(elements) => elements.iter().map(fields_in).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}
