//! The forms of values in the answers of all services.

use serde_json::{Value, json};

use crate::domain::{ClickIdValue, Currency, Micros, Millis};

/// An amount as a number with exactly its digits; null for none.
pub(super) fn amount(amount: Option<Micros>) -> Value {
    amount.and_then(|amount| amount.to_string().parse().ok()).map_or(Value::Null, Value::Number)
}

/// A moment as `YYYY-MM-DD HH:MM:SS`, UTC.
pub(super) fn moment(at: Millis) -> Value {
    at.to_string().into()
}

/// The same, or null.
pub(super) fn moment_or_null(at: Option<Millis>) -> Value {
    at.map_or(Value::Null, moment)
}

/// A currency's code, or null.
pub(super) fn currency(currency: Option<Currency>) -> Value {
    currency.map_or(Value::Null, |currency| currency.as_str().into())
}

/// An array, or null for an empty one, as the published API has it.
pub(super) fn array_or_null(values: Vec<Value>) -> Value {
    if values.is_empty() { Value::Null } else { Value::Array(values) }
}

/// Click ids of ad platforms. The log does not keep the value of a private visitor's.
pub(super) fn click_ids(ids: &[ClickIdValue]) -> Value {
    ids.iter().map(|id| json!({ "name": id.name, "value": id.value })).collect()
}
