//! The object inside the body of a POST or PUT. Clients wrap it in its singular key, or send back a whole answer as
//! they read it; what is unknown or read-only is set aside with a warning.

use serde_json::{Map, Value};

use super::error::ApiError;
use super::service::Service;
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

/// Finds the object and sorts its fields.
pub(super) fn read<S: Service>(body: Option<&Value>) -> Result<Sent, ApiError> {
    let wanted = || ApiError::Syntax(format!("the body must be a JSON object with {:?} inside", S::SINGULAR));
    let outer = body.and_then(Value::as_object).ok_or_else(wanted)?;
    let outer = outer.get("response").and_then(Value::as_object).unwrap_or(outer);
    let mut sent = Sent { id: outer.get("id").cloned(), ..Sent::default() };
    let keys = [Some(S::SINGULAR), S::ALIAS];
    let object = match keys.iter().flatten().find_map(|key| outer.get(*key)) {
        Some(Value::Object(object)) => object,
        Some(_) => return Err(ApiError::Syntax(format!("{} must be an object", S::SINGULAR))),
        None => only(outer.get(S::PLURAL)).ok_or_else(wanted)?,
    };
    for key in outer.keys() {
        let known = keys.contains(&Some(key)) || key == S::PLURAL || ENVELOPE.contains(&key.as_str());
        if !known {
            sent.warnings.push(format!("unknown key {key:?} beside {:?} was ignored", S::SINGULAR));
        }
    }
    let mut object = object.clone();
    S::rename(&mut object)?;
    for (name, value) in object {
        match S::fields().iter().find(|field| field.name == name) {
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
