//! The one implementation of GET, POST, PUT and DELETE for all kinds of definitions. A service says how its objects look
//! as JSON and how a field is set. Its `ServiceInfo` and table of fields say the rest.

use std::fmt::Debug;

use actix_web::http::Method;
use actix_web::web;
use serde_json::Value;

use super::envelope::{Answer, Paging};
use super::error::ApiError;
use super::request::body;
use super::request::body::ObjectInput;
use super::request::call::Call;
use super::request::info::ServiceInfo;
use super::request::input_value::InputValue;
use super::request::list::ListParams;
use super::request::page;
use super::request::version::{Precondition, version};
use super::serve;
use crate::domain::{Advertiser, AdvertiserId, FieldError, Reader};
use crate::store::{Entity, ListQuery, Page, Record, Scalar, StoreError, Test};

/// A service over one kind of definition.
pub(super) trait Service: 'static {
    type Entity: Entity + Debug;
    /// Values from other tables for the objects' JSON, read for a whole page at once.
    type Related;

    const INFO: ServiceInfo;

    /// A new object that has nothing but its advertiser.
    fn blank(advertiser: Option<AdvertiserId>) -> Self::Entity;

    /// Sets the field that the value is for.
    fn set(object: &mut Self::Entity, input: &InputValue<'_>) -> Result<(), FieldError>;

    /// Warnings about an object that was just saved.
    fn notes(_: &Self::Entity) -> Vec<String> {
        Vec::new()
    }

    /// Reads the values from other tables for the objects' JSON.
    async fn related(call: &Call, by: &Reader, objects: &[Self::Entity]) -> Result<Self::Related, ApiError>;

    /// The object as clients see it.
    fn to_json(object: &Self::Entity, related: &Self::Related) -> Value;
}

/// Adds the service's addresses.
pub(super) fn routes<S: Service>(routes: &mut web::ServiceConfig) {
    serve::service(routes, S::INFO, answer::<S>);
}

async fn answer<S: Service>(call: &mut Call) -> Result<Answer, ApiError> {
    match *call.method() {
        Method::GET => get::<S>(call).await,
        Method::POST => post::<S>(call).await,
        Method::PUT => put::<S>(call).await,
        Method::DELETE => delete::<S>(call).await,
        _ => Err(call.wrong_method(S::INFO.takes)),
    }
}

/// A list, or the one object that the request names.
async fn get<S: Service>(call: &mut Call) -> Result<Answer, ApiError> {
    let by = call.reader()?;
    let advertiser = advertiser_by_code(call, &by).await?;
    let (mut query, paging) = page::asked_for(call, S::INFO.fields)?;
    if let Some(advertiser) = advertiser {
        query = query.with_id::<S::Entity>("advertiser_id", advertiser.0);
    }
    let Page { items, count } = call.store().list::<S::Entity>(&by, query).await?;
    let objects = to_json::<S>(call, &by, &items).await?;
    page::versioned(call, &S::INFO, (objects, items.first().map(version)), count, paging)
}

/// Creates an object.
async fn post<S: Service>(call: &mut Call) -> Result<Answer, ApiError> {
    let (by, reader) = (call.editor()?, call.reader()?);
    let mut input = body::read(&S::INFO, call.body.as_ref())?;
    call.warnings.append(&mut input.warnings);
    if input.id.is_some() {
        call.warn("id is given by the server and was ignored");
    }
    let advertiser = advertiser_named::<S>(call, &reader, &input).await?;
    if S::INFO.post_lists && advertiser.is_none() {
        call.warn(format!(
            "nothing was created: name an advertiser_id to create a {}; without one, POST lists what there is",
            S::INFO.what
        ));
        return get::<S>(call).await;
    }
    let known: &[&str] = if advertiser.is_some() { &["advertiser_id"] } else { &[] };
    let missing = input.missing(S::INFO.fields, known);
    let mut object = S::blank(advertiser);
    set_all::<S>(&mut object, &input, false, missing).map_err(StoreError::from)?;
    let created = call.store().create(&by, object).await?;
    let id = created.id();
    Ok(object_answer::<S>(call, &reader, created).await?.with("id", id))
}

/// Changes the fields in the body.
async fn put<S: Service>(call: &mut Call) -> Result<Answer, ApiError> {
    let (by, reader) = (call.editor()?, call.reader()?);
    let mut input = body::read(&S::INFO, call.body.as_ref())?;
    call.warnings.append(&mut input.warnings);
    let id = addressed::<S>(call, &reader, input.id.as_ref()).await?;
    let append = call.params.flag("append");
    let precondition = Precondition::of(call)?;
    let change = move |object: &mut S::Entity| {
        precondition.check(object)?;
        set_all::<S>(object, &input, append, Vec::new())
    };
    let updated = call.store().update(&by, id, change).await.map_err(Precondition::explain)?;
    Ok(object_answer::<S>(call, &reader, updated).await?.with("id", id.to_string()))
}

/// Deletes an object.
async fn delete<S: Service>(call: &mut Call) -> Result<Answer, ApiError> {
    let (by, reader) = (call.editor()?, call.reader()?);
    let id = addressed::<S>(call, &reader, None).await?;
    let messages = call.store().delete::<S::Entity>(&by, id).await?;
    call.warnings.extend(messages);
    Ok(Answer::empty().with("count", 1))
}

/// The answer to POST and PUT.
async fn object_answer<S: Service>(call: &mut Call, by: &Reader, object: S::Entity) -> Result<Answer, ApiError> {
    call.warnings.extend(S::notes(&object));
    let version = version(&object);
    let json = to_json::<S>(call, by, &[object]).await?.pop().unwrap_or_default();
    Ok(Answer::new(S::INFO.singular, json).counted(1, Paging::default()).with_version(version))
}

async fn to_json<S: Service>(call: &Call, by: &Reader, objects: &[S::Entity]) -> Result<Vec<Value>, ApiError> {
    let related = S::related(call, by, objects).await?;
    Ok(objects.iter().map(|object| S::to_json(object, &related)).collect())
}

/// Sets every field of the input. Adds the rules that they break to `broken`.
fn set_all<S: Service>(
    object: &mut S::Entity,
    input: &ObjectInput,
    append: bool,
    mut broken: Vec<FieldError>,
) -> Result<(), Vec<FieldError>> {
    for (field, value) in &input.values {
        let already = broken.iter().any(|error| error.field == field.name);
        if let Err(error) = S::set(object, &InputValue::new(field.name, value, append))
            && !already
        {
            broken.push(error);
        }
    }
    if broken.is_empty() { Ok(()) } else { Err(broken) }
}

/// The one object that a PUT or DELETE names: by id in the query or body, or by code, of the advertiser if the request
/// names one.
async fn addressed<S: Service>(call: &Call, by: &Reader, in_body: Option<&Value>) -> Result<i64, ApiError> {
    let id = id_named(call, in_body)?;
    let params = ListParams::new(S::INFO.fields, &call.params);
    let mut query = ListQuery { num_elements: 2, ..ListQuery::default() };
    match (id, call.params.single("code")) {
        (Some(id), _) => query = query.with_id::<S::Entity>("id", id),
        (None, Some(code)) => {
            query = query.with::<S::Entity>("code", Test::In(vec![Scalar::Text(code.to_owned())]));
        }
        (None, None) => return Err(ApiError::Syntax("id is required: which object is meant?".to_owned())),
    }
    query.filters.extend(params.filter("advertiser_id")?);
    if let Some(advertiser) = advertiser_by_code(call, by).await? {
        query = query.with_id::<S::Entity>("advertiser_id", advertiser.0);
    }
    match call.store().list::<S::Entity>(by, query).await?.items.as_slice() {
        [one] => Ok(one.id()),
        [] => Err(match id {
            Some(id) => StoreError::not_found(S::INFO.what, id).into(),
            None => page::not_found(call, S::INFO.what),
        }),
        _ => Err(ApiError::Syntax("code names more than one object; name the advertiser_id too".to_owned())),
    }
}

/// The id in the query or in the body.
pub(super) fn id_named(call: &Call, in_body: Option<&Value>) -> Result<Option<i64>, ApiError> {
    let in_body = in_body.map(|value| InputValue::new("id", value, false).id()).transpose().map_err(one_broken)?;
    let in_query = match call.params.has("id") {
        true => {
            let text = call.params.single("id").unwrap_or("");
            let id = text.parse().ok().filter(|id| *id > 0);
            Some(id.ok_or_else(|| ApiError::Syntax("id must name exactly one object by its number".to_owned()))?)
        }
        false => None,
    };
    match (in_query, in_body) {
        (Some(query), Some(body)) if query != body => {
            Err(ApiError::Syntax(format!("id is {query} in the query and {body} in the body; which is meant?")))
        }
        _ => Ok(in_query.or(in_body)),
    }
}

fn one_broken(error: FieldError) -> ApiError {
    StoreError::Invalid(vec![error]).into()
}

/// The advertiser whose code is in the query.
pub(super) async fn advertiser_by_code(call: &Call, by: &Reader) -> Result<Option<AdvertiserId>, ApiError> {
    let Some(code) = call.params.text("advertiser_code") else { return Ok(None) };
    let query = ListQuery::default().with::<Advertiser>("code", Test::In(vec![Scalar::Text(code.to_owned())]));
    match call.store().list::<Advertiser>(by, query).await?.items.first() {
        Some(advertiser) => Ok(Some(advertiser.id)),
        None => Err(StoreError::not_found("advertiser", format!("with code {code:?}")).into()),
    }
}

/// The advertiser that a POST names: in the query by id or code, or in the body.
async fn advertiser_named<S: Service>(
    call: &Call,
    by: &Reader,
    input: &ObjectInput,
) -> Result<Option<AdvertiserId>, ApiError> {
    if !S::INFO.has_field("advertiser_id") {
        return Ok(None);
    }
    let mut named = Vec::new();
    if let Some(text) = call.params.text("advertiser_id") {
        let value = Value::String(text.to_owned());
        named.push(InputValue::new("advertiser_id", &value, false).id().map_err(one_broken)?);
    }
    named.extend(advertiser_by_code(call, by).await?.map(|advertiser| advertiser.0));
    if let Some(value) = input.get("advertiser_id") {
        named.extend(InputValue::new("advertiser_id", value, false).optional_id().map_err(one_broken)?);
    }
    named.dedup();
    match named.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(AdvertiserId(*one))),
        [one, other, ..] => {
            Err(ApiError::Syntax(format!("the request names advertiser {one} and advertiser {other}; which is meant?")))
        }
    }
}
