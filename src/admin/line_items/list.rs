//! The list of line items.

use actix_web::web;

use crate::admin::figures::{Action, Fact, FactColumn, ListSpec, MeasuredList};
use crate::admin::lists::filters::ListRequest;
use crate::admin::shell::object_kind::{ADVERTISER, LINE_ITEM as KIND};
use crate::admin::shell::page::Answer;
use crate::admin::shell::session::Asked;
use crate::admin::text::format::days;
use crate::domain::{Advertiser, LineItem};
use crate::web::AppState;

static LIST: ListSpec = ListSpec {
    kind: KIND,
    head: "Line item",
    lede: "Groups of ads that are credited together.",
    empty: (
        "No line items yet",
        "A line item links ads to pixels. Without one, events are recorded but no ad is credited.",
    ),
    facts: &[
        FactColumn::new("advertiser", "Advertiser"),
        FactColumn::new("start_date", "Dates"),
        FactColumn::new("pixels", "Pixels").number(),
    ],
};

/// `GET /admin/line-items`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let request = ListRequest::new(KIND.path, &query, &[], &session.odd).by_status();
    let list = MeasuredList::<LineItem>::load(store, &session, &query, &LIST, request).await?;
    let wanted = list.wanted();
    let owners = wanted.iter().map(|line_item| line_item.advertiser_id.0).collect();
    let advertisers = store.names::<Advertiser>(by, owners).await?;
    let facts = wanted.into_iter().map(|line_item| {
        let owner = advertisers.get(&line_item.advertiser_id.0).cloned().unwrap_or_default();
        let dates = Fact::text(days(line_item.start_date, line_item.end_date));
        let begin = line_item.start_date.or(line_item.end_date).map_or(0, |at| at.0);
        let pixels = line_item.pixels.len();
        vec![
            Fact::link(owner, ADVERTISER.address(line_item.advertiser_id)),
            dates.ranked(begin),
            Fact::text(if pixels == 0 { "none".to_owned() } else { pixels.to_string() })
                .ranked(i64::try_from(pixels).unwrap_or(i64::MAX)),
        ]
    });
    let facts = facts.collect();
    let may_edit = session.editor().is_ok();
    let new = may_edit.then(|| Action::new("New line item", format!("{}/new", KIND.path)).primary());
    list.answer(facts, new.into_iter().collect())
}
