//! The operations of a service: one for each method, with its body and its answers.

use serde_json::{Map, Value, json};

use super::list::{self, parameter};
use super::schema::{self, enveloped, reference, success};
use crate::api::request::info::ServiceInfo;

/// The errors that may answer any request, by status.
const ERRORS: &[(&str, &str, &str)] = &[
    ("400", "Syntax", "`SYNTAX`: bad JSON, or a field or parameter that breaks its rule, or a wrong method."),
    ("401", "NoAuth", "`NOAUTH`, `NOAUTH_EXPIRED`, `NOAUTH_DISABLED`: no token, or one that is not taken."),
    ("403", "Unauth", "`UNAUTH`: the role may not do this."),
    ("404", "NotFound", "`SYNTAX` with \"not found\" in the text: an unknown or deleted id."),
    ("409", "Conflict", "`INTEGRITY`, or `LIMIT`: it does not fit with the other objects."),
    ("412", "ChangedMeanwhile", "`INTEGRITY`: it was changed since the client read it. Only answers to `If-Match`."),
    ("415", "Unreadable", "`SYNTAX`: the body is in an encoding that is not read."),
    ("429", "TooMany", "`SYSTEM` with error_code `RATE_EXCEEDED`: too many requests; see `Retry-After`."),
    ("503", "Busy", "`SYSTEM`: the server is busy reading; see `Retry-After`."),
    ("500", "Fault", "`SYSTEM`: a fault of the server's."),
];

/// The answers to errors, to refer to.
pub(super) fn errors() -> Value {
    let all = ERRORS.iter().map(|(_, name, about)| ((*name).to_owned(), answer(about, reference("Error"))));
    Value::Object(all.collect())
}

fn answer(about: &str, schema: Value) -> Value {
    json!({ "description": about, "content": { "application/json": { "schema": schema } } })
}

/// An operation that answers `ok` or an error.
pub(super) fn operation(id: &str, summary: &str, ok: Value) -> Value {
    let mut responses = Map::new();
    responses.insert("200".to_owned(), ok);
    for (status, name, _) in ERRORS {
        responses.insert((*status).to_owned(), json!({ "$ref": format!("#/components/responses/{name}") }));
    }
    json!({ "operationId": id, "summary": summary, "responses": responses })
}

/// A success as JSON.
pub(super) fn ok(keys: Value, required: &[&str]) -> Value {
    answer("Done.", enveloped(success(keys, required)))
}

fn body(schema: Value) -> Value {
    json!({ "required": true, "content": { "application/json": { "schema": schema } } })
}

/// One object, or several, in an answer to a GET.
fn objects(service: &ServiceInfo) -> Value {
    let object = reference(&schema::name(service));
    let counts = ["count", "start_element", "num_elements"];
    let keys = json!({
        "count": { "type": "integer", "minimum": 0, "description": "All that match." },
        "start_element": { "type": "integer", "minimum": 0 },
        "num_elements": { "type": "integer", "minimum": 0, "maximum": 100 },
    });
    let with = |key: &str, schema: Value| {
        let mut keys = keys.clone();
        keys[key] = schema;
        success(keys, &[&[key], &counts[..]].concat())
    };
    let one = with(service.singular, object.clone());
    let several = with(service.plural, json!({ "type": "array", "items": object }));
    let inside = if service.is_one { one } else { json!({ "anyOf": [several, one] }) };
    answer("The objects that match; where one id or code was asked for, that object.", enveloped(inside))
}

/// The answer to a POST or PUT.
fn object(service: &ServiceInfo, id: Value, about: &str) -> Value {
    let keys = json!({
        "id": id,
        "count": { "const": 1 },
        "start_element": { "const": 0 },
        "num_elements": { "const": 100 },
        service.singular: reference(&schema::name(service)),
    });
    answer(about, enveloped(success(keys, &["id", "count", service.singular])))
}

/// The answer to a POST that is a run: what it brought, and what it replaced.
fn run(service: &ServiceInfo) -> Value {
    let object = || reference(&schema::name(service));
    let objects = || json!({ "type": "array", "items": object() });
    let keys = json!({
        "id": { "type": "integer" },
        "count": { "type": "integer" },
        "start_element": { "const": 0 },
        "num_elements": { "const": 100 },
        service.singular: object(),
        service.plural: objects(),
        "run": { "type": "object", "properties": {
            "id": { "type": "integer" }, "rows": { "type": "integer" }, "replaced": { "type": "integer" },
        } },
        "replaced": objects(),
    });
    let about = "What was created, and of earlier runs what it replaced, 100 at most.";
    answer(about, enveloped(success(keys, &["count", "run", "replaced"])))
}

fn request_body(service: &ServiceInfo, required_on_post: bool) -> Value {
    let shape = reference(&format!("{}Sent", schema::name(service)));
    let required: Vec<_> = service
        .fields
        .iter()
        .filter(|field| required_on_post && field.required == crate::domain::Required::Post)
        // The query may name it instead.
        .filter(|field| field.name != "advertiser_id")
        .map(|field| field.name)
        .collect();
    let shape = if required.is_empty() { shape } else { json!({ "allOf": [shape, { "required": required }] }) };
    if service.takes_runs && required_on_post {
        let several = json!({ "type": "array", "items": shape, "minItems": 1, "maxItems": 1_000 });
        return body(json!({
            "type": "object",
            "anyOf": [{ "required": [service.singular] }, { "required": [service.plural] }],
            "properties": { service.singular: shape, service.plural: several },
        }));
    }
    body(json!({ "type": "object", "required": [service.singular], "properties": { service.singular: shape } }))
}

/// Every method of a service.
pub(super) fn of_service(service: &ServiceInfo) -> Value {
    let (name, what) = (schema::name(service), service.what);
    let mut item = Map::new();
    let mut add = |method: &str, mut operation: Value, parameters: Vec<Value>, body: Option<Value>| {
        operation["tags"] = json!([service.path]);
        operation["parameters"] = parameters.into();
        if let Some(body) = body {
            operation["requestBody"] = body;
        }
        item.insert(method.to_owned(), operation);
    };
    let parameters = if service.is_one { Vec::new() } else { list::parameters(service) };
    let summary = if service.is_one { format!("The {what}") } else { format!("List {}", service.plural) };
    add("get", operation(&format!("list{name}"), &summary, objects(service)), parameters, None);
    if service.methods.contains(&"POST") {
        let created = object(service, json!({ "type": "integer" }), "The object as it was made.");
        let created = if service.takes_runs { run(service) } else { created };
        let created = if service.post_lists { either(created, objects(service)) } else { created };
        let operation = operation(&format!("create{name}"), &format!("Create a {what}"), created);
        add("post", operation, advertiser(service).into_iter().collect(), Some(request_body(service, true)));
    }
    if service.methods.contains(&"PUT") {
        let updated = object(service, json!({ "type": "string" }), "The object as it is now.");
        let operation =
            operation(&format!("update{name}"), &format!("Change the fields that are sent of a {what}"), updated);
        let parameters = if service.is_one { Vec::new() } else { vec![id(false), append(), if_match()] };
        add("put", operation, parameters, Some(request_body(service, false)));
    }
    if service.methods.contains(&"DELETE") {
        let count = if service.takes_runs { json!({ "type": "integer" }) } else { json!({ "const": 1 }) };
        let deleted = ok(json!({ "count": count }), &["count"]);
        let operation = operation(&format!("delete{name}"), &format!("Delete a {what}"), deleted);
        let run =
            parameter("run_id", json!({ "type": "integer", "minimum": 1, "maximum": i64::MAX }), "The run to undo.");
        add("delete", operation, if service.takes_runs { vec![id(false), run] } else { vec![id(true)] }, None);
    }
    Value::Object(item)
}

fn id(required: bool) -> Value {
    let mut id = parameter("id", json!({ "type": "integer", "minimum": 1, "maximum": i64::MAX }), "Which one.");
    id["required"] = required.into();
    id
}

fn advertiser(service: &ServiceInfo) -> Option<Value> {
    let schema = json!({ "type": "integer", "minimum": 1, "maximum": i64::MAX });
    service.of_advertiser().then(|| parameter("advertiser_id", schema, "The advertiser it belongs to."))
}

fn append() -> Value {
    parameter(
        "append",
        json!({ "type": "boolean" }),
        "Whether arrays that are sent are merged with what is there, in place of replacing it.",
    )
}

fn if_match() -> Value {
    let mut header = parameter(
        "If-Match",
        json!({ "type": "string" }),
        "The `ETag` of the GET that the change is based on. Without it, PUT changes whatever there is.",
    );
    header["in"] = "header".into();
    header
}

/// One of two answers, described as the first.
fn either(one: Value, other: Value) -> Value {
    let schema = |answer: &Value| answer["content"]["application/json"]["schema"].clone();
    let about = one["description"].as_str().unwrap_or("");
    answer(about, json!({ "anyOf": [schema(&one), schema(&other)] }))
}

/// `/X/meta`.
pub(super) fn meta(service: &ServiceInfo) -> Value {
    let rows = json!({ "fields": { "type": "array", "items": reference("MetaField") } });
    let id = format!("meta{}", schema::name(service));
    let mut get = operation(&id, &format!("The fields of a {}", service.what), ok(rows, &["fields"]));
    get["tags"] = json!([service.path]);
    json!({ "get": get })
}

/// `/auth`.
pub(super) fn auth() -> Value {
    let answer = ok(json!({ "token": { "type": "string" } }), &["token"]);
    let mut post = operation("signIn", "A token for a user name and a password", answer);
    let text = json!({ "type": "string" });
    let auth = json!({ "type": "object", "required": ["username", "password"], "properties": { "username": text, "password": text } });
    post["requestBody"] = body(json!({ "type": "object", "required": ["auth"], "properties": { "auth": auth } }));
    post["security"] = json!([]);
    json!({ "post": post })
}

/// `/conversion/{id}/explain`.
pub(super) fn explain() -> Value {
    let text = || json!({ "type": "string" });
    let list = |properties: Value| json!({ "type": "array", "items": { "type": "object", "properties": properties } });
    let explanation = json!({
        "type": "object",
        "required": ["conversion_id", "outcome", "reason", "sentence", "steps", "touches"],
        "properties": {
            "conversion_id": { "type": "integer" },
            "outcome": text(), "reason": text(), "sentence": text(),
            "cookie": { "type": ["object", "null"], "properties": {
                "sent": { "type": ["boolean", "null"] },
                "cause": { "enum": ["other_site", "other_site_by_http", "first_visit", "unknown_page", "private", null] },
                "page_host": { "type": ["string", "null"] }, "tag_host": { "type": ["string", "null"] },
                "sentence": text(), "remedy": { "type": ["string", "null"] },
            } },
            "steps": list(json!({ "name": text(), "sentence": text(), "decided": { "type": ["string", "null"] } })),
            "touches": list(json!({
                "exposure_id": { "type": "integer" }, "kind": { "enum": ["impression", "click"] },
                "datetime": text(), "verdict": text(), "eligible": { "type": "boolean" }, "sentence": text(),
                "age_seconds": { "type": "integer" }, "window_mins": { "type": "integer" },
                "source_id": { "type": ["integer", "null"] }, "arrival": { "type": ["object", "null"] },
                "counted_from": text(), "counted_age_seconds": { "type": "integer" },
                "token_uses": { "type": ["object", "null"], "properties": {
                    "fires": { "type": "integer" }, "attributed": { "type": "integer" },
                    "visitors": { "type": "integer" },
                } },
            })),
            "pixel": { "type": "object" },
            "line_items": { "type": "array", "items": { "type": "object" } },
        },
    });
    let summary = "Why a conversion was judged as it was: every step, and every exposure";
    let mut get = operation("explainConversion", summary, ok(json!({ "explanation": explanation }), &["explanation"]));
    get["tags"] = json!(["conversion"]);
    get["parameters"] = id_in_path();
    json!({ "get": get })
}

fn id_in_path() -> Value {
    json!([{
        "name": "id", "in": "path", "required": true,
        "schema": { "type": "integer", "minimum": 1, "maximum": i64::MAX },
    }])
}

/// `/pixel/{id}/health`.
pub(super) fn health() -> Value {
    let (number, text) = (|| json!({ "type": "integer" }), || json!({ "type": ["string", "null"] }));
    let amount = || json!({ "type": ["number", "null"] });
    let health = json!({
        "type": "object",
        "required": ["pixel_id", "loads_12h", "last_load", "conversions_7d", "loads_14d", "warned_14d"],
        "properties": {
            "pixel_id": number(), "loads_12h": number(), "last_load": text(), "conversions_7d": number(),
            "loads_14d": number(), "warned_14d": number(), "max_value": amount(), "currency": { "type": "string" },
            "uncredited_7d": number(),
            "cookies_7d": { "type": "object", "properties": {
                "from_browsers": number(), "without_cookie": number(), "private": number(), "cause": text(),
                "page_host": text(), "tag_host": text(), "remedy": text(),
            } },
            "findings": { "type": "array", "items": { "type": "object", "properties": {
                "rule": { "type": "string" }, "loses_conversions": { "type": "boolean" }, "text": { "type": "string" },
            } } },
            "values": { "type": ["object", "null"], "properties": {
                "count": number(), "usual": amount(), "proposed_max_value": amount(), "beyond": number(),
                "largest": amount(), "largest_conversion_id": { "type": ["integer", "null"] },
            } },
        },
    });
    let summary = "How a pixel does, and which values its fires usually have";
    let mut get = operation("pixelHealth", summary, ok(json!({ "health": health }), &["health"]));
    get["tags"] = json!(["pixel"]);
    get["parameters"] = id_in_path();
    json!({ "get": get })
}

/// `/openapi.json`.
pub(super) fn description() -> Value {
    let mut get = operation("describe", "This description", answer("This description.", json!({ "type": "object" })));
    get["security"] = json!([]);
    json!({ "get": get })
}
