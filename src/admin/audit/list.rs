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
use crate::admin::shell::parts::Mark;
use crate::admin::shell::session::{Asked, Session};
use crate::admin::text::author;
use crate::admin::text::format::{Moment, grouped};
use crate::domain::{AuditAction, AuditEntry, AuditObject};
use crate::web::AppState;

const PATH: &str = "/admin/audit";

#[derive(Template)]
#[template(path = "admin/audit/list.html")]
struct AuditPage {
    page: Page,
    count: String,
    listing: Listing,
    rows: Vec<AuditRow>,
}

struct AuditRow {
    at: Moment,
    user: String,
    /// "Edited".
    action: Mark,
    /// "pixel 37".
    object: String,
    name: String,
    /// The object's page; empty if it was deleted.
    address: String,
    /// The summary of folded changes: "Name, status and 5 more". Empty for a short change, which needs
    /// no click.
    summary: String,
    /// "Status: active → inactive".
    changes: Vec<String>,
}

/// `GET /admin/audit`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let by = session.admin()?;
    let objects: Vec<_> = AuditObject::WORDS.iter().map(|word| (*word, capital(object_words(word)))).collect();
    let objects: Vec<_> = objects.iter().map(|(word, name)| (*word, name.as_str())).collect();
    let actions: Vec<_> = ACTIONS.iter().map(|(action, word)| (action.as_str(), *word)).collect();
    let names = state.store.auditors(&by).await?;
    let names: Vec<_> = names.iter().map(|name| (name.as_str(), author::words(name))).collect();
    let mut request = ListRequest::new(PATH, &query, &[], &session.odd);
    // An object's id means nothing without its kind, so one chip has both.
    match query.ids::<i64>("object_id").pop() {
        Some(id) => {
            let text = format!("{} {id}", capital(object_words(query.text("object_type"))));
            request = request.chip(&["object_type", "object_id"], text);
        }
        None => request = request.select("object_type", "Object", &objects),
    }
    let mut request = request.select("action", "Change", &actions).select("user_name", "Author", &names);
    let entries = request.page(|query| state.store.audit(&by, query)).await?;
    let rows: Vec<AuditRow> = entries.items.into_iter().map(|entry| row(entry, &session)).collect();
    let heads = ["Time", "By", "Change", "Object", "Fields"].map(|label| ListRequest::plain_column(label, false));
    let listing = request.listing(heads.into_iter().collect(), rows.len(), entries.count);
    let page = session.page("audit", "Audit log");
    Ok(html(&AuditPage { page, count: grouped(entries.count), listing, rows }))
}

/// The actions with their words.
const ACTIONS: [(AuditAction, &str); 7] = [
    (AuditAction::Created, "Created"),
    (AuditAction::Changed, "Edited"),
    (AuditAction::Deleted, "Deleted"),
    (AuditAction::Restored, "Restored"),
    (AuditAction::Purged, "Gone for good"),
    (AuditAction::PasswordSet, "Password set"),
    (AuditAction::SessionEnded, "Session ended"),
];

/// A kind of object for people; "object" for none that there is.
fn object_words(object: &str) -> &'static str {
    match AuditObject::parse(object) {
        Some(AuditObject::Member) => "organisation",
        Some(AuditObject::User) => "user",
        Some(AuditObject::Token) => "API token",
        Some(AuditObject::Advertiser) => "advertiser",
        Some(AuditObject::Publisher) => "placement",
        Some(AuditObject::LineItem) => "line item",
        Some(AuditObject::Campaign) => "campaign",
        Some(AuditObject::Pixel) => "pixel",
        Some(AuditObject::Tracker) => "tracker",
        Some(AuditObject::Segment) => "segment",
        Some(AuditObject::Source) => "source",
        Some(AuditObject::SavedReport) => "saved report",
        Some(AuditObject::Cost) => "cost",
        Some(AuditObject::CostRun) => "cost import",
        Some(AuditObject::Settings) => "settings",
        None => "object",
    }
}

fn row(entry: AuditEntry, session: &Session) -> AuditRow {
    let colour = match entry.action {
        AuditAction::Created | AuditAction::Restored => "active",
        AuditAction::Deleted | AuditAction::Purged => "bad",
        AuditAction::Changed | AuditAction::PasswordSet | AuditAction::SessionEnded => "none",
    };
    let word = ACTIONS.iter().find(|(action, _)| *action == entry.action).map_or("", |(_, word)| *word);
    let is_person = entry.user_id.is_some() || entry.token_id.is_some();
    let author = if is_person { entry.user_name.clone() } else { author::words(&entry.user_name).to_owned() };
    let is_deleted = matches!(entry.action, AuditAction::Deleted | AuditAction::Purged);
    let changes = match entry.action {
        // The audit log holds no values of a password change.
        AuditAction::PasswordSet => Vec::new(),
        _ => changes(entry.before.as_deref(), entry.after.as_deref()),
    };
    // The entry says the name of a new or deleted object before its fields.
    let names_object = |change: &FieldChange| change.label == "Name" && entry.action != AuditAction::Changed;
    let changes: Vec<FieldChange> = changes.into_iter().filter(|change| !names_object(change)).collect();
    AuditRow {
        at: Moment::new(entry.created_on, session.now),
        user: author,
        action: Mark::new(colour, word),
        object: match entry.object_type {
            AuditObject::Settings => "settings".to_owned(),
            other => format!("{} {}", object_words(other.as_str()), entry.object_id),
        },
        name: entry.object_name,
        address: if is_deleted { String::new() } else { address(entry.object_type, entry.object_id) },
        summary: summary(&changes),
        changes: changes.iter().map(|change| change.words(entry.action)).collect(),
    }
}

/// The most fields that an entry shows unfolded.
const FEW: usize = 2;

/// `Name, status and 5 more`; empty for a few fields.
fn summary(changes: &[FieldChange]) -> String {
    match changes {
        [first, second, rest @ ..] if changes.len() > FEW => {
            format!("{}, {} and {} more", first.label, uncapital(&second.label), rest.len())
        }
        _ => String::new(),
    }
}

fn uncapital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_lowercase(), letters.as_str()))
}

fn address(object: AuditObject, id: i64) -> String {
    let kind: ObjectKind = match object {
        AuditObject::Member | AuditObject::Settings => return "/admin/settings".to_owned(),
        AuditObject::User => return format!("/admin/users/{id}/edit"),
        AuditObject::Token => return "/admin/tokens".to_owned(),
        AuditObject::SavedReport => return format!("/admin/reports/saved/{id}"),
        AuditObject::Advertiser => object_kind::ADVERTISER,
        AuditObject::Publisher => object_kind::PUBLISHER,
        AuditObject::LineItem => object_kind::LINE_ITEM,
        AuditObject::Campaign => object_kind::CAMPAIGN,
        AuditObject::Pixel => object_kind::PIXEL,
        AuditObject::Tracker => object_kind::TRACKER,
        AuditObject::Segment => object_kind::SEGMENT,
        AuditObject::Source => object_kind::SOURCE,
        AuditObject::Cost => return "/admin/costs".to_owned(),
        AuditObject::CostRun => return "/admin/costs/imports".to_owned(),
    };
    kind.address(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_change_has_a_word_of_the_screens() {
        for kind in AuditObject::WORDS {
            let word = object_words(kind);
            assert!(word != "object" && !word.contains(['-', '_']), "{kind}: {word}");
        }
        for action in AuditAction::WORDS {
            let word = ACTIONS.iter().find(|(known, _)| known.as_str() == *action).map(|(_, word)| *word);
            assert!(word.is_some_and(|word| !word.contains(['-', '_'])), "{action}: {word:?}");
        }
        let words = ["line-item", "saved-report", "cost-run", "token", "publisher"].map(object_words);
        assert_eq!(words, ["line item", "saved report", "cost import", "API token", "placement"]);
    }
}
