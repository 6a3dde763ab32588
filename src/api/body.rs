//! The object inside the body of a POST or PUT. Clients wrap it in its singular key, or send back a whole answer as
//! they read it; what is unknown or read-only is set aside with a warning.

use serde_json::{Map, Value};

use super::error::ApiError;
use crate::domain::{Field, FieldError, Required};

/// Keys of an answer's envelope that may come back with the object.
const ENVELOPE: &[&str] = &["status", "count", "start_element", "num_elements", "dbg_info", "id"];

/// Fields to set, in the order in which they were sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Sent {
    /// Writable fields that the service knows, and what was sent for each.
    pub values: Vec<(&'static Field, Value)>,
    /// The id in the body.
    pub id: Option<Value>,
    /// What was set aside.
    pub warnings: Vec<String>,
}

/// How a service's objects stand in a body.
pub(super) struct Shape {
    /// The key of one object.
    pub singular: &'static str,
    /// Another key for it.
    pub alias: Option<&'static str>,
    /// The key of several.
    pub plural: &'static str,
    /// The table of fields.
    pub fields: &'static [Field],
    /// Turns other accepted forms of an object into that of the table.
    pub rename: fn(&mut Map<String, Value>) -> Result<(), ApiError>,
}

/// Finds the object and sorts its fields.
pub(super) fn read(shape: &Shape, body: Option<&Value>) -> Result<Sent, ApiError> {
    let Shape { singular, alias, plural, fields, rename } = *shape;
    let wanted = || ApiError::Syntax(format!("the body must be a JSON object with {singular:?} inside"));
    let outer = body.and_then(Value::as_object).ok_or_else(wanted)?;
    let outer = outer.get("response").and_then(Value::as_object).unwrap_or(outer);
    let mut sent = Sent { id: outer.get("id").cloned(), ..Sent::default() };
    let mut object = match [Some(singular), alias].iter().flatten().find_map(|key| outer.get(*key)) {
        Some(Value::Object(object)) => object.clone(),
        Some(_) => return Err(ApiError::Syntax(format!("{singular} must be an object"))),
        None => only(outer.get(plural)).ok_or_else(wanted)?.clone(),
    };
    for key in outer.keys() {
        if ![singular, plural].contains(&key.as_str()) && alias != Some(key) && !ENVELOPE.contains(&key.as_str()) {
            sent.warnings.push(format!("unknown key {key:?} beside {singular:?} was ignored"));
        }
    }
    rename(&mut object)?;
    for (name, value) in object {
        match fields.iter().find(|field| field.name == name) {
            Some(field) if field.required == Required::Put => sent.id = Some(value),
            Some(field) if field.read_only => sent.warnings.push(format!("{name} is read-only and was ignored")),
            Some(field) => sent.values.push((field, value)),
            None => sent.warnings.push(format!("unknown field {name:?} was ignored")),
        }
    }
    Ok(sent)
}

/// The one object of a plural key.
fn only(plural: Option<&Value>) -> Option<&Map<String, Value>> {
    match plural?.as_array()?.as_slice() {
        [one] => one.as_object(),
        _ => None,
    }
}

impl Sent {
    /// What was sent for a field.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(field, _)| field.name == name).map(|(_, value)| value)
    }

    /// Which of the fields that a POST requires are missing.
    pub(super) fn missing(&self, fields: &[Field], given: &[&str]) -> Vec<FieldError> {
        fields
            .iter()
            .filter(|field| field.required == Required::Post && !given.contains(&field.name))
            .filter(|field| self.get(field.name).is_none_or(Value::is_null))
            .map(|field| FieldError { field: field.name.to_owned(), message: "is required".to_owned() })
            .collect()
    }
}
