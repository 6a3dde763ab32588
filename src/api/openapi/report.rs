//! `/report` and `/report-download`, whose requests are described by the reports' own definitions (`/report?meta`).

use serde_json::{Map, Value, json};

use super::list::parameter;
use super::operation::{ok, operation};
use crate::report::{DEFINITIONS, FORMATS, INTERVALS};

/// Adds both addresses.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let (mut get, mut post, mut download) = (follow(), ask(), download());
    for operation in [&mut get, &mut post, &mut download] {
        operation["tags"] = json!(["report"]);
    }
    paths.insert("/report".to_owned(), json!({ "get": get, "post": post }));
    paths.insert("/report-download".to_owned(), json!({ "get": download }));
}

fn follow() -> Value {
    let mut get = operation(
        "getReport",
        "How far a report is; or the latest reports; or, with meta, what can be asked for",
        ok(
            json!({
                "execution_status": { "type": "string", "examples": ["pending", "ready"] },
                "report": { "type": "object" },
                "reports": { "type": "array", "items": { "type": "object" } },
                "meta": { "type": "object" },
            }),
            &[],
        ),
    );
    get["parameters"] = json!([
        parameter("id", json!({ "type": "string" }), "Which report."),
        parameter("meta", json!({ "type": "string" }), "The report type whose columns to describe; empty for all."),
    ]);
    get
}

fn ask() -> Value {
    let types: Vec<_> = DEFINITIONS.iter().map(|report| report.report_type).collect();
    let intervals: Vec<_> = INTERVALS.iter().map(|interval| interval.name).collect();
    let text = || json!({ "type": ["string", "null"] });
    let report = json!({
        "type": "object",
        "required": ["report_type"],
        "properties": {
            "report_type": { "enum": types },
            "columns": { "type": "array", "items": { "type": "string" } },
            "report_interval": { "anyOf": [{ "enum": intervals }, { "type": "null" }] },
            "start_date": text(), "end_date": text(), "timezone": text(), "name": text(),
            "format": { "anyOf": [{ "enum": FORMATS }, { "type": "null" }] },
            "filters": { "type": "array", "items": { "type": "object" } },
            "orders": { "type": "array", "items": {} },
        },
    });
    let mut post = operation("askForReport", "Ask for a report", ok(json!({ "report_id": {} }), &["report_id"]));
    let schema = json!({ "type": "object", "required": ["report"], "properties": { "report": report } });
    post["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    post
}

fn download() -> Value {
    let file = json!({ "schema": { "type": "string" } });
    let mut download = operation(
        "downloadReport",
        "A report that is ready, as a file",
        json!({
            "description": "The file.",
            "content": {
                "text/csv": file,
                "text/tab-separated-values": file,
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {},
                "application/json": {},
            },
        }),
    );
    let mut id = parameter("id", json!({ "type": "string" }), "Which report.");
    id["required"] = true.into();
    download["parameters"] = json!([id]);
    download
}
