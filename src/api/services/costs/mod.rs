//! `/cost`: what ads cost by day and line item. A POST is a run: what it says replaces what earlier ones said about the
//! same day and line item. The published API has no such service.

mod input;
mod json;

use std::collections::BTreeSet;

use actix_web::http::Method;
use serde_json::Value;

use crate::api::envelope::{Answer, Paging};
use crate::api::error::ApiError;
use crate::api::request::body;
use crate::api::request::call::Call;
use crate::api::request::info::ServiceInfo;
use crate::api::request::list::ListParams;
use crate::api::request::page;
use crate::api::request::version::{Precondition, version};
use crate::api::service::{advertiser_by_code, id_named};
use crate::domain::{Cost, CostId, CostRun, CostRunId, CostState, Editor, Reader, fields};
use crate::store::{ListQuery, Page, Scalar, Test};

pub(in crate::api) const INFO: ServiceInfo =
    ServiceInfo { takes_runs: true, ..ServiceInfo::of::<Cost>("cost", "costs") };

/// The most costs of a body.
const MOST_AT_ONCE: usize = 1_000;
/// The most replaced costs that an answer holds.
const MOST_REPLACED: u32 = 100;

pub(super) async fn answer(call: &mut Call) -> Result<Answer, ApiError> {
    match *call.method() {
        Method::GET => get(call).await,
        Method::POST => post(call).await,
        Method::PUT => put(call).await,
        Method::DELETE => delete(call).await,
        _ => Err(call.wrong_method(INFO.takes)),
    }
}

/// A list, of those that count unless it asks for others.
async fn get(call: &mut Call) -> Result<Answer, ApiError> {
    let by = call.reader()?;
    let advertiser = advertiser_by_code(call, &by).await?;
    let (mut query, paging) = page::asked_for(call, INFO.fields)?;
    if let Some(advertiser) = advertiser {
        query = query.with_id::<Cost>("advertiser_id", advertiser.0);
    }
    let names_state = |name: &str| ["id", "run_id", "state", "replaced_by"].contains(&name);
    if !query.filters.iter().any(|filter| names_state(filter.field.name)) {
        query = query.with::<Cost>("state", Test::In(vec![Scalar::Text(CostState::Live.as_str().to_owned())]));
    }
    let Page { items, count } = call.store().costs(&by, query).await?;
    page::versioned(call, &INFO, (items.iter().map(json::cost).collect(), items.first().map(version)), count, paging)
}

/// Takes one cost or several, all or none.
async fn post(call: &mut Call) -> Result<Answer, ApiError> {
    let (by, reader) = (call.editor()?, call.reader()?);
    let mut inputs = body::read_several(&INFO, call.body.as_ref(), MOST_AT_ONCE)?;
    // Each warning once, however many objects give it.
    let warnings: BTreeSet<String> = inputs.iter_mut().flat_map(|input| input.warnings.drain(..)).collect();
    call.warnings.extend(warnings);
    if inputs.iter().any(|input| input.id.is_some()) {
        call.warn("id is given by the server and was ignored");
    }
    let named = input::advertiser_in_query(call, &reader).await?;
    let costs = input::read(call, &reader, &inputs, named).await?;
    let run = call.store().import_costs(&by, costs).await?;
    let several = call.body.as_ref().is_some_and(has_several);
    run_answer(call, &reader, &run, several).await
}

fn has_several(body: &Value) -> bool {
    let outer = body.get("response").unwrap_or(body);
    [INFO.plural, INFO.singular].into_iter().any(|key| outer.get(key).is_some_and(Value::is_array))
}

/// The costs of a run, and those that it replaced.
async fn run_answer(call: &Call, by: &Reader, run: &CostRun, several: bool) -> Result<Answer, ApiError> {
    let of = |field: &str, most: u32| {
        let query = ListQuery { num_elements: most, ..ListQuery::default() };
        call.store().costs(by, query.with_id::<Cost>(field, run.id.0))
    };
    let most = u32::try_from(MOST_AT_ONCE).unwrap_or(u32::MAX);
    let (made, replaced) = (of("run_id", most).await?.items, of("replaced_by", MOST_REPLACED).await?.items);
    let answer = match (several, made.as_slice()) {
        (false, [one]) => Answer::new(INFO.singular, json::cost(one)).with("id", one.id.0),
        _ => Answer::new(INFO.plural, made.iter().map(json::cost).collect()),
    };
    let answer = answer.counted(run.rows, Paging::default()).with("run", json::run(run));
    Ok(answer.with("replaced", replaced.iter().map(json::cost).collect::<Value>()))
}

/// Changes the amount, currency, views or clicks of one that counts.
async fn put(call: &mut Call) -> Result<Answer, ApiError> {
    let by = call.editor()?;
    let mut input = body::read(&INFO, call.body.as_ref())?;
    call.warnings.append(&mut input.warnings);
    let id = id_named(call, input.id.as_ref())?.ok_or_else(which)?;
    let allow_negative = input::allow_negative(&input)?;
    let precondition = Precondition::of(call)?;
    let change = move |cost: &mut Cost| {
        precondition.check(cost)?;
        input::set_all(cost, &input)
    };
    let changed = call.store().change_cost(&by, CostId(id), allow_negative, change).await;
    let cost = changed.map_err(Precondition::explain)?;
    let answer = Answer::new(INFO.singular, json::cost(&cost)).counted(1, Paging::default());
    let answer = answer.with_version(version(&cost));
    Ok(answer.with("id", id.to_string()))
}

/// Deletes one that counts, or undoes a run.
async fn delete(call: &mut Call) -> Result<Answer, ApiError> {
    let by = call.editor()?;
    match (id_named(call, None)?, run_named(call)?) {
        (Some(id), None) => {
            call.store().delete_cost(&by, CostId(id)).await?;
            Ok(Answer::empty().with("count", 1))
        }
        (None, Some(run)) => undo(call, &by, run).await,
        (Some(_), Some(_)) => Err(ApiError::Syntax(
            "id and run_id: one cost is deleted by id, a whole run by run_id; send one".to_owned(),
        )),
        (None, None) => Err(which()),
    }
}

async fn undo(call: &Call, by: &Editor, run: CostRunId) -> Result<Answer, ApiError> {
    let run = call.store().undo_cost_run(by, run).await?;
    Ok(Answer::new("run", json::run(&run)).with("count", run.rows))
}

/// The run that a DELETE names.
fn run_named(call: &Call) -> Result<Option<CostRunId>, ApiError> {
    let Some(filter) = ListParams::new(fields::COST, &call.params).filter("run_id")? else { return Ok(None) };
    let values = if let Test::In(values) = filter.test { values } else { Vec::new() };
    match values.as_slice() {
        [Scalar::Int(id)] => Ok(Some(CostRunId(*id))),
        _ => Err(ApiError::Syntax("run_id must name exactly one run by its number".to_owned())),
    }
}

fn which() -> ApiError {
    ApiError::Syntax("id is required: which cost is meant?".to_owned())
}
