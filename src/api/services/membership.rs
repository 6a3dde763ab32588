//! `/membership`: the segments that one visitor is in now. Tags put visitors in and take them out, so nothing here can be
//! changed. The published API has no such service.

use serde_json::{Value, json};

use crate::api::envelope::Answer;
use crate::api::error::ApiError;
use crate::api::json::moment;
use crate::api::request::call::Call;
use crate::api::request::info::ServiceInfo;
use crate::api::request::page;
use crate::domain::{Membership, VisitorId, fields};
use crate::store::{Filter, InSegment, ListQuery, Scalar, Test};

pub(super) const INFO: ServiceInfo = ServiceInfo {
    methods: &["GET"],
    takes: "GET: memberships are what tags make of them, and cannot be changed",
    ..ServiceInfo::new("membership", "memberships", fields::MEMBERSHIP)
};

pub(super) async fn answer(call: &mut Call) -> Result<Answer, ApiError> {
    let by = call.reader()?;
    let (query, paging) = page::asked_for(call, fields::MEMBERSHIP)?;
    let all = call.store().segments_of(&by, visitor(&query)?).await?;
    let count = u64::try_from(all.len()).unwrap_or(u64::MAX);
    let number = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let memberships = all.iter().skip(number(paging.start_element)).take(number(paging.num_elements));
    page::answer(call, &INFO, memberships.map(to_json).collect(), count, paging)
}

/// The one visitor that the query names.
fn visitor(list: &ListQuery) -> Result<VisitorId, ApiError> {
    let refused = |text: &str| Err(ApiError::Syntax(text.to_owned()));
    if list.search.is_some() {
        return refused("memberships cannot be searched; name a visitor by visitor_id or user_id");
    }
    match list.filters.as_slice() {
        [] => refused(
            "visitor_id is required: whose segments? Or user_id, which is the same number in decimal digits, as in \
             conversions and reports",
        ),
        [one] => read(one),
        [_, _, ..] => refused("a visitor is named once, by visitor_id or by user_id; leave the other out"),
    }
}

fn read(Filter { field, test }: &Filter) -> Result<VisitorId, ApiError> {
    let name = field.name;
    let text = match test {
        Test::In(values) => match values.as_slice() {
            [Scalar::Text(text)] => Ok(text),
            _ => Err(()),
        },
        _ => Err(()),
    };
    let text = text.map_err(|()| {
        ApiError::Syntax(format!("memberships are those of one visitor, as {name}=..., and of no other form of it"))
    })?;
    let broken = |rule: String| ApiError::Syntax(format!("{name} {rule}, and is {text:?}"));
    match name {
        "user_id" => {
            VisitorId::from_digits(text).map_err(|_| broken(format!("must be a whole number from 1 to {}", i64::MAX)))
        }
        _ => text.parse().map_err(|rule: crate::domain::BadVisitorId| broken(rule.to_string())),
    }
}

fn to_json(InSegment { membership, code, short_name }: &InSegment) -> Value {
    let Membership { segment_id, visitor_id, value, added_at, expires_at, .. } = membership;
    json!({
        "visitor_id": visitor_id.to_string(),
        // Digits as a text, as in conversions: JavaScript cannot hold the number exactly.
        "user_id": visitor_id.0.to_string(),
        "segment_id": segment_id.0,
        "code": code,
        "short_name": short_name,
        "value": value,
        "added_at": moment(*added_at),
        "expires_at": moment(*expires_at),
    })
}
