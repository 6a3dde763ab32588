//! The list of campaigns.

use actix_web::web;
use askama::Template;

use crate::admin::lists::filters::{ListRequest, Listing};
use crate::admin::shell::object_kind::CAMPAIGN as KIND;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::parts::ObjectName;
use crate::admin::shell::session::Asked;
use crate::admin::text::format::{Moment, grouped};
use crate::domain::{Advertiser, Campaign, CampaignId, LineItem, LineItemId, Status};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/campaigns/list.html")]
struct CampaignsPage {
    page: Page,
    /// How many there are.
    count: String,
    listing: Listing,
    rows: Vec<CampaignRow>,
}

struct CampaignRow {
    id: CampaignId,
    name: String,
    state: Status,
    advertiser: String,
    line_item: ObjectName<LineItemId>,
    changed: Moment,
}

/// `GET /admin/campaigns`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let request = ListRequest::new(KIND.path, &query, &["name", "state", "last_modified"]);
    let request = request.by_advertiser(store, by).await?.by_status();
    let request = request.chip_of::<LineItem>(store, by, "line_item_id", "Line item").await?;
    let campaigns = store.list::<Campaign>(by, request.query::<Campaign>()).await?;
    let owners = campaigns.items.iter().map(|campaign| campaign.advertiser_id.0).collect();
    let advertisers = store.names::<Advertiser>(by, owners).await?;
    let parents = campaigns.items.iter().map(|campaign| campaign.line_item_id.0).collect();
    let line_items = store.names::<LineItem>(by, parents).await?;
    let row = |campaign: Campaign| CampaignRow {
        id: campaign.id,
        name: campaign.name,
        state: campaign.state,
        advertiser: advertisers.get(&campaign.advertiser_id.0).cloned().unwrap_or_default(),
        line_item: ObjectName {
            id: campaign.line_item_id,
            name: line_items.get(&campaign.line_item_id.0).cloned().unwrap_or_default(),
        },
        changed: Moment::new(campaign.last_modified, session.now),
    };
    let rows: Vec<CampaignRow> = campaigns.items.into_iter().map(row).collect();
    let columns = vec![
        request.column("name", "Campaign"),
        ListRequest::plain_column("Line item", false),
        ListRequest::plain_column("Advertiser", false).shown_from("wide"),
        request.column("last_modified", "Changed").shown_from("middle").for_figures(),
    ];
    let count = grouped(campaigns.count);
    Ok(html(&CampaignsPage {
        page: session.page(KIND.section, KIND.plural).with_tab(format!("{} ({count})", KIND.plural)),
        listing: request.listing(columns, rows.len(), campaigns.count),
        count,
        rows,
    }))
}
