//! `/member`: the organisation that runs this installation. There is exactly one.

use actix_web::http::Method;
use actix_web::http::header::IF_MATCH;
use serde_json::{Value, json};

use crate::api::envelope::{Answer, Paging};
use crate::api::error::ApiError;
use crate::api::request::body;
use crate::api::request::call::Call;
use crate::api::request::info::ServiceInfo;
use crate::api::request::input_value::InputValue;
use crate::domain::{Caller, Denied, Member, fields};
use crate::store::StoreError;

pub(super) const INFO: ServiceInfo = ServiceInfo {
    methods: &["GET", "PUT"],
    takes: "GET and PUT",
    may,
    is_one: true,
    ..ServiceInfo::new("member", "members", fields::MEMBER)
};

fn may(caller: &Caller, method: &Method) -> Result<(), Denied> {
    if *method == Method::GET { caller.reader().map(drop) } else { caller.admin().map(drop) }
}

pub(super) async fn answer(call: &mut Call) -> Result<Answer, ApiError> {
    match *call.method() {
        Method::GET => {
            let member = call.store().member().await?;
            Ok(Answer::new(INFO.singular, to_json(&member)).counted(1, Paging::default()))
        }
        Method::PUT => put(call).await,
        _ => Err(call.wrong_method(INFO.takes)),
    }
}

async fn put(call: &mut Call) -> Result<Answer, ApiError> {
    let by = call.admin()?;
    if call.request.headers().contains_key(IF_MATCH) {
        return Err(ApiError::Syntax("member does not take If-Match: its name is all that changes".to_owned()));
    }
    let mut input = body::read(&INFO, call.body.as_ref())?;
    call.warnings.append(&mut input.warnings);
    let member = match input.get("name") {
        Some(name) => {
            let name =
                InputValue::new("name", name, false).plain_text().map_err(|error| StoreError::Invalid(vec![error]))?;
            call.store().name_member(&by, name).await?
        }
        None => call.store().member().await?,
    };
    let id = member.id.to_string();
    Ok(Answer::new(INFO.singular, to_json(&member)).counted(1, Paging::default()).with("id", id))
}

fn to_json(member: &Member) -> Value {
    json!({ "id": member.id.0, "name": member.name })
}
