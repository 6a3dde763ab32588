//! The page of results, and the part of it that shows under the search of the menu as one types.

use actix_web::web;
use askama::Template;

use super::hits::{Group, Hit};
use super::menu;
use super::objects::{self, Search};
use crate::admin::lists::paging::PAGE;
use crate::admin::shell::error::PageError;
use crate::admin::shell::form::Form;
use crate::admin::shell::page::{Answer, Page, html, see_other};
use crate::admin::shell::session::{Asked, Session};
use crate::web::AppState;

/// The longest text that is searched for. A click ID has at most 512 characters.
const LONGEST: usize = 600;

/// The hits of a group on the page, and under the search of the menu.
const ON_PAGE: u32 = 5;
const IN_MENU: u32 = 3;

#[derive(Template)]
#[template(path = "admin/search/page.html")]
struct SearchPage {
    page: Page,
    text: String,
    /// Why the text cannot be searched for; empty if it can.
    error: String,
    groups: Vec<Group>,
    /// The address of the page with all kinds, if this one lists one kind.
    all_kinds: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/search/results.html")]
struct Results {
    groups: Vec<Group>,
    /// The address of the page with more.
    page: String,
}

/// `GET /admin/search`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let text = query.text("q");
    let kind = query.some("kind").filter(|kind| objects::is_kind(kind));
    let is_too_long = text.chars().count() > LONGEST;
    let in_menu = query.text("part") == "results";
    let most = if in_menu { IN_MENU } else { kind.map_or(ON_PAGE, |_| PAGE) };
    let groups = match text.is_empty() || is_too_long {
        true => Vec::new(),
        false => find(&Search { store: &state.store, session: &session, text, most }, kind).await?,
    };
    if in_menu {
        return Ok(html(&Results { groups, page: address(text) }));
    }
    if query.has("go")
        && let Some(only) = only_thing(&groups)
    {
        return Ok(see_other(&only.address));
    }
    let error = match is_too_long {
        true => format!("Type at most {LONGEST} characters."),
        false => String::new(),
    };
    let page = frame(&session, &query);
    let all_kinds = kind.map(|_| address(text));
    Ok(html(&SearchPage { page, text: text.to_owned(), error, groups, all_kinds }))
}

fn frame(session: &Session, query: &Form) -> Page {
    if let Some(kind) = query.some("kind").filter(|kind| !objects::is_kind(kind)) {
        session.odd.gone("kind", kind, "The page shows all kinds.");
    }
    let page = session.page("search", "Search");
    match query.some("q") {
        Some(text) => page.with_tab(format!("Search: {text}")),
        None => page,
    }
}

fn address(text: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", text).finish();
    format!("/admin/search?{query}")
}

/// The groups, those with a whole name, code or ID first.
async fn find(search: &Search<'_>, kind: Option<&str>) -> Result<Vec<Group>, PageError> {
    if kind.is_some() {
        let mut groups = search.objects(kind).await?;
        // This page is the one with all of them.
        groups.iter_mut().filter_map(|group| group.more.as_mut()).for_each(|more| more.address.clear());
        return Ok(groups);
    }
    let mut groups = search.events().await?;
    groups.extend(search.visitors().await?);
    groups.extend(search.objects(None).await?);
    groups.extend(menu::find(search.text, search.session.caller().role));
    groups.sort_by_key(|group| !group.is_exact);
    Ok(groups)
}

/// The one thing that the text names as a whole, if it names nothing else: an order, a reference, a visitor.
fn only_thing(groups: &[Group]) -> Option<&Hit> {
    let mut exact = groups.iter().filter(|group| group.is_exact);
    match (exact.next(), exact.next()) {
        (Some(Group { hits, more: None, names_things: true, .. }), None) if hits.len() == 1 => hits.first(),
        _ => None,
    }
}
