//! Reads the object in the body of a POST or PUT. Clients wrap it in its singular key, or send back a whole answer as they
//! read it. Unknown and read-only fields are ignored with a warning.

use serde_json::{Map, Value};

use super::info::ServiceInfo;
use crate::api::error::ApiError;
use crate::domain::{Field, FieldError, Required, trim_cow};

/// Keys of an answer's envelope that may come back with the object.
const ENVELOPE: &[&str] = &["status", "count", "start_element", "num_elements", "dbg_info", "id"];

/// An object as a client sent it.
#[derive(Clone, Debug, Default)]
pub(in crate::api) struct ObjectInput {
    /// The writable fields, in the order in which the client sent them.
    pub values: Vec<(&'static Field, Value)>,
    pub id: Option<Value>,
    /// Warnings about ignored fields.
    pub warnings: Vec<String>,
}

/// Finds the objects in a body, where it may hold several as an array, and sorts their fields.
pub(in crate::api) fn read_several(
    info: &ServiceInfo,
    body: Option<&Value>,
    most: usize,
) -> Result<Vec<ObjectInput>, ApiError> {
    let outer = body.and_then(|body| body.get("response").filter(|inner| inner.is_object()).or(Some(body)));
    let array = [info.plural, info.singular].into_iter().find_map(|key| outer?.get(key)?.as_array());
    let Some(array) = array else { return Ok(vec![read(info, body)?]) };
    if array.is_empty() || array.len() > most {
        let text = format!("{} must be an array of 1 to {most} objects, and has {}", info.plural, array.len());
        return Err(ApiError::Syntax(text));
    }
    let objects = array.iter().map(|object| match object {
        Value::Object(_) => {
            read(info, Some(&Value::Object(Map::from_iter([(info.singular.to_owned(), object.clone())]))))
        }
        _ => Err(ApiError::Syntax(format!("{} must be an array of objects", info.plural))),
    });
    objects.collect()
}

/// Finds the object in a body and sorts its fields.
pub(in crate::api) fn read(info: &ServiceInfo, body: Option<&Value>) -> Result<ObjectInput, ApiError> {
    let ServiceInfo { singular, alias, plural, fields, .. } = *info;
    let missing = || ApiError::Syntax(format!("the body must be a JSON object with {singular:?} inside"));
    let outer = body.and_then(Value::as_object).ok_or_else(missing)?;
    let outer = outer.get("response").and_then(Value::as_object).unwrap_or(outer);
    let mut input = ObjectInput { id: outer.get("id").cloned(), ..ObjectInput::default() };
    let mut object = match [Some(singular), alias].iter().flatten().find_map(|key| outer.get(*key)) {
        Some(Value::Object(object)) => object.clone(),
        Some(_) => return Err(ApiError::Syntax(format!("{singular} must be an object"))),
        None => only(outer.get(plural)).ok_or_else(missing)?.clone(),
    };
    for key in outer.keys() {
        if ![singular, plural].contains(&key.as_str()) && alias != Some(key) && !ENVELOPE.contains(&key.as_str()) {
            input.warnings.push(format!("unknown key {key:?} beside {singular:?} was ignored"));
        }
    }
    (info.rename)(&mut object)?;
    for (name, value) in object {
        match fields.iter().find(|field| field.name == name) {
            Some(field) if field.required == Required::Put => input.id = Some(trimmed(&name, value)),
            Some(field) if field.read_only => input.warnings.push(format!("{name} is read-only and was ignored")),
            Some(field) => input.values.push((field, trimmed(&name, value))),
            None => input.warnings.push(format!("unknown field {name:?} was ignored")),
        }
    }
    Ok(input)
}

/// The value with its texts trimmed. A password may begin and end with a blank.
fn trimmed(name: &str, value: Value) -> Value {
    match value {
        Value::String(text) if !name.ends_with("password") => Value::String(trim_cow(text.into()).into_owned()),
        Value::Array(values) => values.into_iter().map(|value| trimmed(name, value)).collect(),
        Value::Object(members) => {
            let member = |(name, value): (String, Value)| {
                let value = trimmed(&name, value);
                (name, value)
            };
            members.into_iter().map(member).collect()
        }
        other => other,
    }
}

/// The one object under a plural key.
fn only(plural: Option<&Value>) -> Option<&Map<String, Value>> {
    match plural?.as_array()?.as_slice() {
        [one] => one.as_object(),
        _ => None,
    }
}

impl ObjectInput {
    pub(in crate::api) fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(field, _)| field.name == name).map(|(_, value)| value)
    }

    /// An error for each field that a POST requires and the client did not send. `known` are fields that the request
    /// gives elsewhere.
    pub(in crate::api) fn missing(&self, fields: &[Field], known: &[&str]) -> Vec<FieldError> {
        fields
            .iter()
            .filter(|field| field.required == Required::Post && !known.contains(&field.name))
            .filter(|field| self.get(field.name).is_none_or(Value::is_null))
            .map(|field| FieldError { field: field.name.to_owned(), message: "is required".to_owned() })
            .collect()
    }
}
