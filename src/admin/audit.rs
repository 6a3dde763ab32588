//! The audit log: who changed what, and what it was before. For admins. How an entry's fields are said stands in
//! `audit_words`.

use actix_web::web;
use askama::Template;

use super::audit_words::{Change, changes};
use super::extract::Asked;
use super::form::capital;
use super::listing::{Asking, Listing};
use super::page::{Answer, Page, html};
use super::session::Session;
use super::wording::{Moment, plural};
use crate::domain::{AuditAction, AuditEntry, AuditObject};
use crate::web::State;

const PATH: &str = "/admin/audit";

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    page: Page,
    listing: Listing,
    rows: Vec<Row>,
}

/// A change.
struct Row {
    at: Moment,
    who: String,
    /// "changed".
    did: &'static str,
    /// The badge's kind.
    badge: &'static str,
    /// "pixel 37".
    object: String,
    name: String,
    /// Where the object is; empty if it is nowhere any more.
    address: String,
    /// "2 fields"; empty where nothing of the object is told.
    many: String,
    /// Whether nothing is left of it.
    gone: bool,
    /// Whether the fields are shown without asking: what was changed is short, and what one comes for.
    open: bool,
    changes: Vec<Change>,
}

/// `GET /admin/audit`
pub async fn show(state: web::Data<State>, session: Session, Asked(asked): Asked) -> Answer {
    let by = session.admin()?;
    let objects: Vec<_> = AuditObject::WORDS.iter().map(|word| (*word, capital(object_words(word)))).collect();
    let objects: Vec<_> = objects.iter().map(|(word, name)| (*word, name.as_str())).collect();
    let actions: Vec<_> = ACTIONS.iter().map(|(action, _, word)| (action.as_str(), *word)).collect();
    let names = state.store.auditors(&by).await?;
    let names: Vec<_> = names.iter().map(|name| (name.as_str(), name.as_str())).collect();
    let mut asking = Asking::new(PATH, &asked, &[]);
    // An object's number means nothing without its kind: the two come and go together.
    match asked.ids::<i64>("object_id").pop() {
        Some(id) => {
            let text = format!("{} {id}", capital(object_words(asked.text("object_type"))));
            asking = asking.chip(&["object_type", "object_id"], text);
        }
        None => asking = asking.select("object_type", "Object", &objects),
    }
    let asking = asking.select("action", "What was done", &actions).select("user_name", "Who", &names);
    let found = state.store.audit(&by, asking.query::<AuditEntry>()).await?;
    let rows: Vec<Row> = found.items.into_iter().map(|entry| row(entry, &session)).collect();
    let heads = ["When", "Who", "What", "Object", "Fields"].map(|label| Asking::plain(label, false));
    let listing = asking.around(heads.into_iter().collect(), rows.len(), found.count);
    Ok(html(&AuditPage { page: session.page("audit", "Audit log"), listing, rows }))
}

/// What was done, as an entry and as the filter say it.
const ACTIONS: [(AuditAction, &str, &str); 4] = [
    (AuditAction::Created, "made", "Made"),
    (AuditAction::Changed, "changed", "Changed"),
    (AuditAction::Deleted, "deleted", "Deleted"),
    (AuditAction::PasswordSet, "password set", "Password set"),
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

fn row(entry: AuditEntry, session: &Session) -> Row {
    let (badge, gone) = match entry.action {
        AuditAction::Created => ("active", false),
        AuditAction::Deleted => ("danger", true),
        AuditAction::Changed | AuditAction::PasswordSet => ("unattributed", false),
    };
    let changes = match entry.action {
        // Of a password nothing is noted.
        AuditAction::PasswordSet => Vec::new(),
        _ => changes(entry.before.as_deref(), entry.after.as_deref()),
    };
    Row {
        at: Moment::exact(entry.created_on, session.now),
        who: entry.user_name,
        did: ACTIONS.iter().find(|(action, ..)| *action == entry.action).map_or("", |(_, word, _)| *word),
        badge,
        object: format!("{} {}", object_words(entry.object_type.as_str()), entry.object_id),
        name: entry.object_name,
        address: if gone { String::new() } else { address(entry.object_type, entry.object_id) },
        many: match changes.len() {
            0 => String::new(),
            many => plural(u64::try_from(many).unwrap_or(u64::MAX), "field"),
        },
        gone,
        open: entry.action == AuditAction::Changed && changes.len() <= 3,
        changes,
    }
}

fn address(object: AuditObject, id: i64) -> String {
    match object {
        AuditObject::Member => "/admin/settings".to_owned(),
        AuditObject::User => format!("/admin/users/{id}/edit"),
        AuditObject::Token => "/admin/users".to_owned(),
        AuditObject::Advertiser => format!("/admin/advertisers/{id}"),
        AuditObject::Publisher => format!("/admin/publishers/{id}"),
        AuditObject::LineItem => format!("/admin/line-items/{id}"),
        AuditObject::Campaign => format!("/admin/campaigns/{id}"),
        AuditObject::Pixel => format!("/admin/pixels/{id}"),
        AuditObject::Tracker => format!("/admin/trackers/{id}"),
        AuditObject::Segment => format!("/admin/segments/{id}"),
        AuditObject::SavedReport => format!("/admin/reports/saved/{id}"),
    }
}
