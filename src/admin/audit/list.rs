//! The page of the audit log, with the fields of each change before and after. For admins. `changes` makes the
//! texts of the fields.

use actix_web::web;
use askama::Template;

use super::changes::{FieldChange, changes};
use crate::admin::lists::filters::{ListRequest, Listing};
use crate::admin::shell::form::capital;
use crate::admin::shell::object_kind;
use crate::admin::shell::object_kind::ObjectKind;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::parts::Badge;
use crate::admin::shell::session::{Asked, Session};
use crate::admin::text::format::{Moment, plural};
use crate::domain::{AuditAction, AuditEntry, AuditObject};
use crate::web::AppState;

const PATH: &str = "/admin/audit";

#[derive(Template)]
#[template(path = "admin/audit/list.html")]
struct AuditPage {
    page: Page,
    listing: Listing,
    rows: Vec<AuditRow>,
}

struct AuditRow {
    at: Moment,
    user: String,
    /// "changed".
    action: Badge,
    /// "pixel 37".
    object: String,
    name: String,
    /// The object's page; empty if it was deleted.
    address: String,
    /// "2 fields"; empty if the entry has none.
    field_count: String,
    is_deleted: bool,
    /// Whether the fields are open at once: a short change needs no click.
    is_open: bool,
    changes: Vec<FieldChange>,
}

/// `GET /admin/audit`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let by = session.admin()?;
    let objects: Vec<_> = AuditObject::WORDS.iter().map(|word| (*word, capital(object_words(word)))).collect();
    let objects: Vec<_> = objects.iter().map(|(word, name)| (*word, name.as_str())).collect();
    let actions: Vec<_> = ACTIONS.iter().map(|(action, _, word)| (action.as_str(), *word)).collect();
    let names = state.store.auditors(&by).await?;
    let names: Vec<_> = names.iter().map(|name| (name.as_str(), name.as_str())).collect();
    let mut request = ListRequest::new(PATH, &query, &[]);
    // An object's id means nothing without its kind, so one chip has both.
    match query.ids::<i64>("object_id").pop() {
        Some(id) => {
            let text = format!("{} {id}", capital(object_words(query.text("object_type"))));
            request = request.chip(&["object_type", "object_id"], text);
        }
        None => request = request.select("object_type", "Object", &objects),
    }
    let request = request.select("action", "What was done", &actions).select("user_name", "Who", &names);
    let entries = state.store.audit(&by, request.query::<AuditEntry>()).await?;
    let rows: Vec<AuditRow> = entries.items.into_iter().map(|entry| row(entry, &session)).collect();
    let heads = ["When", "Who", "What", "Object", "Fields"].map(|label| ListRequest::plain_column(label, false));
    let listing = request.listing(heads.into_iter().collect(), rows.len(), entries.count);
    Ok(html(&AuditPage { page: session.page("audit", "Audit log"), listing, rows }))
}

/// The actions with their words in an entry and in the filter.
const ACTIONS: [(AuditAction, &str, &str); 5] = [
    (AuditAction::Created, "made", "Made"),
    (AuditAction::Changed, "changed", "Changed"),
    (AuditAction::Deleted, "deleted", "Deleted"),
    (AuditAction::PasswordSet, "password set", "Password set"),
    (AuditAction::SessionEnded, "session ended", "Session ended"),
];

fn object_words(object: &str) -> &str {
    match object {
        "member" => "organisation",
        "token" => "API token",
        "line-item" => "line item",
        "saved-report" => "saved report",
        "" => "object",
        other => other,
    }
}

fn row(entry: AuditEntry, session: &Session) -> AuditRow {
    let colour = match entry.action {
        AuditAction::Created => "active",
        AuditAction::Deleted => "danger",
        AuditAction::Changed | AuditAction::PasswordSet | AuditAction::SessionEnded => "unattributed",
    };
    let word = ACTIONS.iter().find(|(action, ..)| *action == entry.action).map_or("", |(_, word, _)| *word);
    let is_deleted = entry.action == AuditAction::Deleted;
    let changes = match entry.action {
        // The audit log holds no values of a password change.
        AuditAction::PasswordSet => Vec::new(),
        _ => changes(entry.before.as_deref(), entry.after.as_deref()),
    };
    AuditRow {
        at: Moment::exact(entry.created_on, session.now),
        user: entry.user_name,
        action: Badge::new(colour, word),
        object: format!("{} {}", object_words(entry.object_type.as_str()), entry.object_id),
        name: entry.object_name,
        address: if is_deleted { String::new() } else { address(entry.object_type, entry.object_id) },
        field_count: match changes.len() {
            0 => String::new(),
            many => plural(u64::try_from(many).unwrap_or(u64::MAX), "field"),
        },
        is_deleted,
        is_open: entry.action == AuditAction::Changed && changes.len() <= 3,
        changes,
    }
}

fn address(object: AuditObject, id: i64) -> String {
    let kind: ObjectKind = match object {
        AuditObject::Member => return "/admin/settings".to_owned(),
        AuditObject::User => return format!("/admin/users/{id}/edit"),
        AuditObject::Token => return "/admin/users".to_owned(),
        AuditObject::SavedReport => return format!("/admin/reports/saved/{id}"),
        AuditObject::Advertiser => object_kind::ADVERTISER,
        AuditObject::Publisher => object_kind::PUBLISHER,
        AuditObject::LineItem => object_kind::LINE_ITEM,
        AuditObject::Campaign => object_kind::CAMPAIGN,
        AuditObject::Pixel => object_kind::PIXEL,
        AuditObject::Tracker => object_kind::TRACKER,
        AuditObject::Segment => object_kind::SEGMENT,
    };
    kind.address(id)
}
