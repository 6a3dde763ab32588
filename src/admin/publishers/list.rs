//! The list of placements.

use actix_web::web;

use crate::admin::figures::{Action, Fact, FactColumn, ListSpec, MeasuredList};
use crate::admin::lists::filters::ListRequest;
use crate::admin::shell::object_kind::PUBLISHER as KIND;
use crate::admin::shell::page::Answer;
use crate::admin::shell::session::Asked;
use crate::admin::text::format::ago;
use crate::domain::Publisher;
use crate::web::AppState;

static LIST: ListSpec = ListSpec {
    kind: KIND,
    head: "Placement",
    lede: "Where your ads run: websites, apps and ad networks. All advertisers share them.",
    empty: (
        "No placements yet",
        "A placement is a website, an app or an ad network where your ads run. Each tracker needs one.",
    ),
    facts: &[
        FactColumn::new("id", "ID").number(),
        FactColumn::new("code", "Code"),
        FactColumn::new("last_modified", "Changed"),
    ],
};

/// `GET /admin/publishers`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let request = ListRequest::new(KIND.path, &query, &[], &session.odd).by_status();
    let list = MeasuredList::<Publisher>::load(&state.store, &session, &query, &LIST, request).await?;
    let facts = list.wanted().into_iter().map(|publisher| {
        vec![
            Fact::text(publisher.id.to_string()).ranked(publisher.id.0),
            Fact::text(publisher.code.clone().unwrap_or_default()),
            Fact::text(ago(publisher.last_modified, session.now)).ranked(publisher.last_modified.0),
        ]
    });
    let facts = facts.collect();
    // All advertisers share placements, so users limited to one change none.
    let may_edit = session.editor_of_all().is_ok();
    let new = may_edit.then(|| Action::new("New placement", format!("{}/new", KIND.path)).primary());
    list.answer(facts, new.into_iter().collect())
}
