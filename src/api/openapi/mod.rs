//! `/openapi.json`: the OpenAPI 3.1 description of this API. The tables of fields and services that answer requests
//! write it, so the two cannot differ. It needs no sign-in, since it holds no data.

mod list;
mod operation;
mod report;
mod schema;

use std::sync::LazyLock;

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value, json};

use super::limits::Limits;
use super::request::call::{Call, TOKEN_COOKIE};
use super::services;
use crate::web::AppState;

/// Adds the address.
pub(super) fn routes(routes: &mut web::ServiceConfig) {
    routes.service(web::resource("/openapi.json").to(handle));
}

async fn handle(request: HttpRequest, state: web::Data<AppState>, limits: web::Data<Limits>) -> HttpResponse {
    let call = Call::new(request, state, limits, "openapi.json");
    if *call.method() != Method::GET {
        let refused = call.wrong_method("GET");
        return call.finish(Err(refused));
    }
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .content_type(header::ContentType::json())
        .body(TEXT.clone())
}

/// Anybody may ask for it, and it never changes while the program runs: so it is built once.
static TEXT: LazyLock<web::Bytes> = LazyLock::new(|| document().to_string().into());

/// The description of the whole API.
pub fn document() -> Value {
    let services = services::all();
    let (mut paths, mut schemas) = (Map::new(), schema::common());
    paths.insert("/auth".to_owned(), operation::auth());
    for service in &services {
        for (name, schema) in schema::of_service(service) {
            schemas.insert(name, schema);
        }
        paths.insert(format!("/{}", service.path), operation::of_service(service));
        paths.insert(format!("/{}/meta", service.path), operation::meta(service));
    }
    paths.insert("/conversion/{id}/explain".to_owned(), operation::explain());
    paths.insert("/pixel/{id}/health".to_owned(), operation::health());
    report::paths(&mut paths);
    paths.insert("/openapi.json".to_owned(), operation::description());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "pixeld",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Management of conversion pixels and of all that they count for. Every answer is inside \
                `response`; what was set aside or is worth knowing stands in `response.dbg_info.warnings`.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }, { "cookie": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": operation::errors(),
            "securitySchemes": {
                "token": {
                    "type": "apiKey", "in": "header", "name": "Authorization",
                    "description": "The token that POST /auth answers, or a long-lived one; bare, or after Bearer.",
                },
                "cookie": {
                    "type": "apiKey", "in": "cookie", "name": TOKEN_COOKIE.over(true),
                    "description": "The same token, as POST /auth sets it. Over plain http its name lacks the prefix __Host-.",
                },
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every `$ref` in a value.
    fn references(value: &Value, into: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                into.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
                members.values().for_each(|value| references(value, into));
            }
            Value::Array(elements) => elements.iter().for_each(|value| references(value, into)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let mut all = Vec::new();
        references(&document, &mut all);
        assert!(all.len() > 50);
        for reference in all {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn operations_have_names_of_their_own_and_say_what_they_do() {
        let document = document();
        let mut names = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                assert!(operation["summary"].is_string(), "{method} {path}");
                names.push(operation["operationId"].as_str().unwrap().to_owned());
            }
        }
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
