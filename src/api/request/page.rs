//! Lists: the query of a request, and its answer: a page of objects, or the one object that it names.

use actix_web::http::header::EntityTag;
use serde_json::{Value, json};

use super::call::Call;
use super::info::ServiceInfo;
use super::list::ListParams;
use crate::api::envelope::{Answer, Paging};
use crate::api::error::ApiError;
use crate::domain::Field;
use crate::store::{ListQuery, StoreError};

/// Reads the parameters of a list. Warns of unknown ones.
pub(in crate::api) fn asked_for(call: &mut Call, fields: &'static [Field]) -> Result<(ListQuery, Paging), ApiError> {
    let params = ListParams::new(fields, &call.params);
    let (query, paging) = (params.query()?, params.paging()?);
    call.warnings.extend(params.warnings());
    Ok((query, paging))
}

/// Answers with these objects, of `count` that match. If the request names one by its id or code, the answer is that
/// object.
pub(in crate::api) fn answer(
    call: &Call,
    info: &ServiceInfo,
    objects: Vec<Value>,
    count: u64,
    paging: Paging,
) -> Result<Answer, ApiError> {
    versioned(call, info, (objects, None), count, paging)
}

/// The same for objects that PUT changes, with the version of the first.
pub(in crate::api) fn versioned(
    call: &Call,
    info: &ServiceInfo,
    (mut objects, version): (Vec<Value>, Option<EntityTag>),
    count: u64,
    paging: Paging,
) -> Result<Answer, ApiError> {
    let params = ListParams::new(info.fields, &call.params);
    params.select(&mut objects);
    if params.names_one() && count <= 1 {
        let object = objects.pop().ok_or_else(|| not_found(call, info.what))?;
        let answer = one(info, object, paging);
        return Ok(match version {
            Some(version) => answer.with_version(version),
            None => answer,
        });
    }
    Ok(Answer::new(info.plural, objects.into()).counted(count, paging))
}

fn one(info: &ServiceInfo, object: Value, paging: Paging) -> Answer {
    let answer = Answer::new(info.singular, object.clone()).counted(1, paging);
    if info.one_in_array_too { answer.with(info.plural, json!([object])) } else { answer }
}

/// The error for an object that the request names and the caller cannot see.
pub(in crate::api) fn not_found(call: &Call, what: &'static str) -> ApiError {
    let id = match (call.params.text("id"), call.params.text("code")) {
        (Some(id), _) => id.to_owned(),
        (None, code) => format!("with code {:?}", code.unwrap_or("")),
    };
    StoreError::not_found(what, id).into()
}
