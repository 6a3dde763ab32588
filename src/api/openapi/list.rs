//! The parameters of lists: paging, sorting, and a filter for every column of the table of fields.

use serde_json::{Value, json};

use super::schema::filter_value;
use crate::api::request::info::ServiceInfo;
use crate::domain::{Field, FieldKind};

/// All parameters that a GET of a service takes.
pub(super) fn parameters(service: &ServiceInfo) -> Vec<Value> {
    let mut parameters = vec![
        parameter(
            "start_element",
            json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }),
            "How many to skip.",
        ),
        parameter(
            "num_elements",
            json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }),
            "How many to return; 100 unless told, and at most.",
        ),
        parameter("fields", text(), "The fields to return, with commas between them."),
    ];
    if service.fields.iter().any(|field| field.sorted) {
        parameters.push(parameter("sort", text(), "Fields to sort by: `name.asc,id.desc`."));
        parameters.push(parameter("search", text(), "Matches the id, or a part of the name or code."));
    }
    if service.of_advertiser() {
        parameters.push(parameter("advertiser_code", text(), "Only objects of the advertiser with this code."));
    }
    for field in service.fields.iter().filter(|field| field.column) {
        parameters.extend(filters(field));
    }
    parameters
}

fn filters(field: &Field) -> Vec<Value> {
    let name = field.name;
    if !field.sorted {
        // Of judged fires: one value, and times only as a span.
        return match field.kind {
            FieldKind::Timestamp => vec![
                parameter(&format!("min_{name}"), filter_value(field), "At or after this moment, UTC."),
                parameter(&format!("max_{name}"), filter_value(field), "At or before this second, UTC."),
            ],
            _ => vec![parameter(name, filter_value(field), field.about)],
        };
    }
    let mut filters = vec![
        parameter(name, text(), &format!("One of these, with commas between them; `null` for none. {}", field.about)),
        parameter(&format!("not_{name}"), text(), "None of these."),
    ];
    match field.kind {
        FieldKind::Int | FieldKind::Double | FieldKind::Timestamp | FieldKind::Day => {
            for (prefix, about) in [
                ("min_", "At least this."),
                ("max_", "At most this."),
                ("nmin_", "At least this, or null."),
                ("nmax_", "At most this, or null."),
            ] {
                filters.push(parameter(&format!("{prefix}{name}"), filter_value(field), about));
            }
        }
        FieldKind::Text(_) => filters.push(parameter(&format!("like_{name}"), text(), "Holds this, in either case.")),
        FieldKind::Enum(_) | FieldKind::Bool | FieldKind::Array | FieldKind::Object => {}
    }
    filters
}

fn text() -> Value {
    json!({ "type": "string" })
}

/// One parameter of the query.
pub(super) fn parameter(name: &str, schema: Value, about: &str) -> Value {
    json!({ "name": name, "in": "query", "schema": schema, "description": about })
}
