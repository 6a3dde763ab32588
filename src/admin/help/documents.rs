//! The documents that are embedded in the program, and where links between them lead.

/// The address of the help pages.
pub const PATH: &str = "/admin/help";

/// A document, embedded when the program is built.
pub struct Document {
    /// The last part of its page's address.
    pub name: &'static str,
    /// Its file, from the root of the source.
    pub file: &'static str,
    pub title: &'static str,
    /// What is in it, for the index.
    pub about: &'static str,
    /// The Markdown.
    pub text: &'static str,
}

macro_rules! document {
    ($name:literal, $file:literal, $title:literal, $about:literal) => {
        Document {
            name: $name,
            file: $file,
            title: $title,
            about: $about,
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $file)),
        }
    };
}

/// For who runs or uses the server.
pub const GUIDES: &[Document] = &[
    document!(
        "getting-started",
        "docs/getting-started.md",
        "Getting started",
        "From nothing to a credited sale: run it, set up tracking, paste two snippets."
    ),
    document!("handbook", "README.md", "Handbook", "Install pixeld, place the first tag, back up, upgrade."),
    document!("changelog", "CHANGELOG.md", "What is new", "The changes of each version, and what an upgrade costs."),
    document!(
        "published-api",
        "docs/published-api.md",
        "Coming from the published API",
        "What scripts and clients find the same, more, different or missing."
    ),
];

/// For who wants to know exactly.
pub const RULES: &[Document] = &[
    document!("rules", "docs/rules/README.md", "All rules", "The list of these pages."),
    document!(
        "collection",
        "docs/rules/collection.md",
        "Collection",
        "What tags and servers may send, and what is read."
    ),
    document!("sources", "docs/rules/sources.md", "Sources", "How visitors from ads get credit without a tracker."),
    document!("attribution", "docs/rules/attribution.md", "Attribution", "How an event earns credit, or why not."),
    document!("reports", "docs/rules/reports.md", "Reports", "What each figure means, and files."),
    document!("privacy", "docs/rules/privacy.md", "Privacy", "Who a visitor is, consent, and what is kept."),
    document!("tables", "docs/rules/tables.md", "Tables of people", "How files that you import are read."),
    document!("admin", "docs/rules/admin.md", "Admin pages", "What each page does."),
    document!("api", "docs/rules/api.md", "Management API", "Signing in, services, lists and errors."),
    document!("times", "docs/rules/times.md", "Times", "How times may be written."),
    document!("operations", "docs/rules/operations.md", "Operations", "Commands, settings, safety, failures."),
    document!("limits", "docs/rules/limits.md", "Limits", "The bounds on everything that can grow."),
    document!(
        "words",
        "docs/rules/words.md",
        "Words in code and API",
        "One word for each thing, and its name on screens."
    ),
];

/// The title of the document in this file.
pub fn title_of(file: &str) -> Option<&'static str> {
    let name = |path: &'static str| path.rsplit('/').next();
    let wanted = file.rsplit('/').next();
    all().find(|document| name(document.file) == wanted).map(|document| document.title)
}

pub fn all() -> impl Iterator<Item = &'static Document> {
    GUIDES.iter().chain(RULES)
}

impl Document {
    pub fn named(name: &str) -> Option<&'static Document> {
        all().find(|document| document.name == name)
    }

    pub fn address(&self) -> String {
        format!("{PATH}/{}", self.name)
    }

    /// Where a link in this document leads: to a page of the help, to a place on this page, or to an address with https.
    /// None for anything else, such as a file that is not bundled.
    pub fn resolve(&self, link: &str) -> Option<String> {
        if link.starts_with("https://") {
            return Some(link.to_owned());
        }
        let (path, anchor) = link.split_once('#').map_or((link, ""), |(path, anchor)| (path, anchor));
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
        if !path.bytes().all(plain) || path.starts_with('/') || !anchor.bytes().all(plain) {
            return None;
        }
        let anchor = if anchor.is_empty() { String::new() } else { format!("#{anchor}") };
        if path.is_empty() {
            return Some(anchor).filter(|anchor| !anchor.is_empty());
        }
        let file = self.file_at(path);
        let folder = format!("{file}/README.md");
        let target = all().find(|document| document.file == file || document.file == folder)?;
        Some(format!("{}{anchor}", target.address()))
    }

    /// The file at this path from the document's own folder.
    fn file_at(&self, path: &str) -> String {
        let mut parts: Vec<&str> = self.file.split('/').collect();
        parts.pop();
        for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
            match part {
                ".." => {
                    parts.pop();
                }
                _ => parts.push(part),
            }
        }
        parts.join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_pages_of_the_help_or_nowhere() {
        let (handbook, api) = (Document::named("handbook").unwrap(), Document::named("api").unwrap());
        for (from, link, to) in [
            (handbook, "docs/rules/times.md", Some("/admin/help/times")),
            (handbook, "docs/rules", Some("/admin/help/rules")),
            (handbook, "CHANGELOG.md#unreleased", Some("/admin/help/changelog#unreleased")),
            (handbook, "#backup", Some("#backup")),
            (handbook, "docs/getting-started.md", Some("/admin/help/getting-started")),
            (api, "limits.md", Some("/admin/help/limits")),
            (api, "../published-api.md", Some("/admin/help/published-api")),
            (api, "../../README.md", Some("/admin/help/handbook")),
            (handbook, "https://www.rust-lang.org", Some("https://www.rust-lang.org")),
            (handbook, "docs/overview.png", None),
            (handbook, "ARCHITECTURE.md", None),
            (handbook, "http://127.0.0.1:8080", None),
            (handbook, "//evil.example", None),
            (handbook, "/admin", None),
            (handbook, "javascript:alert(1)", None),
            (handbook, "data:text/html,x", None),
            (handbook, "#", None),
            (handbook, "", None),
        ] {
            assert_eq!(from.resolve(link).as_deref(), to, "{link}");
        }
    }

    #[test]
    fn names_are_plain_and_used_once() {
        let mut names: Vec<_> = all().map(|document| document.name).collect();
        assert!(names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all().count());
    }
}
