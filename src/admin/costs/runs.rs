//! The imports: who brought which costs when, and how to take one back as a whole.

use actix_web::web;
use askama::Template;

use super::SECTION;
use super::rows::{amounts, days_words, origin_words};
use crate::admin::lists::paging;
use crate::admin::lists::paging::{PAGE, Pager};
use crate::admin::shell::error::PageError;
use crate::admin::shell::extract::Id;
use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::form::sentence;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::session::{Asked, Posted};
use crate::admin::text::author;
use crate::admin::text::format::{Moment, grouped, plural};
use crate::domain::{Advertiser, CostRun, CostRunId, Millis};
use crate::store::{CostRunSum, ListQuery, StoreError};
use crate::web::AppState;

const PATH: &str = "/admin/costs/imports";

#[derive(Template)]
#[template(path = "admin/costs/imports.html")]
struct ImportsPage {
    page: Page,
    count: String,
    rows: Vec<RunRow>,
    pager: Pager,
}

struct RunRow {
    id: CostRunId,
    at: Moment,
    by: String,
    /// The file's name, or how the costs came.
    what: String,
    /// The kind of the file; empty without one.
    kind: String,
    /// The beginning of the file's hash, and the whole of it.
    hash: Option<(String, String)>,
    advertiser: String,
    days: String,
    costs: String,
    sum: String,
    undone: Option<UndoneRow>,
}

/// Who took it back.
struct UndoneRow {
    at: Moment,
    by: String,
}

#[derive(Template)]
#[template(path = "admin/costs/undo.html")]
struct UndoPage {
    page: Page,
    id: CostRunId,
    what: String,
    losses: Vec<String>,
}

/// `GET /admin/costs/imports`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let newest = crate::domain::fields::COST_RUN.iter().find(|field| field.name == "id").map(|field| (field, true));
    let list = ListQuery { sort: newest.into_iter().collect(), num_elements: PAGE, ..ListQuery::default() };
    let from = |start_element| store.cost_runs(by, ListQuery { start_element, ..list.clone() });
    let (runs, start) = paging::page(&query, &session.odd, from).await?;
    let sums = store.cost_run_sums(by, runs.items.iter().map(|run| run.id).collect()).await?;
    let names = store.names::<Advertiser>(by, runs.items.iter().map(|run| run.advertiser_id.0).collect()).await?;
    let advertiser = |run: &CostRun| names.get(&run.advertiser_id.0).cloned().unwrap_or_default();
    let row = |run: &CostRun| row(run, sums.get(&run.id), advertiser(run), session.now);
    let rows: Vec<_> = runs.items.iter().map(row).collect();
    let count = grouped(runs.count);
    Ok(html(&ImportsPage {
        page: session.page(SECTION, "Imports").with_tab(format!("Imports of costs ({count})")),
        pager: Pager::new(PATH, &query, (start, rows.len(), runs.count), None),
        count,
        rows,
    }))
}

fn row(run: &CostRun, sum: Option<&CostRunSum>, advertiser: String, now: Millis) -> RunRow {
    let kind = origin_words(run);
    let undone = run.undone_at.map(|at| UndoneRow {
        at: Moment::new(at, now),
        by: author::words(run.undone_by.as_deref().unwrap_or_default()).to_owned(),
    });
    RunRow {
        id: run.id,
        at: Moment::new(run.made_at, now),
        by: author::words(&run.made_by).to_owned(),
        what: what(run),
        kind: if run.file_name.is_some() { kind } else { String::new() },
        hash: run.file_hash.as_ref().map(|hash| (hash.chars().take(8).collect(), hash.clone())),
        advertiser,
        days: sum.map(|sum| days_words(Some(sum.first), Some(sum.last))).unwrap_or_default(),
        costs: grouped(run.rows),
        sum: sum.map(|sum| amounts(&sum.totals)).unwrap_or_default(),
        undone,
    }
}

fn what(run: &CostRun) -> String {
    run.file_name.clone().unwrap_or_else(|| origin_words(run))
}

/// `POST /admin/costs/imports/{id}/undo`: asks first.
pub async fn undo(state: web::Data<AppState>, posted: Posted, Id(id): Id<CostRunId>) -> Answer {
    let Posted { session, form } = posted;
    let editor = session.editor()?;
    let run = state.store.cost_run(session.reader(), id).await?;
    if form.text("confirmed") != "yes" {
        let sums = state.store.cost_run_sums(session.reader(), vec![id]).await?;
        let page = session.page(SECTION, "Undo an import");
        return Ok(html(&UndoPage { page, id, what: what(&run), losses: losses(&run, sums.get(&id)) }));
    }
    match state.store.undo_cost_run(&editor, id).await {
        Ok(run) => {
            let text = format!("{} undone: {} no longer count.", what(&run), plural(run.rows, "cost"));
            Ok(session.go_with(PATH, &Flash::new(FlashKind::Good, text)))
        }
        Err(StoreError::Integrity(text)) => Ok(session.go_with(PATH, &Flash::new(FlashKind::Warning, sentence(&text)))),
        Err(error) => Err(PageError::from(error)),
    }
}

/// What goes with a run, a sentence each.
fn losses(run: &CostRun, sum: Option<&CostRunSum>) -> Vec<String> {
    let mut losses = Vec::new();
    if let Some(sum) = sum {
        let days = days_words(Some(sum.first), Some(sum.last));
        losses.push(format!("{}, {days}: {} no longer count", plural(sum.live, "cost"), amounts(&sum.live_totals)));
    }
    if run.replaced > 0 {
        let text = format!(
            "{} that it replaced count again, unless a later import replaced them",
            plural(run.replaced, "cost")
        );
        losses.push(text);
    }
    losses
}
