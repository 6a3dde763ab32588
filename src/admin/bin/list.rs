//! The list of the bin.

use actix_web::web;
use askama::Template;

use super::kinds;
use crate::admin::shell::form::capital;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::session::{Asked, Session};
use crate::admin::text::author;
use crate::admin::text::format::Moment;
use crate::store::{BIN_DAYS, BinEntry, MOST_BIN_ENTRIES};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/bin/list.html")]
struct BinPage {
    page: Page,
    days: i64,
    rows: Vec<BinRow>,
    /// The number of rows, if there may be more.
    most: Option<u32>,
}

/// A deletion.
struct BinRow {
    id: i64,
    name: String,
    kind: String,
    object_id: i64,
    /// The objects that were deleted with it. Empty if there were none.
    with: String,
    deleted: Moment,
    by: String,
    until: Moment,
    may_restore: bool,
}

/// `GET /admin/bin`
pub async fn show(state: web::Data<AppState>, Asked { session, .. }: Asked) -> Answer {
    let entries = state.store.bin(&session.editor()?).await?;
    let rows: Vec<BinRow> = entries.into_iter().map(|(entry, may)| row(entry, may, &session)).collect();
    let is_full = u32::try_from(rows.len()).is_ok_and(|rows| rows >= MOST_BIN_ENTRIES);
    Ok(html(&BinPage {
        page: session.page("bin", "Bin"),
        days: BIN_DAYS,
        rows,
        most: is_full.then_some(MOST_BIN_ENTRIES),
    }))
}

fn row(entry: BinEntry, may_restore: bool, session: &Session) -> BinRow {
    BinRow {
        id: entry.id,
        kind: capital(kinds::noun(entry.object)),
        object_id: entry.object_id,
        with: kinds::counts(&entry.with),
        deleted: Moment::new(entry.deleted_on, session.now),
        by: author::words(&entry.user_name).to_owned(),
        until: Moment::new(entry.until, session.now),
        name: entry.name,
        may_restore,
    }
}
