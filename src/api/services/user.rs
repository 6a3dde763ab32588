//! `/user`: who can sign in. Admins see and change all; everybody sees themselves, and changes their own password.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use crate::api::body::{self, Sent, Shape};
use crate::api::call::Call;
use crate::api::envelope::{Answer, Paging};
use crate::api::error::ApiError;
use crate::api::given::Given;
use crate::api::json::moment;
use crate::api::limits::Limits;
use crate::api::list::Reading;
use crate::api::service;
use crate::domain::{AdvertiserId, Caller, FieldError, Role, Status, User, UserId, fields};
use crate::store::StoreError;
use crate::web::State;

const SHAPE: Shape = Shape { singular: "user", alias: None, plural: "users", fields: fields::USER, rename: |_| Ok(()) };

/// For the API's description.
pub(super) const DESCRIBED: service::Described = service::Described {
    path: SHAPE.singular,
    what: "user",
    singular: SHAPE.singular,
    plural: SHAPE.plural,
    fields: fields::USER,
    methods: &["GET", "POST", "PUT"],
    is_one: false,
    post_lists: false,
};

/// Adds its addresses.
pub(super) fn routes(routes: &mut web::ServiceConfig) {
    routes.service(web::resource("/user").to(handle));
    routes.service(web::resource("/user/meta").to(handle_meta));
}

async fn handle(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
    limits: web::Data<Limits>,
) -> HttpResponse {
    let mut call = Call::new(request, state, limits, SHAPE.singular);
    let outcome = answer(&mut call, payload).await;
    call.finish(outcome)
}

async fn handle_meta(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
    limits: web::Data<Limits>,
) -> HttpResponse {
    let mut call = Call::new(request, state, limits, SHAPE.singular);
    let outcome = service::meta(&mut call, payload, SHAPE.fields).await;
    call.finish(outcome)
}

async fn answer(call: &mut Call, payload: web::Payload) -> Result<Answer, ApiError> {
    call.authenticate().await?;
    call.reader()?;
    call.read_body(payload).await?;
    match *call.method() {
        Method::GET => get(call).await,
        Method::POST => post(call).await,
        Method::PUT => put(call).await,
        _ => Err(call.wrong_method("GET, POST and PUT; a user is deactivated, not deleted")),
    }
}

async fn get(call: &mut Call) -> Result<Answer, ApiError> {
    let caller = call.caller()?.clone();
    if call.params.flag("current") {
        let own = match caller.user_id {
            Some(_) => to_json(&call.store().own_user(&caller).await?),
            None => token_to_json(&caller),
        };
        return Ok(Answer::new(SHAPE.singular, own).counted(1, Paging::default()));
    }
    let reading = Reading::new(SHAPE.fields, &call.params);
    let (warnings, paging, query) = (reading.warnings(), reading.paging()?, reading.query()?);
    let (users, count) = match caller.admin() {
        Ok(by) => {
            let page = call.store().list_users(&by, query).await?;
            (page.items, page.count)
        }
        Err(_) => {
            let own = call.store().own_user(&caller).await?;
            let meant = service::id_named(call, None)?.is_none_or(|id| id == own.id.0);
            let users: Vec<_> = meant.then_some(own).into_iter().collect();
            let count = if users.is_empty() { 0 } else { 1 };
            (users, count)
        }
    };
    let mut users: Vec<_> = users.iter().map(to_json).collect();
    reading_selects(call, &mut users);
    warnings.into_iter().for_each(|warning| call.warn(warning));
    if call.params.names_one() {
        let id = call.params.text("id").unwrap_or("").to_owned();
        let user = users.pop().ok_or_else(|| StoreError::not_found("user", id))?;
        return Ok(Answer::new(SHAPE.singular, user).counted(1, paging));
    }
    Ok(Answer::new(SHAPE.plural, users.into()).counted(count, paging))
}

fn reading_selects(call: &Call, users: &mut [Value]) {
    Reading::new(SHAPE.fields, &call.params).select(users);
}

async fn post(call: &mut Call) -> Result<Answer, ApiError> {
    let by = call.admin()?;
    let mut sent = body::read(&SHAPE, call.body.as_ref())?;
    call.warnings.append(&mut sent.warnings);
    let missing = sent.missing(SHAPE.fields, &[]);
    if !missing.is_empty() {
        return Err(StoreError::Invalid(missing).into());
    }
    let mut user = User::new("", Role::Viewer);
    set(&mut user, &sent).map_err(StoreError::from)?;
    let user = call.state.auth.create_user(&by, user, &text(&sent, "password")?).await?;
    Ok(Answer::new(SHAPE.singular, to_json(&user)).counted(1, Paging::default()).with("id", user.id.0))
}

async fn put(call: &mut Call) -> Result<Answer, ApiError> {
    let caller = call.caller()?.clone();
    let mut sent = body::read(&SHAPE, call.body.as_ref())?;
    call.warnings.append(&mut sent.warnings);
    let id = match service::id_named(call, sent.id.as_ref())? {
        Some(id) => UserId(id),
        None if call.params.flag("current") => call.store().own_user(&caller).await?.id,
        None => return Err(ApiError::Syntax("id is required: which user is meant?".to_owned())),
    };
    let user = if caller.user_id == Some(id) { own(call, &caller, sent).await? } else { other(call, id, sent).await? };
    Ok(Answer::new(SHAPE.singular, to_json(&user)).counted(1, Paging::default()).with("id", user.id.to_string()))
}

/// Changes another user: for admins.
async fn other(call: &Call, id: UserId, sent: Sent) -> Result<User, ApiError> {
    let by = call.admin()?;
    let password = sent.get("password").map(|_| text(&sent, "password")).transpose()?;
    if let Some(password) = &password {
        User::check_password(password).map_err(StoreError::from)?;
    }
    let user = call.store().update_user(&by, id, move |user| set(user, &sent)).await?;
    if let Some(password) = password {
        call.state.auth.set_password(&by, id, &password).await?;
    }
    Ok(user)
}

/// Changes oneself: the password with the current one; anything else only as an admin.
async fn own(call: &Call, caller: &Caller, sent: Sent) -> Result<User, ApiError> {
    let before = call.store().own_user(caller).await?;
    let mut after = before.clone();
    set(&mut after, &sent).map_err(StoreError::from)?;
    let by = if after == before { None } else { Some(call.admin()?) };
    if sent.get("password").is_some() {
        let (current, new) = (text(&sent, "current_password")?, text(&sent, "password")?);
        let (auth, address) = (&call.state.auth, call.client().ip);
        auth.change_password(caller, &current, &new, address, call.token().as_deref()).await?;
    }
    match by {
        Some(by) => Ok(call.store().update_user(&by, before.id, move |user| set(user, &sent)).await?),
        None => Ok(call.store().own_user(caller).await?),
    }
}

/// A text that must be there.
fn text(sent: &Sent, field: &str) -> Result<String, ApiError> {
    let null = Value::Null;
    let given = Given::new(field, sent.get(field).unwrap_or(&null), false);
    let required = FieldError { field: field.to_owned(), message: "is required".to_owned() };
    let text = given.text().and_then(|text| text.ok_or(required));
    text.map_err(|error| StoreError::Invalid(vec![error]).into())
}

fn set(user: &mut User, sent: &Sent) -> Result<(), Vec<FieldError>> {
    let mut broken = Vec::new();
    for (field, value) in &sent.values {
        broken.extend(set_field(user, &Given::new(field.name, value, false)).err());
    }
    if broken.is_empty() { Ok(()) } else { Err(broken) }
}

fn set_field(user: &mut User, given: &Given<'_>) -> Result<(), FieldError> {
    match given.field() {
        "username" => user.username = given.plain_text()?,
        "role" => user.role = given.word(Role::WORDS, Role::parse, Role::Viewer)?,
        "advertiser_id" => user.advertiser_id = given.optional_id()?.map(AdvertiserId),
        "state" => user.state = given.word(Status::WORDS, Status::parse, Status::Active)?,
        // Read by themselves, since they are checked and hashed first.
        "password" | "current_password" => {}
        _ => return given.unknown(),
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

/// A long-lived token, to which `?current` is answered in the form of a user.
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
