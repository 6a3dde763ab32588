//! The list of judged fires: what became of each, and the way to why.

use actix_web::web;
use askama::Template;

use super::choices::{self, Choice};
use super::conversion_row::{self, ConversionRow};
use super::extract::Asked;
use super::form::Form;
use super::list::{self, PAGE, Pager};
use super::page::{Answer, Page, html};
use super::session::Session;
use crate::domain::{Millis, OutcomeKind, Pixel, Reason};
use crate::store::{COUNTED_AT_MOST, ConversionQuery};
use crate::web::State;

const PATH: &str = "/admin/conversions";

#[derive(Template)]
#[template(path = "conversions.html")]
struct ConversionsPage {
    page: Page,
    pixels: Vec<Choice>,
    outcomes: Vec<Choice>,
    reasons: Vec<Choice>,
    order: String,
    from: String,
    to: String,
    /// Whether nothing is filtered: an empty list then means that nothing has come in.
    all: bool,
    rows: Vec<ConversionRow>,
    pager: Pager,
}

/// `GET /admin/conversions`
pub async fn show(state: web::Data<State>, session: Session, Asked(asked): Asked) -> Answer {
    let by = session.reader();
    let pixels = choices::all::<Pixel>(&state.store, by).await?;
    let found = state.store.conversions(by, query(&asked)).await?;
    let rows = conversion_row::rows(&state.store, by, &found.items, session.now).await?;
    Ok(html(&ConversionsPage {
        page: session.page("conversions", "Conversions"),
        pixels: choices::options(&pixels, asked.text("pixel"), |pixel| (pixel.id.0, pixel.name.clone())),
        outcomes: choices::words(&OUTCOMES, asked.text("outcome")),
        reasons: choices::words(
            &Reason::WORDS.iter().map(|word| (*word, *word)).collect::<Vec<_>>(),
            asked.text("reason"),
        ),
        order: asked.text("order").to_owned(),
        from: asked.text("from").to_owned(),
        to: asked.text("to").to_owned(),
        all: ["pixel", "outcome", "reason", "order", "from", "to"].iter().all(|name| asked.text(name).is_empty()),
        pager: Pager::new(PATH, &asked, rows.len(), found.count, Some(COUNTED_AT_MOST.into())),
        rows,
    }))
}

/// The outcomes as people call them.
const OUTCOMES: [(&str, &str); 3] =
    [("attributed", "Attributed"), ("unattributed", "Unattributed"), ("not_counted", "Not counted")];

/// What cannot be read is not filtered by.
fn query(asked: &Form) -> ConversionQuery {
    ConversionQuery {
        pixel: asked.text("pixel").parse().ok(),
        outcome: OutcomeKind::parse(asked.text("outcome")),
        reason: Reason::parse(asked.text("reason")),
        order_id: asked.some("order").map(str::to_owned),
        from: day(asked.text("from")),
        // The last day is included.
        to: day(asked.text("to")).map(|day| day.plus(Millis::DAY)),
        start_element: list::start(asked),
        num_elements: PAGE,
        ..ConversionQuery::default()
    }
}

/// The start of a UTC day: `2026-11-23`.
fn day(text: &str) -> Option<Millis> {
    Millis::parse(text).filter(|_| text.len() == 10)
}
