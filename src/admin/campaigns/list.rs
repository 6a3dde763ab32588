//! The list of campaigns.

use actix_web::web;

use crate::admin::figures::{Action, Fact, FactColumn, ListSpec, MeasuredList};
use crate::admin::lists::filters::ListRequest;
use crate::admin::shell::object_kind::{ADVERTISER, CAMPAIGN as KIND, LINE_ITEM};
use crate::admin::shell::page::Answer;
use crate::admin::shell::session::Asked;
use crate::admin::text::format::ago;
use crate::domain::{Advertiser, Campaign, LineItem};
use crate::web::AppState;

static LIST: ListSpec = ListSpec {
    kind: KIND,
    head: "Campaign",
    lede: "Parts of a line item, so that reports can compare its ads.",
    empty: (
        "No campaigns yet",
        "Campaigns are optional. Create some to compare the ads of a line item, then add campaign_id= to their trackers.",
    ),
    facts: &[
        FactColumn::new("line_item", "Line item"),
        FactColumn::new("advertiser", "Advertiser"),
        FactColumn::new("last_modified", "Changed"),
    ],
};

/// `GET /admin/campaigns`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let request = ListRequest::new(KIND.path, &query, &[], &session.odd).by_status();
    let request = request.chip_of::<LineItem>(store, by, "line_item_id", "Line item").await?;
    let list = MeasuredList::<Campaign>::load(store, &session, &query, &LIST, request).await?;
    let wanted = list.wanted();
    let owners = wanted.iter().map(|campaign| campaign.advertiser_id.0).collect();
    let advertisers = store.names::<Advertiser>(by, owners).await?;
    let parents = wanted.iter().map(|campaign| campaign.line_item_id.0).collect();
    let line_items = store.names::<LineItem>(by, parents).await?;
    let facts = wanted.into_iter().map(|campaign| {
        let (owner, parent) = (campaign.advertiser_id, campaign.line_item_id);
        vec![
            Fact::link(line_items.get(&parent.0).cloned().unwrap_or_default(), LINE_ITEM.address(parent)),
            Fact::link(advertisers.get(&owner.0).cloned().unwrap_or_default(), ADVERTISER.address(owner)),
            Fact::text(ago(campaign.last_modified, session.now)).ranked(campaign.last_modified.0),
        ]
    });
    let facts = facts.collect();
    let new = session.editor().is_ok().then(|| Action::new("New campaign", format!("{}/new", KIND.path)).primary());
    list.answer(facts, new.into_iter().collect())
}
