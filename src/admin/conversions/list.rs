//! The list of events, each with its outcome and a link to its explanation.

use actix_web::{HttpRequest, web};
use askama::Template;
use jiff::ToSpan;
use jiff::tz::TimeZone;

use crate::admin::choices;
use crate::admin::choices::Choice;
use crate::admin::choices::zone;
use crate::admin::export::api_command;
use crate::admin::lists::paging;
use crate::admin::lists::paging::{PAGE, Pager};
use crate::admin::rows::conversion;
use crate::admin::rows::conversion::ConversionRow;
use crate::admin::shell::form::Form;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::session::Asked;
use crate::admin::text::format::grouped;
use crate::admin::text::reasons;
use crate::domain::{Millis, OutcomeKind, Pixel, Reason, WrittenTime, day_begin};
use crate::store::{COUNTED_AT_MOST, ConversionQuery};
use crate::web::AppState;

const PATH: &str = "/admin/conversions";

#[derive(Template)]
#[template(path = "admin/conversions/list.html")]
struct ConversionsPage {
    page: Page,
    /// How many events the filters let through.
    count: String,
    tabs: Vec<Tab>,
    pixels: Vec<Choice>,
    /// The outcome of the tab, which the filters keep; empty for all.
    outcome: String,
    reasons: Vec<Choice>,
    corrections: Vec<Choice>,
    order: String,
    /// The time zone of the days `from` and `to`.
    zone: String,
    from: String,
    to: String,
    /// The filters of the folded part that are set.
    chips: Vec<Chip>,
    /// Whether a filter may hide rows: an empty list then does not mean that there are none.
    is_filtered: bool,
    rows: Vec<ConversionRow>,
    pager: Pager,
    /// The command that gets the list by the API.
    api_command: String,
}

/// A link to the events of one outcome.
struct Tab {
    address: String,
    label: &'static str,
    current: bool,
}

/// A filter that is set, with the address of the list without it.
struct Chip {
    text: String,
    without: String,
}

/// `GET /admin/conversions`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked, request: HttpRequest) -> Answer {
    let by = session.reader();
    let pixels = choices::all::<Pixel>(&state.store, by, &query.ids("pixel")).await?;
    let chosen = pixels.iter().filter(|pixel| pixel.id.to_string() == query.text("pixel"));
    let zone = zone::of_these(&state.store, by, chosen.map(|pixel| pixel.advertiser_id).collect()).await?;
    let conversions = state.store.conversions(by, conversion_query(&query, &zone)).await?;
    let rows = conversion::rows(&state.store, by, &conversions.items, session.now).await?;
    let count = match conversions.count >= COUNTED_AT_MOST.into() {
        true => format!("{}+", grouped(COUNTED_AT_MOST.into())),
        false => grouped(conversions.count),
    };
    let outcome = OutcomeKind::parse(query.text("outcome"));
    Ok(html(&ConversionsPage {
        page: session.page("conversions", "Events").with_tab(format!("Events ({count})")),
        count,
        tabs: tabs(&query, outcome),
        pixels: choices::by_advertiser(&state.store, by, &pixels, query.text("pixel"), |pixel| {
            (pixel.id.0, pixel.name.clone())
        })
        .await?,
        outcome: outcome.map(|outcome| outcome.to_string()).unwrap_or_default(),
        reasons: reason_choices(outcome, query.text("reason")),
        corrections: choices::words(&CORRECTIONS, query.text("retracted")),
        order: query.text("order").to_owned(),
        zone: zone::name(&zone).to_owned(),
        from: query.text("from").to_owned(),
        to: query.text("to").to_owned(),
        chips: chips(&query),
        is_filtered: ["pixel", "outcome", "reason", "retracted", "order", "from", "to"]
            .iter()
            .any(|name| query.some(name).is_some()),
        pager: Pager::new(PATH, &query, rows.len(), conversions.count, Some(COUNTED_AT_MOST.into())),
        rows,
        api_command: api_command(&query, &zone, &api_command::base(&request, &state)?),
    }))
}

/// The outcomes with their labels.
const OUTCOMES: [(Option<OutcomeKind>, &str); 4] = [
    (None, "All"),
    (Some(OutcomeKind::Attributed), "Credited"),
    (Some(OutcomeKind::Unattributed), "Not credited"),
    (Some(OutcomeKind::NotCounted), "Ignored"),
];

/// Which events to show by whether a correction cancelled them.
const CORRECTIONS: [(&str, &str); 2] = [("false", "Not cancelled"), ("true", "Cancelled")];

/// A reason belongs to one outcome, so a tab takes it away.
fn tabs(query: &Form, outcome: Option<OutcomeKind>) -> Vec<Tab> {
    let tab = |(kind, label): &(Option<OutcomeKind>, &'static str)| {
        let value = kind.map_or("", OutcomeKind::as_str);
        let address = paging::address(PATH, query, &[("outcome", value), ("reason", ""), ("start", "")]);
        Tab { address, label, current: *kind == outcome }
    };
    OUTCOMES.iter().map(tab).collect()
}

/// The reasons of an outcome, or all, and always the chosen one.
fn reason_choices(outcome: Option<OutcomeKind>, chosen: &str) -> Vec<Choice> {
    let reasons = Reason::WORDS.iter().filter_map(|word| Some((*word, Reason::parse(word)?)));
    let offered = reasons
        .filter(|(word, reason)| *word == chosen || outcome.is_none_or(|outcome| reason.outcome().kind() == outcome));
    choices::words(&offered.map(|(word, reason)| (word, reasons::choice(reason))).collect::<Vec<_>>(), chosen)
}

/// The filters that the page folds away, if they are set.
fn chips(query: &Form) -> Vec<Chip> {
    let corrected = CORRECTIONS.iter().find(|(value, _)| *value == query.text("retracted"));
    let named = [
        ("retracted", corrected.map(|(_, label)| (*label).to_owned())),
        ("from", query.some("from").map(|day| format!("From {day}"))),
        ("to", query.some("to").map(|day| format!("To {day}"))),
    ];
    let chip = |(name, text): (&str, Option<String>)| {
        Some(Chip { text: text?, without: paging::address(PATH, query, &[(name, ""), ("start", "")]) })
    };
    named.into_iter().filter_map(chip).collect()
}

/// Ignores filters that it cannot read.
fn conversion_query(query: &Form, zone: &TimeZone) -> ConversionQuery {
    ConversionQuery {
        pixel: query.text("pixel").parse().ok(),
        outcome: OutcomeKind::parse(query.text("outcome")),
        reason: Reason::parse(query.text("reason")),
        retracted: query.text("retracted").parse().ok(),
        order_id: query.some("order").map(str::to_owned),
        from: day(query.text("from"), 0, zone),
        // The list includes the last day.
        to: day(query.text("to"), 1, zone),
        start_element: paging::start(query),
        num_elements: PAGE,
        ..ConversionQuery::default()
    }
}

/// The command that gets the list by the API, which takes times in UTC.
fn api_command(query: &Form, zone: &TimeZone, base: &str) -> String {
    let moment = |at: Option<Millis>| at.map(|at| at.to_string()).unwrap_or_default();
    let (from, to) = (moment(day(query.text("from"), 0, zone)), moment(day(query.text("to"), 1, zone)));
    let filters = [
        ("pixel_id", query.text("pixel")),
        ("outcome", query.text("outcome")),
        ("reason", query.text("reason")),
        ("retracted", query.text("retracted")),
        ("order_id", query.text("order")),
        ("min_datetime", from.as_str()),
        ("max_datetime", to.as_str()),
    ];
    api_command::get(base, "/conversion", &filters)
}

/// The start of a day such as `2026-11-23`, or of the day `later` days after it.
fn day(text: &str, later: i64, zone: &TimeZone) -> Option<Millis> {
    day_begin(WrittenTime::read_day(text).ok()?.checked_add(later.days()).ok()?, zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_by_the_time_zone() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let begins = |text, later| day(text, later, &zone).map(|at| at.to_string());
        assert_eq!(begins("2026-10-25", 0).as_deref(), Some("2026-10-24 22:00:00"));
        assert_eq!(begins("2026-10-25", 1).as_deref(), Some("2026-10-25 23:00:00"), "a day of 25 hours");
        for bad in ["", "x", "2026-13-01", "2026-10-25 12:00:00", "26-10-25"] {
            assert_eq!(begins(bad, 0), None, "{bad}");
        }
    }

    #[test]
    fn tabs_keep_the_filters_but_the_reason_of_another_outcome() {
        let query = Form::parse(b"pixel=3&reason=bot&start=50");
        let tabs = tabs(&query, None);
        assert!(tabs[0].current && !tabs[3].current);
        assert_eq!(
            (tabs[3].label, tabs[3].address.as_str()),
            ("Ignored", "/admin/conversions?pixel=3&outcome=not_counted")
        );
        let offered = |chosen| reason_choices(Some(OutcomeKind::Attributed), chosen).len();
        assert_eq!((offered(""), offered("bot")), (2, 3));
    }
}
