//! `/session`: where users are signed in. Each user sees and ends its own sessions; admins those of every user. The published
//! API has no such service.

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::api::envelope::{Answer, Paging};
use crate::api::error::ApiError;
use crate::api::json::moment;
use crate::api::request::call::Call;
use crate::api::request::info::{ServiceInfo, may_read};
use crate::api::request::page;
use crate::api::service;
use crate::auth::OpenSession;
use crate::domain::{SessionId, UserId, fields};
use crate::store::{Filter, ListQuery, Scalar, Test};

pub(super) const INFO: ServiceInfo = ServiceInfo {
    methods: &["GET", "DELETE"],
    takes: "GET and DELETE; a session begins by POST /auth",
    may: may_read,
    ..ServiceInfo::new("session", "sessions", fields::SESSION)
};

pub(super) async fn answer(call: &mut Call) -> Result<Answer, ApiError> {
    match *call.method() {
        Method::GET => get(call).await,
        Method::DELETE => delete(call).await,
        _ => Err(call.wrong_method(INFO.takes)),
    }
}

async fn get(call: &mut Call) -> Result<Answer, ApiError> {
    let (query, paging) = page::asked_for(call, fields::SESSION)?;
    let (user, id) = (number_of(&query, "user_id")?, number_of(&query, "id")?);
    let mut all = sessions(call, user.map(UserId)).await?;
    all.retain(|session| id.is_none_or(|id| session.id.0 == id));
    let count = u64::try_from(all.len()).unwrap_or(u64::MAX);
    let number = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let page = all.iter().skip(number(paging.start_element)).take(number(paging.num_elements));
    page::answer(call, &INFO, page.map(to_json).collect(), count, paging)
}

async fn delete(call: &mut Call) -> Result<Answer, ApiError> {
    let id = service::id_named(call, None)?.map(SessionId);
    let id = id.ok_or_else(|| ApiError::Syntax("id is required: which session is meant?".to_owned()))?;
    let user = match call.params.single("user_id") {
        Some(text) => Some(text.parse::<UserId>().map_err(|rule| ApiError::Syntax(format!("user_id {rule}")))?),
        None => None,
    };
    let caller = call.caller()?.clone();
    match user {
        Some(user) if caller.user_id != Some(user) => {
            call.state.auth.end_session_of(&call.admin()?, user, id).await?;
        }
        Some(_) | None => call.state.auth.end_own_session(&caller, id).await?,
    }
    Ok(Answer::empty().counted(1, Paging::default()))
}

/// The sessions of the caller, or of another user for an admin.
async fn sessions(call: &Call, user: Option<UserId>) -> Result<Vec<OpenSession>, ApiError> {
    let (caller, secret) = (call.caller()?, call.token().unwrap_or_default());
    match user {
        Some(user) if caller.user_id != Some(user) => {
            Ok(call.state.auth.sessions_of(&call.admin()?, user, &secret).await?)
        }
        Some(_) | None => Ok(call.state.auth.own_sessions(caller, &secret).await?),
    }
}

/// The one number that a filter asks for.
fn number_of(query: &ListQuery, name: &str) -> Result<Option<i64>, ApiError> {
    let Some(Filter { test, .. }) = query.filters.iter().find(|filter| filter.field.name == name) else {
        return Ok(None);
    };
    match test {
        Test::In(values) => match values.as_slice() {
            [Scalar::Int(number)] => Ok(Some(*number)),
            _ => Err(one_only(name)),
        },
        _ => Err(one_only(name)),
    }
}

fn one_only(name: &str) -> ApiError {
    ApiError::Syntax(format!("sessions are filtered by one {name}, as {name}=..., and by no other form of it"))
}

fn to_json(OpenSession { id, session, is_current }: &OpenSession) -> Value {
    json!({
        "id": id.0,
        "user_id": session.user_id.0,
        "kind": session.kind.as_str(),
        "user_agent": session.user_agent,
        "ip": session.ip,
        "created_on": moment(session.created_on),
        "last_used": moment(session.last_used),
        "current": is_current,
    })
}
