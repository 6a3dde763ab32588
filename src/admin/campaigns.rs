//! The list of campaigns.

use actix_web::web;
use askama::Template;

use super::extract::Asked;
use super::listing::{Asking, Listing, STATES};
use super::page::{Answer, Page, html};
use super::session::Session;
use super::wording::Moment;
use crate::domain::{Advertiser, Campaign, CampaignId, LineItem, LineItemId, Status};
use crate::web::State;

/// Where the list is.
pub const PATH: &str = "/admin/campaigns";

#[derive(Template)]
#[template(path = "campaigns.html")]
struct CampaignsPage {
    page: Page,
    listing: Listing,
    rows: Vec<Row>,
}

struct Row {
    id: CampaignId,
    name: String,
    sub: String,
    state: Status,
    line_item: (LineItemId, String),
    changed: Moment,
}

/// `GET /admin/campaigns`
pub async fn show(state: web::Data<State>, session: Session, Asked(asked): Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let asking = Asking::new(PATH, &asked, &["name", "state", "last_modified"]);
    let asking = asking.by_advertiser(store, by).await?.select("state", "State", &STATES);
    let asking = asking.linked::<LineItem>(store, by, "line_item_id").await?;
    let found = store.list::<Campaign>(by, asking.query::<Campaign>()).await?;
    let owners = found.items.iter().map(|campaign| campaign.advertiser_id.0).collect();
    let advertisers = store.names::<Advertiser>(by, owners).await?;
    let parents = found.items.iter().map(|campaign| campaign.line_item_id.0).collect();
    let line_items = store.names::<LineItem>(by, parents).await?;
    let row = |campaign: Campaign| {
        let mut sub = vec![campaign.id.to_string()];
        sub.extend(advertisers.get(&campaign.advertiser_id.0).cloned());
        sub.extend(campaign.code);
        Row {
            id: campaign.id,
            name: campaign.name,
            sub: sub.join(" · "),
            state: campaign.state,
            line_item: (campaign.line_item_id, line_items.get(&campaign.line_item_id.0).cloned().unwrap_or_default()),
            changed: Moment::new(campaign.last_modified, session.now),
        }
    };
    let rows: Vec<Row> = found.items.into_iter().map(row).collect();
    let columns = vec![
        asking.column("name", "Name"),
        asking.column("state", "State"),
        Asking::plain("Line item", false),
        asking.column("last_modified", "Last change"),
    ];
    Ok(html(&CampaignsPage {
        page: session.page("campaigns", "Campaigns"),
        listing: asking.around(columns, rows.len(), found.count),
        rows,
    }))
}
