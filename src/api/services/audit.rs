//! `/audit`: every change with its user, for admins. Read-only. The published API has a change log of another shape.

use serde_json::{Map, Value, json};

use crate::api::envelope::Answer;
use crate::api::error::ApiError;
use crate::api::json::{amount, moment};
use crate::api::request::call::Call;
use crate::api::request::info::ServiceInfo;
use crate::api::request::page;
use crate::domain::{AuditEntry, AuditObject, Field, FieldKind, Micros, Millis, fields};
use crate::store::Page;

pub(super) const INFO: ServiceInfo = ServiceInfo {
    what: "audit entry",
    methods: &["GET"],
    takes: "GET: the audit log cannot be changed",
    may: |caller, _| caller.admin().map(drop),
    ..ServiceInfo::new("audit", "audits", fields::AUDIT)
};

pub(super) async fn answer(call: &mut Call) -> Result<Answer, ApiError> {
    let by = call.admin()?;
    let (query, paging) = page::asked_for(call, fields::AUDIT)?;
    let Page { items, count } = call.store().audit(&by, query).await?;
    page::answer(call, &INFO, items.iter().map(to_json).collect(), count, paging)
}

fn to_json(entry: &AuditEntry) -> Value {
    let columns = |text: &Option<String>| match text.as_deref().map(serde_json::from_str::<Map<String, Value>>) {
        Some(Ok(columns)) => as_published(columns, fields_of(entry.object_type)),
        Some(Err(_)) | None => Value::Null,
    };
    json!({
        "id": entry.id,
        "created_on": moment(entry.created_on),
        "user_id": entry.user_id.map(|id| id.0),
        "token_id": entry.token_id.map(|id| id.0),
        "user_name": entry.user_name,
        "action": entry.action.as_str(),
        "object_type": entry.object_type.as_str(),
        "object_id": entry.object_id,
        "object_name": entry.object_name,
        "before": columns(&entry.before),
        "after": columns(&entry.after),
    })
}

fn fields_of(object: AuditObject) -> &'static [Field] {
    match object {
        AuditObject::Member => fields::MEMBER,
        AuditObject::User | AuditObject::Token => fields::USER,
        AuditObject::Advertiser => fields::ADVERTISER,
        AuditObject::Publisher => fields::PUBLISHER,
        AuditObject::LineItem => fields::LINE_ITEM,
        AuditObject::Campaign => fields::CAMPAIGN,
        AuditObject::Pixel => fields::PIXEL,
        AuditObject::Tracker => fields::TRACKER,
        AuditObject::Segment => fields::SEGMENT,
        AuditObject::Source => fields::SOURCE,
        AuditObject::SavedReport => fields::SAVED_REPORT,
        AuditObject::Settings => &[],
        AuditObject::Cost => fields::COST,
        AuditObject::CostRun => fields::COST_RUN,
    }
}

/// Turns stored columns into the published forms of their fields: amounts, times, true and false.
fn as_published(columns: Map<String, Value>, fields: &[Field]) -> Value {
    let published = columns.into_iter().map(|(name, value)| {
        let kind = fields.iter().find(|field| field.name == name).map(|field| field.kind);
        let value = match (kind, value.as_i64()) {
            (Some(FieldKind::Double), Some(micros)) => amount(Some(Micros(micros))),
            (Some(FieldKind::Timestamp), Some(at)) => moment(Millis(at)),
            (Some(FieldKind::Bool), Some(bit)) => (bit != 0).into(),
            (Some(FieldKind::Object), _) => {
                value.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(value)
            }
            _ if name == "pixels" => with_amounts(value),
            _ => value,
        };
        (name, value)
    });
    Value::Object(published.collect())
}

/// A line item's pixels, with their revenues as amounts.
fn with_amounts(mut pixels: Value) -> Value {
    let revenues = ["post_click_revenue", "post_view_revenue"];
    for pixel in pixels.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        for name in revenues {
            if let Some(micros) = pixel.get(name).and_then(Value::as_i64) {
                pixel.insert(name.to_owned(), amount(Some(Micros(micros))));
            }
        }
    }
    pixels
}
