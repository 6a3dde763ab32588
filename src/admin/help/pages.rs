//! The page of the help, and one for each document.

use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;

use super::documents::{self, Document, GUIDES, RULES};
use super::markdown::{self, Rendered};
use crate::admin::shell::page::{Answer, Page, html, html_with};
use crate::admin::shell::session::Session;
use crate::admin::text::glossary;

#[derive(Template)]
#[template(path = "admin/help/index.html")]
struct IndexPage {
    page: Page,
    guides: &'static [Document],
    rules: &'static [Document],
    /// Anchor, term and meaning.
    terms: Vec<(String, &'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "admin/help/document.html")]
struct DocumentPage {
    page: Page,
    about: &'static str,
    document: &'static Rendered,
}

/// `GET /admin/help`
pub async fn index(session: Session) -> Answer {
    Ok(html(&index_page(&session)))
}

fn index_page(session: &Session) -> IndexPage {
    let terms = glossary::TERMS.iter().map(|term| (glossary::anchor(term.name), term.name, term.meaning));
    IndexPage { page: session.page("help", "Help"), guides: GUIDES, rules: RULES, terms: terms.collect() }
}

/// `GET /admin/help/{document}`
pub async fn document(session: Session, name: web::Path<String>) -> Answer {
    // The texts are part of the program, so each is rendered once.
    static PAGES: LazyLock<HashMap<&str, Rendered>> = LazyLock::new(|| {
        let page = |document: &'static Document| {
            (document.name, markdown::render(document.text, |link| document.resolve(link)))
        };
        documents::all().map(page).collect()
    });
    let found = Document::named(&name).and_then(|document| Some((document, PAGES.get(document.name)?)));
    let Some((document, rendered)) = found else {
        session.odd.gone("document", &name, "These are all.");
        return Ok(html_with(StatusCode::NOT_FOUND, &index_page(&session)));
    };
    let page = session.page("help", document.title);
    Ok(html(&DocumentPage { page, about: document.about, document: rendered }))
}
