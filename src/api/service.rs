//! The one implementation of GET, POST, PUT, DELETE and meta that every service shares. A service says what its
//! objects are called, how they look as JSON and how a field is set; all else comes from its table of fields.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value, json};

use super::body::{self, Sent, Shape};
use super::call::Call;
use super::envelope::{Answer, Paging};
use super::error::ApiError;
use super::given::Given;
use super::limits::Limits;
use super::list::Reading;
use crate::domain::{Advertiser, AdvertiserId, Field, FieldError, FieldKind, Reader, Required};
use crate::store::{Entity, ListQuery, Listed, Record, Scalar, StoreError, Test};
use crate::web::State;

/// A service over one kind of definition.
pub(super) trait Service: 'static {
    /// Its objects.
    type Entity: Entity;
    /// What their JSON needs from other tables, read for a whole page at once.
    type Related;

    /// The path without its slash: `line-item`.
    const PATH: &'static str;
    /// The key of one object.
    const SINGULAR: &'static str = Self::PATH;
    /// The key of several.
    const PLURAL: &'static str;
    /// Another key that bodies may have for one object.
    const ALIAS: Option<&'static str> = None;
    /// Whether one object is also given as an array of one under the plural key: documented for pixels and segments,
    /// while their clients read the singular.
    const ONE_IN_ARRAY_TOO: bool = false;
    /// Whether a POST that names no advertiser lists what there is: seed `001`, *View conversion pixels for all
    /// advertisers*.
    const POST_WITHOUT_ADVERTISER_LISTS: bool = false;

    /// The table of its fields.
    fn fields() -> &'static [Field] {
        Self::Entity::FIELDS
    }

    /// How its objects stand in a body.
    fn shape() -> Shape {
        let (singular, alias, plural) = (Self::SINGULAR, Self::ALIAS, Self::PLURAL);
        Shape { singular, alias, plural, fields: Self::fields(), rename: Self::rename }
    }

    /// A new object with nothing set but its advertiser.
    fn blank(advertiser: Option<AdvertiserId>) -> Self::Entity;

    /// Turns other accepted forms of a sent object into that of the table of fields.
    fn rename(_: &mut Map<String, Value>) -> Result<(), ApiError> {
        Ok(())
    }

    /// Sets one writable field.
    fn set(object: &mut Self::Entity, given: &Given<'_>) -> Result<(), FieldError>;

    /// What to tell about an object that was just saved.
    fn notes(_: &Self::Entity) -> Vec<String> {
        Vec::new()
    }

    /// Reads what the objects' JSON needs from other tables.
    async fn related(call: &Call, by: &Reader, objects: &[Self::Entity]) -> Result<Self::Related, ApiError>;

    /// The object as clients see it.
    fn to_json(object: &Self::Entity, related: &Self::Related) -> Value;
}

/// What the API's description tells of a service.
pub(super) struct Described {
    /// The path without its slash.
    pub path: &'static str,
    /// Its name in messages.
    pub what: &'static str,
    /// The key of one object.
    pub singular: &'static str,
    /// The key of several.
    pub plural: &'static str,
    /// The table of its fields.
    pub fields: &'static [Field],
    /// The methods it takes.
    pub methods: &'static [&'static str],
    /// Whether there is just one object, and no list.
    pub is_one: bool,
    /// Whether a POST that names no advertiser lists what there is.
    pub post_lists: bool,
}

impl Described {
    /// Whether its objects belong to advertisers.
    pub(super) fn of_advertiser(&self) -> bool {
        self.methods.contains(&"DELETE") && self.fields.iter().any(|field| field.name == "advertiser_id")
    }

    /// Whether anything can be sent to it.
    pub(super) fn writes(&self) -> bool {
        self.methods.len() > 1
    }
}

/// Describes the service.
pub(super) fn described<S: Service>() -> Described {
    Described {
        path: S::PATH,
        what: S::Entity::WHAT,
        singular: S::SINGULAR,
        plural: S::PLURAL,
        fields: S::fields(),
        methods: &["GET", "POST", "PUT", "DELETE"],
        is_one: false,
        post_lists: S::POST_WITHOUT_ADVERTISER_LISTS,
    }
}

/// Adds the service's addresses.
pub(super) fn routes<S: Service>(routes: &mut web::ServiceConfig) {
    routes.service(web::resource(format!("/{}", S::PATH)).to(handle::<S>));
    routes.service(web::resource(format!("/{}/meta", S::PATH)).to(handle_meta::<S>));
}

async fn handle<S: Service>(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
    limits: web::Data<Limits>,
) -> HttpResponse {
    let mut call = Call::new(request, state, limits, S::PATH);
    let outcome = answer::<S>(&mut call, payload).await;
    call.finish(outcome)
}

async fn answer<S: Service>(call: &mut Call, payload: web::Payload) -> Result<Answer, ApiError> {
    call.authenticate().await?;
    call.reader()?;
    call.read_body(payload).await?;
    match *call.method() {
        Method::GET => get::<S>(call).await,
        Method::POST => post::<S>(call).await,
        Method::PUT => put::<S>(call).await,
        Method::DELETE => delete::<S>(call).await,
        _ => Err(call.wrong_method("GET, POST, PUT and DELETE")),
    }
}

/// A list, or the one object whose id or code was asked for.
async fn get<S: Service>(call: &mut Call) -> Result<Answer, ApiError> {
    let by = call.reader()?;
    let advertiser = advertiser_by_code(call, &by).await?;
    let reading = Reading::new(S::fields(), &call.params);
    let (warnings, paging, mut query) = (reading.warnings(), reading.paging()?, reading.query()?);
    if let Some(advertiser) = advertiser {
        query = query.with_id::<S::Entity>("advertiser_id", advertiser.0);
    }
    let found = call.store().list::<S::Entity>(&by, query).await?;
    let mut objects = to_json::<S>(call, &by, &found.items).await?;
    Reading::new(S::fields(), &call.params).select(&mut objects);
    warnings.into_iter().for_each(|warning| call.warn(warning));
    if call.params.names_one() && found.count <= 1 {
        let object = objects.pop().ok_or_else(|| not_found::<S>(call))?;
        return Ok(one::<S>(object, paging));
    }
    Ok(Answer::new(S::PLURAL, objects.into()).counted(found.count, paging))
}

/// One object in its envelope.
fn one<S: Service>(object: Value, paging: Paging) -> Answer {
    let answer = Answer::new(S::SINGULAR, object.clone()).counted(1, paging);
    if S::ONE_IN_ARRAY_TOO { answer.with(S::PLURAL, json!([object])) } else { answer }
}

/// Creates an object.
async fn post<S: Service>(call: &mut Call) -> Result<Answer, ApiError> {
    let (by, reader) = (call.editor()?, call.reader()?);
    let mut sent = body::read(&S::shape(), call.body.as_ref())?;
    call.warnings.append(&mut sent.warnings);
    if sent.id.is_some() {
        call.warn("id is given by the server and was ignored");
    }
    let advertiser = advertiser_named::<S>(call, &reader, &sent).await?;
    if S::POST_WITHOUT_ADVERTISER_LISTS && advertiser.is_none() {
        call.warn(format!(
            "nothing was created: name an advertiser_id to create a {}; without one, POST lists what there is",
            S::Entity::WHAT
        ));
        return get::<S>(call).await;
    }
    let given: &[&str] = if advertiser.is_some() { &["advertiser_id"] } else { &[] };
    let missing = sent.missing(S::fields(), given);
    let mut object = S::blank(advertiser);
    set_all::<S>(&mut object, &sent, false, missing).map_err(StoreError::from)?;
    let created = call.store().create(&by, object).await?;
    let id = created.id();
    Ok(changed::<S>(call, &reader, created).await?.with("id", id))
}

/// Changes the fields that were sent.
async fn put<S: Service>(call: &mut Call) -> Result<Answer, ApiError> {
    let (by, reader) = (call.editor()?, call.reader()?);
    let mut sent = body::read(&S::shape(), call.body.as_ref())?;
    call.warnings.append(&mut sent.warnings);
    let id = addressed::<S>(call, &reader, sent.id.as_ref()).await?;
    let append = call.params.flag("append");
    let change = move |object: &mut S::Entity| set_all::<S>(object, &sent, append, Vec::new());
    let updated = call.store().update(&by, id, change).await?;
    Ok(changed::<S>(call, &reader, updated).await?.with("id", id.to_string()))
}

/// Deletes an object.
async fn delete<S: Service>(call: &mut Call) -> Result<Answer, ApiError> {
    let (by, reader) = (call.editor()?, call.reader()?);
    let id = addressed::<S>(call, &reader, None).await?;
    for told in call.store().delete::<S::Entity>(&by, id).await? {
        call.warn(told);
    }
    Ok(Answer::empty().with("count", 1))
}

/// What POST and PUT answer.
async fn changed<S: Service>(call: &mut Call, by: &Reader, object: S::Entity) -> Result<Answer, ApiError> {
    call.warnings.extend(S::notes(&object));
    let json = to_json::<S>(call, by, &[object]).await?.pop().unwrap_or_default();
    Ok(Answer::new(S::SINGULAR, json).counted(1, Paging::default()))
}

async fn to_json<S: Service>(call: &Call, by: &Reader, objects: &[S::Entity]) -> Result<Vec<Value>, ApiError> {
    let related = S::related(call, by, objects).await?;
    Ok(objects.iter().map(|object| S::to_json(object, &related)).collect())
}

/// Sets every field that was sent, and collects all that is wrong with them.
fn set_all<S: Service>(
    object: &mut S::Entity,
    sent: &Sent,
    append: bool,
    mut broken: Vec<FieldError>,
) -> Result<(), Vec<FieldError>> {
    for (field, value) in &sent.values {
        let already = broken.iter().any(|error| error.field == field.name);
        if let Err(error) = S::set(object, &Given::new(field.name, value, append))
            && !already
        {
            broken.push(error);
        }
    }
    if broken.is_empty() { Ok(()) } else { Err(broken) }
}

/// The one object that a PUT or DELETE names: by id (in the query, or in the body) or by code, narrowed to an
/// advertiser where one is named.
async fn addressed<S: Service>(call: &Call, by: &Reader, in_body: Option<&Value>) -> Result<i64, ApiError> {
    let id = id_named(call, in_body)?;
    let reading = Reading::new(S::fields(), &call.params);
    let mut query = ListQuery { num_elements: 2, ..ListQuery::default() };
    match (id, call.params.single("code")) {
        (Some(id), _) => query = query.with_id::<S::Entity>("id", id),
        (None, Some(code)) => {
            query = query.with::<S::Entity>("code", Test::In(vec![Scalar::Text(code.to_owned())]));
        }
        (None, None) => return Err(ApiError::Syntax("id is required: which object is meant?".to_owned())),
    }
    query.filters.extend(reading.filter("advertiser_id")?);
    if let Some(advertiser) = advertiser_by_code(call, by).await? {
        query = query.with_id::<S::Entity>("advertiser_id", advertiser.0);
    }
    match call.store().list::<S::Entity>(by, query).await?.items.as_slice() {
        [one] => Ok(one.id()),
        [] => Err(match id {
            Some(id) => StoreError::not_found(S::Entity::WHAT, id).into(),
            None => not_found::<S>(call),
        }),
        _ => Err(ApiError::Syntax("code names more than one object; name the advertiser_id too".to_owned())),
    }
}

/// The id in the query, or in the body.
pub(super) fn id_named(call: &Call, in_body: Option<&Value>) -> Result<Option<i64>, ApiError> {
    let in_body = in_body.map(|value| Given::new("id", value, false).id()).transpose().map_err(one_broken)?;
    let in_query = match call.params.text("id") {
        Some(_) => {
            let text = call.params.single("id").unwrap_or("");
            let id = text.parse().ok().filter(|id| *id > 0);
            Some(id.ok_or_else(|| ApiError::Syntax("id must name exactly one object by its number".to_owned()))?)
        }
        None => None,
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

fn not_found<S: Service>(call: &Call) -> ApiError {
    let asked = match (call.params.text("id"), call.params.text("code")) {
        (Some(id), _) => id.to_owned(),
        (None, code) => format!("with code {:?}", code.unwrap_or("")),
    };
    StoreError::not_found(S::Entity::WHAT, asked).into()
}

/// The advertiser whose code was sent in the query.
async fn advertiser_by_code(call: &Call, by: &Reader) -> Result<Option<AdvertiserId>, ApiError> {
    let Some(code) = call.params.text("advertiser_code") else { return Ok(None) };
    let query = ListQuery::default().with::<Advertiser>("code", Test::In(vec![Scalar::Text(code.to_owned())]));
    match call.store().list::<Advertiser>(by, query).await?.items.first() {
        Some(advertiser) => Ok(Some(advertiser.id)),
        None => Err(StoreError::not_found("advertiser", format!("with code {code:?}")).into()),
    }
}

/// The advertiser that a POST names: in the query by id or code, or in the body.
async fn advertiser_named<S: Service>(call: &Call, by: &Reader, sent: &Sent) -> Result<Option<AdvertiserId>, ApiError> {
    if !S::fields().iter().any(|field| field.name == "advertiser_id") {
        return Ok(None);
    }
    let mut named = Vec::new();
    if let Some(text) = call.params.text("advertiser_id") {
        let value = Value::String(text.to_owned());
        named.push(Given::new("advertiser_id", &value, false).id().map_err(one_broken)?);
    }
    named.extend(advertiser_by_code(call, by).await?.map(|advertiser| advertiser.0));
    if let Some(value) = sent.get("advertiser_id") {
        named.extend(Given::new("advertiser_id", value, false).optional_id().map_err(one_broken)?);
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

async fn handle_meta<S: Service>(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
    limits: web::Data<Limits>,
) -> HttpResponse {
    let mut call = Call::new(request, state, limits, S::PATH);
    let outcome = meta(&mut call, payload, S::fields()).await;
    call.finish(outcome)
}

/// The table of fields: what there is, and what lists can filter and sort by.
pub(super) async fn meta(call: &mut Call, payload: web::Payload, fields: &'static [Field]) -> Result<Answer, ApiError> {
    call.authenticate().await?;
    call.reader()?;
    call.read_body(payload).await?;
    if *call.method() != Method::GET {
        return Err(call.wrong_method("GET"));
    }
    Ok(Answer::new("fields", fields.iter().map(meta_row).collect()))
}

fn meta_row(field: &Field) -> Value {
    let required_on: &[&str] = match field.required {
        Required::No => &[],
        Required::Post => &["POST"],
        Required::Put => &["PUT"],
    };
    let mut row = json!({
        "name": field.name,
        "type": match field.kind {
            FieldKind::Int => "int",
            FieldKind::Double => "double",
            FieldKind::Text(_) => "string",
            FieldKind::Enum(_) => "enum",
            FieldKind::Timestamp => "timestamp",
            FieldKind::Bool => "boolean",
            FieldKind::Array => "array",
            FieldKind::Object => "object",
        },
        "sort_by": field.sorted,
        "filter_by": field.column,
        "read_only": field.read_only,
        "required_on": required_on,
        "description": field.about,
    });
    match field.kind {
        FieldKind::Text(length) => row["length"] = length.into(),
        FieldKind::Enum(words) => row["values"] = words.into(),
        _ => {}
    }
    row
}
