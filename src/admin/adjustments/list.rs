//! The list of adjustments, newest first. One without effect shows conversions of nearly the same name.

use std::collections::HashMap;

use actix_web::{HttpRequest, web};
use askama::Template;

use crate::admin::choices;
use crate::admin::choices::Choice;
use crate::admin::export::api_command;
use crate::admin::lists::paging;
use crate::admin::lists::paging::{PAGE, Pager};
use crate::admin::rows::adjustment;
use crate::admin::shell::form::{Form, capital};
use crate::admin::shell::odd::Odd;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::parts::Mark;
use crate::admin::shell::session::Asked;
use crate::admin::text::format::{Moment, grouped, plural};
use crate::domain::{ConversionName, Millis, Reader, Seq};
use crate::store::{ADJUSTMENTS_LISTED, AdjustmentEffects, AdjustmentQuery, NearMiss, Store, StoreError};
use crate::web::AppState;

const PATH: &str = "/admin/adjustments";

/// The most conversions of one adjustment that have a link.
const MOST_LINKS: usize = 3;

/// The filter's words with their labels.
const EFFECTS: [(&str, &str); 2] = [("no", "Without effect"), ("yes", "With effect")];

#[derive(Template)]
#[template(path = "admin/adjustments/list.html")]
struct AdjustmentsPage {
    page: Page,
    /// How many the filter lets through.
    count: String,
    effects: Vec<Choice>,
    is_filtered: bool,
    rows: Vec<AdjustmentRow>,
    pager: Pager,
    /// The command that gets the list by the API.
    api_command: String,
}

struct AdjustmentRow {
    seq: Seq,
    at: Moment,
    /// "order A-1001".
    name: String,
    change: String,
    outcome: Mark,
    /// Why nothing was corrected; empty if something was.
    why: &'static str,
    conversions: Vec<Seq>,
    /// "and 4 more"; empty if all have a link.
    more: String,
    near: Vec<NearRow>,
    source: String,
    reason: String,
}

/// A conversion of nearly this name.
struct NearRow {
    seq: Seq,
    name: String,
    at: Moment,
}

/// `GET /admin/adjustments`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked, request: HttpRequest) -> Answer {
    let by = session.reader();
    let asked = adjustment_query(&query, &session.odd);
    let from = |start_element| state.store.adjustments(by, AdjustmentQuery { start_element, ..asked });
    let (adjustments, start) = paging::page(&query, &session.odd, from).await?;
    let near = state.store.near_misses(by, &adjustments.items).await?;
    let orders = orders(&state.store, by, &adjustments.items).await?;
    let rows = adjustments.items.iter().zip(near);
    let rows: Vec<_> = rows.map(|(item, near)| row(item, near, &orders, session.now)).collect();
    let count = match adjustments.count >= ADJUSTMENTS_LISTED.into() {
        true => format!("{}+", grouped(ADJUSTMENTS_LISTED.into())),
        false => grouped(adjustments.count),
    };
    let base = api_command::base(&request, &state)?;
    let filter = asked.has_effect.map(|has| has.to_string()).unwrap_or_default();
    Ok(html(&AdjustmentsPage {
        page: session.page("conversions", "Corrections").with_tab(format!("Corrections ({count})")),
        count,
        effects: choices::words(&EFFECTS, query.text("effect")),
        is_filtered: asked.has_effect.is_some(),
        pager: Pager::new(PATH, &query, (start, rows.len(), adjustments.count), Some(ADJUSTMENTS_LISTED.into())),
        rows,
        api_command: api_command::get(&base, "/adjustment", &[("has_effect", filter.as_str())]),
    }))
}

fn adjustment_query(query: &Form, odd: &Odd) -> AdjustmentQuery {
    let has_effect = |text: &str| match text {
        "no" => Some(false),
        "yes" => Some(true),
        _ => None,
    };
    AdjustmentQuery {
        has_effect: odd.word(query, "effect", &["yes", "no"], has_effect),
        num_elements: PAGE,
        ..AdjustmentQuery::default()
    }
}

/// The order IDs of the events that corrections name by their numbers.
async fn orders(store: &Store, by: &Reader, items: &[AdjustmentEffects]) -> Result<HashMap<Seq, String>, StoreError> {
    let named = items.iter().filter_map(|item| match item.adjustment.of {
        ConversionName::ConversionId(seq) => Some(seq),
        _ => None,
    });
    let conversions = store.conversions_at(by, named.collect()).await?;
    Ok(conversions.into_iter().filter_map(|event| Some((event.fire.seq, event.order_id?))).collect())
}

fn row(item: &AdjustmentEffects, near: Vec<NearMiss>, orders: &HashMap<Seq, String>, now: Millis) -> AdjustmentRow {
    let sent = &item.adjustment;
    let order = match &sent.of {
        ConversionName::ConversionId(seq) => orders.get(seq).map(|order| format!("order {order}")),
        _ => None,
    };
    let counts = item.judged.then(|| item.counts());
    let (outcome, why) = adjustment::outcome(sent.change, counts.as_ref());
    let more = item.effects.len().saturating_sub(MOST_LINKS);
    let near_row =
        |NearMiss { seq, at, name }: NearMiss| NearRow { seq, name: adjustment::name(&name), at: Moment::new(at, now) };
    AdjustmentRow {
        seq: sent.seq,
        at: Moment::new(sent.received, now),
        name: capital(&order.unwrap_or_else(|| adjustment::name(&sent.of))),
        change: adjustment::change(sent.change),
        outcome,
        why,
        conversions: item.effects.iter().take(MOST_LINKS).map(|(seq, _)| *seq).collect(),
        more: match more {
            0 => String::new(),
            more => format!("and {}", plural(u64::try_from(more).unwrap_or(u64::MAX), "other event")),
        },
        near: near.into_iter().map(near_row).collect(),
        source: sent.source.clone(),
        reason: sent.reason_code.clone().unwrap_or_default(),
    }
}
