//! `/member`: the organisation that runs this installation. There is one, and nobody makes another.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use crate::api::body::{self, Shape};
use crate::api::call::Call;
use crate::api::envelope::{Answer, Paging};
use crate::api::error::ApiError;
use crate::api::given::Given;
use crate::api::limits::Limits;
use crate::api::service;
use crate::domain::{Member, fields};
use crate::store::StoreError;
use crate::web::State;

const SHAPE: Shape =
    Shape { singular: "member", alias: None, plural: "members", fields: fields::MEMBER, rename: |_| Ok(()) };

/// For the API's description.
pub(super) const DESCRIBED: service::Described = service::Described {
    path: SHAPE.singular,
    what: "member",
    singular: SHAPE.singular,
    plural: SHAPE.plural,
    fields: fields::MEMBER,
    methods: &["GET", "PUT"],
    is_one: true,
    post_lists: false,
};

/// Adds its addresses.
pub(super) fn routes(routes: &mut web::ServiceConfig) {
    routes.service(web::resource("/member").to(handle));
    routes.service(web::resource("/member/meta").to(handle_meta));
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
        Method::GET => {
            let member = call.store().member().await?;
            Ok(Answer::new(SHAPE.singular, to_json(&member)).counted(1, Paging::default()))
        }
        Method::PUT => put(call).await,
        _ => Err(call.wrong_method("GET and PUT")),
    }
}

async fn put(call: &mut Call) -> Result<Answer, ApiError> {
    let by = call.admin()?;
    let mut sent = body::read(&SHAPE, call.body.as_ref())?;
    call.warnings.append(&mut sent.warnings);
    let member = match sent.get("name") {
        Some(name) => {
            let name =
                Given::new("name", name, false).plain_text().map_err(|error| StoreError::Invalid(vec![error]))?;
            call.store().name_member(&by, name).await?
        }
        None => call.store().member().await?,
    };
    let id = member.id.to_string();
    Ok(Answer::new(SHAPE.singular, to_json(&member)).counted(1, Paging::default()).with("id", id))
}

fn to_json(member: &Member) -> Value {
    json!({ "id": member.id.0, "name": member.name })
}
