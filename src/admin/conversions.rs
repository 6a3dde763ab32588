//! The list of judged fires: what became of each, and the way to why.

use actix_web::{HttpRequest, web};
use askama::Template;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::by_api;
use super::choices::{self, Choice};
use super::conversion_row::{self, ConversionRow};
use super::extract::Asked;
use super::form::Form;
use super::list::{self, PAGE, Pager};
use super::page::{Answer, Page, html};
use super::session::Session;
use super::zone;
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
    /// Whose days `from` and `to` are.
    zone: String,
    from: String,
    to: String,
    /// Whether nothing is filtered: an empty list then means that nothing has come in.
    all: bool,
    rows: Vec<ConversionRow>,
    pager: Pager,
    /// The command that gets the same by the API.
    by_api: String,
}

/// `GET /admin/conversions`
pub async fn show(state: web::Data<State>, session: Session, Asked(asked): Asked, request: HttpRequest) -> Answer {
    let by = session.reader();
    let pixels = choices::all::<Pixel>(&state.store, by, &asked.ids("pixel")).await?;
    let zone = zone::of_all(&state.store, by).await?;
    let found = state.store.conversions(by, query(&asked, &zone)).await?;
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
        zone: zone::name(&zone).to_owned(),
        from: asked.text("from").to_owned(),
        to: asked.text("to").to_owned(),
        all: ["pixel", "outcome", "reason", "order", "from", "to"].iter().all(|name| asked.text(name).is_empty()),
        pager: Pager::new(PATH, &asked, rows.len(), found.count, Some(COUNTED_AT_MOST.into())),
        rows,
        by_api: by_api(&asked, &zone, &by_api::base(&request, &state)?),
    }))
}

/// The outcomes as people call them.
const OUTCOMES: [(&str, &str); 3] =
    [("attributed", "Attributed"), ("unattributed", "Unattributed"), ("not_counted", "Not counted")];

/// What cannot be read is not filtered by.
fn query(asked: &Form, zone: &TimeZone) -> ConversionQuery {
    ConversionQuery {
        pixel: asked.text("pixel").parse().ok(),
        outcome: OutcomeKind::parse(asked.text("outcome")),
        reason: Reason::parse(asked.text("reason")),
        order_id: asked.some("order").map(str::to_owned),
        from: day(asked.text("from"), 0, zone),
        // The last day is included.
        to: day(asked.text("to"), 1, zone),
        start_element: list::start(asked),
        num_elements: PAGE,
        ..ConversionQuery::default()
    }
}

/// The command that gets what the filters let through by the API, whose times are in UTC.
fn by_api(asked: &Form, zone: &TimeZone, base: &str) -> String {
    let moment = |at: Option<Millis>| at.map(|at| at.to_string()).unwrap_or_default();
    let (from, to) = (moment(day(asked.text("from"), 0, zone)), moment(day(asked.text("to"), 1, zone)));
    let filters = [
        ("pixel_id", asked.text("pixel")),
        ("outcome", asked.text("outcome")),
        ("reason", asked.text("reason")),
        ("order_id", asked.text("order")),
        ("min_datetime", from.as_str()),
        ("max_datetime", to.as_str()),
    ];
    by_api::get(base, "/conversion", &filters)
}

/// When a day begins, or one that many days later: `2026-11-23`.
fn day(text: &str, later: i64, zone: &TimeZone) -> Option<Millis> {
    let day = Date::strptime("%Y-%m-%d", text).ok().filter(|_| text.len() == 10)?;
    let begin = day.checked_add(later.days()).ok()?.to_zoned(zone.clone()).ok()?;
    Some(begin.timestamp().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_zone() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let begins = |text, later| day(text, later, &zone).map(|at| at.to_string());
        assert_eq!(begins("2026-10-25", 0).as_deref(), Some("2026-10-24 22:00:00"));
        assert_eq!(begins("2026-10-25", 1).as_deref(), Some("2026-10-25 23:00:00"), "a day of 25 hours");
        for bad in ["", "x", "2026-13-01", "2026-10-25 ", "26-10-25"] {
            assert_eq!(begins(bad, 0), None, "{bad}");
        }
    }
}
