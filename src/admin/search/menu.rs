//! The pages of the menu that a text names, by their titles and by words for what they are about.

use super::hits::{Group, Hit};
use crate::domain::{Role, fold};

/// Title, address, further words, and whether it is for admins.
const PAGES: &[(&str, &str, &str, bool)] = &[
    ("Overview", "/admin", "home start dashboard figures attention", false),
    ("Live events", "/admin/live", "stream test a tag rejected requests", false),
    ("Events", "/admin/conversions", "conversions orders credited ignored", false),
    ("Corrections", "/admin/adjustments", "adjustments refunds returns cancelled restated", false),
    ("Reports", "/admin/reports", "export csv xlsx parquet saved", false),
    ("Line items", "/admin/line-items", "ads payout", false),
    ("Campaigns", "/admin/campaigns", "", false),
    ("Placements", "/admin/publishers", "publishers sites", false),
    ("Trackers", "/admin/trackers", "ad tags impression click view", false),
    ("Sources", "/admin/sources", "utm gclid landing page google meta", false),
    ("Advertisers", "/admin/advertisers", "shops currency time zone", false),
    ("New shop", "/admin/tracking/new", "set up tracking first sale", false),
    ("Pixels", "/admin/pixels", "tags", false),
    ("Export tags", "/admin/export", "snippets shopify gtm woocommerce magento code", false),
    ("Segments", "/admin/segments", "audiences", false),
    ("Visitors", "/admin/visitors", "cookie pxid user_id", false),
    ("Your account", "/admin/account", "password sessions keyboard shortcuts sign out", false),
    ("Settings", "/admin/settings", "public address cookie privacy retention server version disk", true),
    ("Users and tokens", "/admin/users", "roles people password access", true),
    ("API tokens", "/admin/tokens", "api access", true),
    ("Audit log", "/admin/audit", "changes history who", true),
    ("Help", "/admin/help", "documents words glossary keyboard shortcuts", false),
    ("What is new", "/admin/help/changelog", "changes version release", false),
];

/// The pages that have all words of the text.
pub fn find(text: &str, role: Role) -> Option<Group> {
    let folded = fold(text);
    let words: Vec<&str> = folded.split_whitespace().collect();
    let has = |(title, _, about, for_admins): &&(&str, &str, &str, bool)| {
        let about = fold(&format!("{title} {about}"));
        let begins = |word: &&str| about.split_whitespace().any(|own| own.starts_with(word));
        (role == Role::Admin || !for_admins) && words.iter().all(begins)
    };
    let mut pages: Vec<_> = PAGES.iter().filter(has).collect();
    pages.sort_by_key(|(title, ..)| !fold(title).starts_with(&words.join(" ")));
    let is_exact = pages.first().is_some_and(|(title, ..)| fold(title) == words.join(" "));
    let hit = |(title, address, ..): &&(&str, &str, &str, bool)| Hit {
        mark: None,
        name: (*title).to_owned(),
        detail: String::new(),
        address: (*address).to_owned(),
    };
    let hits: Vec<Hit> = pages.iter().map(hit).collect();
    let count = u64::try_from(hits.len()).unwrap_or(u64::MAX);
    let group = Group::new("Pages", hits, count, u64::MAX, String::new());
    (count > 0).then_some(Group { is_exact, ..group })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_found_by_what_they_are_about() {
        let first = |text: &str, role| find(text, role).and_then(|group| Some(group.hits.first()?.name.clone()));
        for (text, page) in [
            ("settings", Some("Settings")),
            ("SETT", Some("Settings")),
            ("retention", Some("Settings")),
            ("line i", Some("Line items")),
            ("items line", Some("Line items")),
            ("shopify", Some("Export tags")),
            ("password", Some("Your account")),
            ("nothing of the kind", None),
        ] {
            assert_eq!(first(text, Role::Admin).as_deref(), page, "{text}");
        }
        assert_eq!(first("settings", Role::Viewer), None);
        assert!(find("help", Role::Viewer).unwrap().is_exact);
    }
}
