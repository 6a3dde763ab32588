//! `/user`: the users that can sign in. Admins see and change all users. Every user sees itself and changes its own
//! password.

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::api::envelope::{Answer, Paging};
use crate::api::error::ApiError;
use crate::api::json::moment;
use crate::api::request::body;
use crate::api::request::body::ObjectInput;
use crate::api::request::call::Call;
use crate::api::request::info::ServiceInfo;
use crate::api::request::input_value::InputValue;
use crate::api::request::page;
use crate::api::request::version::{Precondition, version};
use crate::api::service;
use crate::domain::{Admin, AdvertiserId, Caller, Denied, FieldError, Role, Status, User, UserId, fields};
use crate::store::{Page, StoreError};

pub(super) const INFO: ServiceInfo = ServiceInfo {
    methods: &["GET", "POST", "PUT"],
    takes: "GET, POST and PUT; a user is deactivated, not deleted",
    may,
    ..ServiceInfo::new("user", "users", fields::USER)
};

/// Users change their own password by PUT.
fn may(caller: &Caller, method: &Method) -> Result<(), Denied> {
    if *method == Method::POST { caller.admin().map(drop) } else { caller.reader().map(drop) }
}

pub(super) async fn answer(call: &mut Call) -> Result<Answer, ApiError> {
    match *call.method() {
        Method::GET => get(call).await,
        Method::POST => post(call).await,
        Method::PUT => put(call).await,
        _ => Err(call.wrong_method(INFO.takes)),
    }
}

async fn get(call: &mut Call) -> Result<Answer, ApiError> {
    let caller = call.caller()?.clone();
    if call.params.flag("current") {
        let own = match caller.user_id {
            Some(_) => to_json(&call.store().own_user(&caller).await?),
            None => token_to_json(&caller),
        };
        return Ok(Answer::new(INFO.singular, own).counted(1, Paging::default()));
    }
    let (query, paging) = page::asked_for(call, fields::USER)?;
    let Page { items, count } = match caller.admin() {
        Ok(by) => call.store().list_users(&by, query).await?,
        Err(_) => {
            let own = call.store().own_user(&caller).await?;
            let is_named = service::id_named(call, None)?.is_none_or(|id| id == own.id.0);
            Page { items: is_named.then_some(own).into_iter().collect(), count: is_named.into() }
        }
    };
    page::versioned(call, &INFO, (items.iter().map(to_json).collect(), items.first().map(version)), count, paging)
}

async fn post(call: &mut Call) -> Result<Answer, ApiError> {
    let by = call.admin()?;
    let mut input = body::read(&INFO, call.body.as_ref())?;
    call.warnings.append(&mut input.warnings);
    let missing = input.missing(INFO.fields, &[]);
    if !missing.is_empty() {
        return Err(StoreError::Invalid(missing).into());
    }
    let mut user = User::new("", Role::Viewer);
    set(&mut user, &input).map_err(StoreError::from)?;
    let user = call.state.auth.create_user(&by, user, &text(&input, "password")?).await?;
    Ok(Answer::new(INFO.singular, to_json(&user)).counted(1, Paging::default()).with("id", user.id.0))
}

async fn put(call: &mut Call) -> Result<Answer, ApiError> {
    let caller = call.caller()?.clone();
    let mut input = body::read(&INFO, call.body.as_ref())?;
    call.warnings.append(&mut input.warnings);
    let id = match service::id_named(call, input.id.as_ref())? {
        Some(id) => UserId(id),
        None if call.params.flag("current") => call.store().own_user(&caller).await?.id,
        None => return Err(ApiError::Syntax("id is required: which user is meant?".to_owned())),
    };
    let user =
        if caller.user_id == Some(id) { own(call, &caller, input).await? } else { other(call, id, input).await? };
    let answer = Answer::new(INFO.singular, to_json(&user)).counted(1, Paging::default());
    Ok(answer.with("id", user.id.to_string()).with_version(version(&user)))
}

/// Changes another user, by an admin.
async fn other(call: &Call, id: UserId, input: ObjectInput) -> Result<User, ApiError> {
    let by = call.admin()?;
    let password = input.get("password").map(|_| text(&input, "password")).transpose()?;
    if let Some(password) = &password {
        call.store().user(&by, id).await?.check_password(password).map_err(StoreError::from)?;
    }
    let user = change(call, &by, id, input).await?;
    if let Some(password) = password {
        call.state.auth.set_password(&by, id, &password).await?;
    }
    Ok(user)
}

/// Changes the caller itself. The password needs the current one; other fields need an admin.
async fn own(call: &Call, caller: &Caller, input: ObjectInput) -> Result<User, ApiError> {
    let before = call.store().own_user(caller).await?;
    // The password would change before the fields.
    Precondition::of(call)?.check(&before).map_err(|fields| Precondition::explain(StoreError::Invalid(fields)))?;
    let mut after = before.clone();
    set(&mut after, &input).map_err(StoreError::from)?;
    let by = if after == before { None } else { Some(call.admin()?) };
    if input.get("password").is_some() {
        let (current, new) = (text(&input, "current_password")?, text(&input, "password")?);
        let secret = call.token().unwrap_or_default();
        call.state.auth.change_password(caller, &current, &new, &call.origin(), &secret).await?;
    }
    match by {
        Some(by) => change(call, &by, before.id, input).await,
        None => Ok(call.store().own_user(caller).await?),
    }
}

/// Sets the fields of a user, if it still is as the client demands.
async fn change(call: &Call, by: &Admin, id: UserId, input: ObjectInput) -> Result<User, ApiError> {
    let precondition = Precondition::of(call)?;
    let change = move |user: &mut User| {
        precondition.check(user)?;
        set(user, &input)
    };
    call.store().update_user(by, id, change).await.map_err(Precondition::explain)
}

/// The text of a required field.
fn text(input: &ObjectInput, field: &str) -> Result<String, ApiError> {
    let null = Value::Null;
    let value = InputValue::new(field, input.get(field).unwrap_or(&null), false);
    let required = FieldError { field: field.to_owned(), message: "is required".to_owned() };
    let text = value.text().and_then(|text| text.ok_or(required));
    text.map_err(|error| StoreError::Invalid(vec![error]).into())
}

fn set(user: &mut User, input: &ObjectInput) -> Result<(), Vec<FieldError>> {
    let mut broken = Vec::new();
    for (field, value) in &input.values {
        broken.extend(set_field(user, &InputValue::new(field.name, value, false)).err());
    }
    if broken.is_empty() { Ok(()) } else { Err(broken) }
}

fn set_field(user: &mut User, input: &InputValue<'_>) -> Result<(), FieldError> {
    match input.field() {
        "username" => user.username = input.plain_text()?,
        "role" => user.role = input.word(Role::WORDS, Role::parse, Role::Viewer)?,
        "advertiser_id" => user.advertiser_id = input.optional_id()?.map(AdvertiserId),
        "state" => user.state = input.word(Status::WORDS, Status::parse, Status::Active)?,
        // Checked and hashed before they are stored.
        "password" | "current_password" => {}
        _ => return input.unknown(),
    }
    Ok(())
}

fn to_json(user: &User) -> Value {
    json!({
        "id": user.id.0,
        "username": user.username,
        "role": user.role.as_str(),
        "advertiser_id": user.advertiser_id.map(|id| id.0),
        "state": user.state.as_str(),
        "created_on": moment(user.created_on),
        "last_modified": moment(user.last_modified),
    })
}

/// A long-lived token in the form of a user, as the answer to its `?current`.
fn token_to_json(caller: &Caller) -> Value {
    json!({
        "id": null,
        "username": caller.name,
        "role": caller.role.as_str(),
        "advertiser_id": caller.scope.advertiser().map(|id| id.0),
        "state": "active",
        "created_on": null,
        "last_modified": null,
    })
}
