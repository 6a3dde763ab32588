//! The list of trackers of both kinds.

use actix_web::web;

use crate::admin::figures::{Action, Fact, FactColumn, ListSpec, MeasuredList};
use crate::admin::lists::filters::ListRequest;
use crate::admin::rows::tracker;
use crate::admin::rows::tracker::KINDS;
use crate::admin::shell::object_kind::{LINE_ITEM, PUBLISHER, TRACKER as KIND};
use crate::admin::shell::page::Answer;
use crate::admin::shell::session::Asked;
use crate::domain::{LineItem, Publisher, Tracker};
use crate::web::AppState;

static LIST: ListSpec = ListSpec {
    kind: KIND,
    head: "Tracker",
    lede: "Tags and links that record ad views and clicks. Without a tracker, no ad can get credit.",
    empty: ("No trackers yet", "Create an ad: its link records clicks, its tag records views."),
    facts: &[
        FactColumn::new("kind", "Type").shown(),
        FactColumn::new("placement", "Placement"),
        FactColumn::new("line_item", "Line item"),
        FactColumn::new("advertiser", "Advertiser"),
    ],
};

/// `GET /admin/trackers`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let request = ListRequest::new(KIND.path, &query, &[], &session.odd).select("kind", "Type", &KINDS).by_status();
    let request = request.chip_of::<LineItem>(store, by, "line_item_id", "Line item").await?;
    let request = request.chip_of::<Publisher>(store, by, "publisher_id", "Placement").await?;
    let list = MeasuredList::<Tracker>::load(store, &session, &query, &LIST, request).await?;
    let wanted: Vec<Tracker> = list.wanted().into_iter().cloned().collect();
    let facts = tracker::rows(store, by, wanted).await?.into_iter().map(|row| {
        vec![
            Fact::text(row.kind),
            Fact::link(row.publisher.name, PUBLISHER.address(row.publisher.id)),
            Fact::link(row.line_item.name, LINE_ITEM.address(row.line_item.id)),
            Fact::text(row.advertiser),
        ]
    });
    let actions = match session.editor() {
        Ok(_) => vec![
            Action::new("New tracker", format!("{}/new", KIND.path)),
            Action::new("New ad", "/admin/ads/new").primary(),
        ],
        Err(_) => Vec::new(),
    };
    list.answer(facts.collect(), actions)
}
