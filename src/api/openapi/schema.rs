//! The shapes of objects and answers, from the tables of fields.

use serde_json::{Map, Value, json};

use crate::api::request::info::ServiceInfo;
use crate::domain::{Field, FieldKind, Required, TriggerType};

/// The pattern of a moment.
const MOMENT: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$";

/// A reference to a shape.
pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// The name of a service's shape: `LineItem` of `line-item`.
pub(super) fn name(service: &ServiceInfo) -> String {
    let capital = |word: &str| word.get(..1).unwrap_or("").to_uppercase() + word.get(1..).unwrap_or("");
    service.path.split('-').map(capital).collect()
}

/// The shapes that all answers share.
pub(super) fn common() -> Map<String, Value> {
    let number = || json!({ "type": "integer", "minimum": 0 });
    let info = json!({
        "type": "object",
        "required": ["output_term", "version", "warnings", "time", "reads", "read_limit", "read_limit_seconds",
            "writes", "write_limit", "write_limit_seconds"],
        "properties": {
            "output_term": { "type": "string", "description": "The key that holds the data; not_found for none." },
            "version": { "type": "string" },
            "warnings": { "type": "array", "items": { "type": "string" } },
            "time": { "type": "integer", "minimum": 0, "description": "Milliseconds." },
            "reads": number(), "read_limit": number(), "read_limit_seconds": number(),
            "writes": number(), "write_limit": number(), "write_limit_seconds": number(),
        },
    });
    let error = enveloped(json!({
        "type": "object",
        "required": ["error_id", "error", "dbg_info"],
        "properties": {
            "error_id": { "enum": ["NOAUTH", "NOAUTH_EXPIRED", "NOAUTH_DISABLED", "UNAUTH", "SYNTAX", "INTEGRITY",
                "LIMIT", "SYSTEM"] },
            "error": { "type": "string", "description": "The field, the rule and the value, for people." },
            "error_code": { "type": ["string", "null"] },
            "error_description": { "type": ["string", "null"] },
            "service": { "type": "string" },
            "method": { "type": "string" },
            "dbg_info": reference("DbgInfo"),
        },
    }));
    let meta = json!({
        "type": "object",
        "required": ["name", "type", "sort_by", "filter_by", "read_only", "required_on"],
        "properties": {
            "name": { "type": "string" }, "type": { "type": "string" }, "description": { "type": "string" },
            "sort_by": { "type": "boolean" }, "filter_by": { "type": "boolean" }, "read_only": { "type": "boolean" },
            "required_on": { "type": "array", "items": { "enum": ["POST", "PUT"] } },
            "length": { "type": "integer" }, "values": { "type": "array", "items": { "type": "string" } },
        },
    });
    [("DbgInfo", info), ("Error", error), ("MetaField", meta)]
        .into_iter()
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect()
}

/// The shapes of one service: its object in answers, and in bodies.
pub(super) fn of_service(service: &ServiceInfo) -> Vec<(String, Value)> {
    let name = name(service);
    let readable = service.fields.iter().filter(|field| !field.write_only);
    let properties: Map<_, _> = readable.map(|field| (field.name.to_owned(), in_answer(field))).collect();
    let mut shapes = vec![(name.clone(), json!({ "type": "object", "properties": properties }))];
    if service.writes() {
        let writable = service.fields.iter().filter(|field| !field.read_only);
        let properties: Map<_, _> = writable.map(|field| (field.name.to_owned(), in_body(field))).collect();
        let about = "Fields that are unknown or read-only are ignored with a warning; numbers may come as texts.";
        shapes
            .push((format!("{name}Sent"), json!({ "type": "object", "properties": properties, "description": about })));
    }
    shapes
}

/// A field in an answer.
fn in_answer(field: &Field) -> Value {
    // /user?current also describes a script's token, which has no id and no stamps.
    let never_null = field.required == Required::Post;
    let kind = |kind: &str| if never_null { json!(kind) } else { json!([kind, "null"]) };
    let mut schema = match field.kind {
        FieldKind::Int => json!({ "type": kind("integer") }),
        FieldKind::Double => json!({ "type": kind("number") }),
        FieldKind::Text(_) => json!({ "type": kind("string") }),
        FieldKind::Bool => json!({ "type": kind("boolean") }),
        FieldKind::Timestamp => json!({ "type": kind("string"), "pattern": MOMENT }),
        FieldKind::Day => json!({ "type": kind("string"), "format": "date" }),
        FieldKind::Enum(words) => json!({ "enum": with_null(words) }),
        FieldKind::Array => json!({ "type": kind("array"), "items": element(field.name) }),
        FieldKind::Object if field.name == "match" => {
            let values = json!({ "type": "array", "items": { "type": "string" } });
            json!({ "type": kind("object"), "additionalProperties": values })
        }
        FieldKind::Object => json!({ "type": kind("object") }),
    };
    schema["description"] = field.about.into();
    if field.read_only {
        schema["readOnly"] = true.into();
    }
    schema
}

/// A field in a body.
fn in_body(field: &Field) -> Value {
    let mut schema = match field.kind {
        FieldKind::Int => json!({ "type": ["integer", "null"] }),
        FieldKind::Double => json!({ "type": ["number", "string", "null"] }),
        FieldKind::Text(length) => json!({ "type": ["string", "null"], "maxLength": length }),
        FieldKind::Bool => json!({ "type": ["boolean", "null"] }),
        FieldKind::Timestamp => json!({ "type": ["string", "number", "null"], "examples": ["2026-10-01 12:00:00"] }),
        FieldKind::Day => json!({ "type": ["string", "null"], "examples": ["2026-10-01"] }),
        FieldKind::Enum(words) => json!({ "enum": with_null(words) }),
        FieldKind::Array => json!({ "type": ["array", "null"], "items": element(field.name) }),
        FieldKind::Object if field.name == "match" => json!({
            "type": ["object", "null"],
            "additionalProperties": {
                "type": ["array", "string", "number", "null"], "items": { "type": ["string", "number"] },
            },
            "examples": [{ "click_id": ["fbclid"], "utm_medium": ["cpc", "paid*"] }],
        }),
        FieldKind::Object => json!({ "type": ["object", "null"] }),
    };
    schema["description"] = field.about.into();
    schema
}

fn with_null(words: &[&str]) -> Vec<Value> {
    words.iter().map(|word| json!(word)).chain([Value::Null]).collect()
}

/// The elements of an array, by the field's published name.
fn element(name: &str) -> Value {
    let word = |words: &[&str]| json!({ "enum": words });
    match name {
        "piggyback_pixels" => json!({
            "type": "object",
            "properties": { "pixel_type": word(&["js", "img"]), "url": { "type": "string", "maxLength": 255 } },
        }),
        "pixels" => json!({
            "type": "object",
            "properties": {
                "id": { "type": "integer" }, "name": { "type": ["string", "null"], "readOnly": true },
                "trigger_type": { "enum": with_null(TriggerType::WORDS), "readOnly": true },
                "state": word(&["active", "inactive"]),
                "post_click_revenue": { "type": ["number", "null"] },
                "post_view_revenue": { "type": ["number", "null"] },
            },
        }),
        "redirect_hosts" => json!({ "type": "string" }),
        "conversion_ids" => json!({ "type": "integer" }),
        _ => json!({ "type": "object" }),
    }
}

/// The values that a filter takes.
pub(super) fn filter_value(field: &Field) -> Value {
    match field.kind {
        FieldKind::Int => json!({ "type": "integer", "minimum": i64::MIN, "maximum": i64::MAX }),
        FieldKind::Double => json!({ "type": "number" }),
        FieldKind::Enum(words) => json!({ "enum": words }),
        FieldKind::Bool => json!({ "type": "boolean" }),
        FieldKind::Timestamp => json!({ "type": "string", "examples": ["2026-10-01 12:00:00"] }),
        FieldKind::Day => json!({ "type": "string", "examples": ["2026-10-01"] }),
        FieldKind::Text(_) | FieldKind::Array | FieldKind::Object => json!({ "type": "string" }),
    }
}

/// Inside the envelope.
pub(super) fn enveloped(inside: Value) -> Value {
    json!({ "type": "object", "required": ["response"], "properties": { "response": inside } })
}

/// A success with these keys beside `status` and `dbg_info`, the named ones always there.
pub(super) fn success(keys: Value, required: &[&str]) -> Value {
    let mut properties = Map::new();
    properties.insert("status".to_owned(), json!({ "const": "OK" }));
    if let Value::Object(keys) = keys {
        properties.extend(keys);
    }
    properties.insert("dbg_info".to_owned(), reference("DbgInfo"));
    let required: Vec<_> = ["status", "dbg_info"].iter().chain(required).collect();
    json!({ "type": "object", "required": required, "properties": properties })
}
