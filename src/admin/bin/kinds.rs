//! The kinds of objects that can be in the bin, in the words of the pages. Pure.

use crate::admin::shell::object_kind::{
    ADVERTISER, CAMPAIGN, LINE_ITEM, ObjectKind, PIXEL, PUBLISHER, SAVED_REPORT, SEGMENT, SOURCE, TRACKER,
};
use crate::admin::text::format::{and, plural};
use crate::domain::AuditObject;

/// `line item`.
pub fn noun(object: AuditObject) -> &'static str {
    match object {
        AuditObject::User => "user",
        AuditObject::Token => "API token",
        AuditObject::Member => "organisation",
        AuditObject::Settings => "settings",
        other => kind(other).map_or("object", |kind| kind.noun),
    }
}

fn kind(object: AuditObject) -> Option<ObjectKind> {
    Some(match object {
        AuditObject::Advertiser => ADVERTISER,
        AuditObject::Publisher => PUBLISHER,
        AuditObject::LineItem => LINE_ITEM,
        AuditObject::Campaign => CAMPAIGN,
        AuditObject::Pixel => PIXEL,
        AuditObject::Tracker => TRACKER,
        AuditObject::Segment => SEGMENT,
        AuditObject::Source => SOURCE,
        AuditObject::SavedReport => SAVED_REPORT,
        AuditObject::Member
        | AuditObject::User
        | AuditObject::Token
        | AuditObject::Settings
        | AuditObject::Cost
        | AuditObject::CostRun => return None,
    })
}

/// The address of an object's page.
pub fn address(object: AuditObject, id: i64) -> String {
    match (object, kind(object)) {
        (AuditObject::SavedReport, _) => format!("/admin/reports/saved/{id}"),
        (_, Some(kind)) => kind.address(id),
        (AuditObject::User, None) => format!("/admin/users/{id}/edit"),
        (_, None) => "/admin/users".to_owned(),
    }
}

/// `3 pixels, 1 line item and 2 users`; empty for nothing.
pub fn counts(with: &[(AuditObject, u64)]) -> String {
    let words: Vec<String> = with.iter().map(|(object, count)| plural(*count, noun(*object))).collect();
    if words.is_empty() { String::new() } else { and(&words) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_name_each_kind() {
        assert_eq!(counts(&[]), "");
        let with = [(AuditObject::LineItem, 1), (AuditObject::Token, 2)];
        assert_eq!(counts(&with), "1 line item and 2 API tokens");
        assert_eq!(address(AuditObject::Publisher, 4), "/admin/publishers/4");
        assert_eq!(noun(AuditObject::Publisher), "placement");
    }
}
