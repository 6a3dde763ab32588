//! `/report` and `/report-download`: ask for a report, follow its progress, fetch its file.

use std::collections::HashSet;

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value, json};

use super::envelope::{Answer, Paging};
use super::error::ApiError;
use super::json::moment;
use super::limits::Limits;
use super::request::call::Call;
use super::request::info::{Access, may_read};
use super::request::input_value::{InputValue, Read};
use super::serve;
use crate::domain::{FieldError, ReportRun};
use crate::report::{Condition, DEFINITIONS, Definition, FORMATS, INTERVALS, Kind, Operator, Order, Request};
use crate::store::StoreError;
use crate::web::AppState;
use crate::web::report_file;

const SINGULAR: &str = "report";
const PLURAL: &str = "reports";

/// Keys that clients send and that change nothing here.
const WITHOUT_EFFECT: &[&str] = &["row_per", "groups", "emails", "special_pixel_reporting"];

/// Every caller that may read may ask for a report.
const REPORT: Access = Access { methods: &["GET", "POST"], takes: "GET and POST", may: may_read };

/// Adds the addresses.
pub(super) fn routes(routes: &mut web::ServiceConfig) {
    serve::address(routes, "/report", SINGULAR, REPORT, answer);
    routes.service(web::resource("/report-download").to(handle_download));
}

async fn answer(call: &mut Call) -> Result<Answer, ApiError> {
    let by = call.reader()?;
    match *call.method() {
        Method::GET => match (call.params.text("meta"), call.params.text("id")) {
            (Some(report_type), _) => meta(report_type),
            (None, Some(id)) => {
                let run = call.state.reports.get(&by, id).await?;
                let answer = Answer::new(SINGULAR, to_json(&run)).counted(1, Paging::default());
                Ok(answer.with("execution_status", run.status.as_str()))
            }
            (None, None) => {
                let paging = Paging::default();
                let runs = call.state.reports.latest(&by, paging.num_elements).await?;
                let count = u64::try_from(runs.len()).unwrap_or(u64::MAX);
                Ok(Answer::new(PLURAL, runs.iter().map(to_json).collect()).counted(count, paging))
            }
        },
        Method::POST => {
            let request = read(call)?;
            request.notes(call.state.store.clock().now()).into_iter().for_each(|note| call.warn(note));
            let run = call.state.reports.ask(&by, request).await?;
            Ok(Answer::new("report_id", run.id.into()))
        }
        _ => Err(call.wrong_method(REPORT.takes)),
    }
}

fn to_json(run: &ReportRun) -> Value {
    json!({
        "id": run.id,
        "name": run.name,
        "created_on": moment(run.created_on),
        "format": run.format.as_str(),
        "json_request": run.request,
        "row_count": run.row_count,
        "report_size": run.report_size,
        "error": run.error,
        "url": format!("report-download?id={}", run.id),
    })
}

/// Reads a request for a report. Keys that mean nothing here are ignored with a warning.
fn read(call: &mut Call) -> Result<Request, ApiError> {
    let report = call.body.as_ref().and_then(|body| body.get(SINGULAR)).and_then(Value::as_object);
    let report =
        report.ok_or_else(|| ApiError::Syntax(r#"the body must be a JSON object with "report" inside"#.to_owned()))?;
    let mut request = Request { as_sent: json!({ "report": report }).to_string(), ..Request::default() };
    let (mut broken, mut warnings) = (Vec::new(), Vec::new());
    for (key, value) in report {
        match set(&mut request, &InputValue::new(key, value, false)) {
            Ok(true) => {}
            Ok(false) if WITHOUT_EFFECT.contains(&key.as_str()) => warnings.push(format!("{key} has no effect here")),
            Ok(false) => warnings.push(format!("unknown key {key:?} was ignored")),
            Err(error) => broken.push(error),
        }
    }
    if let Some(advertiser) = call.params.list("advertiser_id") {
        let values: Vec<String> = advertiser.into_iter().map(str::to_owned).collect();
        if let Err(error) = limit_to(&mut request.filters, values) {
            broken.push(error);
        }
    }
    warnings.into_iter().for_each(|warning| call.warn(warning));
    if broken.is_empty() { Ok(request) } else { Err(StoreError::Invalid(broken).into()) }
}

/// Limits a report to the advertisers that the address names, beside what the body's own filter says.
fn limit_to(filters: &mut Vec<Condition>, advertisers: Vec<String>) -> Read<()> {
    let is_own = |filter: &&mut Condition| filter.column == "advertiser_id" && filter.operator == Operator::In;
    let Some(own) = filters.iter_mut().find(is_own) else {
        filters.push(Condition::one_of("advertiser_id", advertisers));
        return Ok(());
    };
    let named: HashSet<&str> = advertisers.iter().map(|id| id.trim()).collect();
    own.values.retain(|value| named.contains(value.trim()));
    if own.values.is_empty() {
        let message = "names none of the advertisers that advertiser_id in the address names".to_owned();
        return Err(FieldError { field: "filters.advertiser_id".to_owned(), message });
    }
    Ok(())
}

/// Sets one key. False if there is no such key.
fn set(request: &mut Request, input: &InputValue<'_>) -> Read<bool> {
    match input.field() {
        "report_type" => request.report_type = input.plain_text()?,
        "name" => request.name = input.text()?,
        "columns" => request.columns = texts(input)?,
        "report_interval" => request.report_interval = input.text()?,
        "start_date" => request.start_date = input.text()?,
        "end_date" => request.end_date = input.text()?,
        "timezone" => request.timezone = input.text()?,
        "format" => request.format = input.text()?,
        "filters" => request.filters = conditions(input)?,
        "group_filters" => request.group_filters = conditions(input)?,
        "orders" => {
            let elements = input.elements()?;
            request.orders = elements.iter().map(order).collect::<Result<_, _>>()?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn texts(input: &InputValue<'_>) -> Read<Vec<String>> {
    input.elements()?.iter().map(word).collect()
}

/// A text, the digits of a number, or `true` or `false`.
fn word(input: &InputValue<'_>) -> Read<String> {
    input.plain_text().or_else(|error| input.boolean().map(|yes| yes.to_string()).map_err(|_| error))
}

/// An object, or an array of objects; each value alone or in an array, or in an object with an operator.
fn conditions(input: &InputValue<'_>) -> Read<Vec<Condition>> {
    let objects = match input.elements() {
        Ok(elements) => elements.iter().map(InputValue::object).collect::<Result<_, _>>()?,
        Err(_) => vec![input.object()?],
    };
    objects.iter().flat_map(|object| object.all()).map(|(name, value)| condition(name, &value)).collect()
}

fn condition(name: &str, input: &InputValue<'_>) -> Read<Condition> {
    let values = |value: &InputValue<'_>| if value.is_array() { texts(value) } else { Ok(vec![word(value)?]) };
    let Ok(members) = input.object() else { return Ok(Condition::one_of(name, values(input)?)) };
    let sign = members.get_or_null("operator");
    let operator = match sign.text()? {
        None => Operator::In,
        Some(text) => match Operator::parse(&text) {
            Some(operator) => operator,
            None => return sign.refuse(&format!("one of {}", Operator::SIGNS.join(" "))),
        },
    };
    Ok(Condition { column: name.to_owned(), operator, values: values(&members.get_or_null("value"))? })
}

/// `"day"`, `"day.desc"`, or `{"order_by": "day", "direction": "DESC"}`.
fn order(input: &InputValue<'_>) -> Read<Order> {
    let (column, direction) = match input.object() {
        Ok(members) => (members.get_or_null("order_by").plain_text()?, members.get_or_null("direction").text()?),
        Err(_) => {
            let text = input.plain_text()?;
            match text.rsplit_once(['.', ' ']) {
                Some((column, direction)) => (column.to_owned(), Some(direction.to_owned())),
                None => (text, None),
            }
        }
    };
    let descending = match direction.as_deref().unwrap_or("asc").to_ascii_lowercase().as_str() {
        "asc" => false,
        "desc" => true,
        _ => {
            return Err(FieldError {
                field: input.field().to_owned(),
                message: "must name a column, and asc or desc".to_owned(),
            });
        }
    };
    Ok(Order { column, descending })
}

/// The columns and filters of one report type, or of all.
fn meta(report_type: &str) -> Result<Answer, ApiError> {
    if report_type.is_empty() {
        let all: Map<_, _> =
            DEFINITIONS.iter().map(|report| (report.report_type.to_owned(), definition_to_json(report))).collect();
        return Ok(Answer::new("meta", all.into()));
    }
    match DEFINITIONS.iter().find(|report| report.report_type == report_type) {
        Some(report) => Ok(Answer::new("meta", definition_to_json(report))),
        None => Err(StoreError::not_found("report type", report_type).into()),
    }
}

fn definition_to_json(report: &Definition) -> Value {
    let kind = |kind| match kind {
        Kind::Int | Kind::LongId => "int",
        Kind::Text | Kind::Beginning(_) | Kind::Words(_) => "string",
        Kind::Amount => "money",
        Kind::Ratio => "decimal",
        Kind::Month | Kind::Day | Kind::UtcDay | Kind::Hour | Kind::Moment(_) => "date",
    };
    let columns = report.columns.iter();
    json!({
        "report_type": report.report_type,
        "description": report.about,
        "time_intervals": if report.timed { INTERVALS.iter().map(|interval| interval.name).collect() } else { Vec::new() },
        "columns": columns.clone().map(|column| {
            json!({ "column": column.name, "type": kind(column.kind), "description": column.about })
        }).collect::<Vec<_>>(),
        "filters": columns.clone().filter(|column| column.filter).map(|column| {
            json!({ "column": column.name, "type": kind(column.kind) })
        }).collect::<Vec<_>>(),
        "group_filters": columns.clone().filter(|column| column.from.is_figure()).map(|column| {
            json!({ "column": column.name, "type": kind(column.kind) })
        }).collect::<Vec<_>>(),
        "formats": FORMATS,
    })
}

async fn handle_download(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<AppState>,
    limits: web::Data<Limits>,
) -> HttpResponse {
    let mut call = Call::new(request, state, limits, "report-download");
    match download(&mut call, payload).await {
        Ok(answer) => answer,
        Err(error) => call.finish(Err(error)),
    }
}

async fn download(call: &mut Call, payload: web::Payload) -> Result<HttpResponse, ApiError> {
    let by = call.open(payload, &Access::READ).await?;
    let id = call.params.text("id").ok_or_else(|| ApiError::Syntax("id is required: which report?".to_owned()))?;
    let (run, file) = call.state.reports.open(&by, id).await?;
    Ok(report_file::answer(&call.request, &run, file).map_err(StoreError::fault)?)
}
