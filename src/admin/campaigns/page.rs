//! A campaign's page, with the parameter that names it in tags and its figures, and its deletion.

use actix_web::web;
use askama::Template;

use crate::admin::figures::tiles::Tiles;
use crate::admin::forms::confirm_delete;
use crate::admin::forms::confirm_delete::DeleteRequest;
use crate::admin::rows::change::LastChange;
use crate::admin::rows::source;
use crate::admin::scope::{Offer, PageScope};
use crate::admin::shell::extract::Id;
use crate::admin::shell::object_kind::CAMPAIGN as KIND;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::session::{Asked, Posted};
use crate::domain::{Advertiser, Campaign, CampaignId, LineItem};
use crate::store::FiguresOf;
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/campaigns/page.html")]
struct CampaignPage {
    page: Page,
    campaign: Campaign,
    advertiser: String,
    line_item: String,
    scope: PageScope,
    tiles: Tiles,
    changed: LastChange,
}

/// `GET /admin/campaigns/{id}`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked, Id(id): Id<CampaignId>) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let campaign: Campaign = store.get(by, id.0).await?;
    let advertiser: Advertiser = store.get(by, campaign.advertiser_id.0).await?;
    let line_item = campaign.line_item_id.0;
    let offer = Offer::new(KIND.address(id)).with_categories().of(advertiser.id);
    let scope = PageScope::load(store, &session, &query, offer).await?;
    let page = CampaignPage {
        page: session.page(KIND.section, campaign.name.clone()).with_tab(format!("{}, campaign", campaign.name)),
        line_item: store.names::<LineItem>(by, vec![line_item]).await?.remove(&line_item).unwrap_or_default(),
        tiles: Tiles::load(store, by, &scope, FiguresOf::Campaign, id.0).await?,
        changed: LastChange::load::<Campaign>(store, &session, id.0, campaign.last_modified, "campaign").await?,
        advertiser: advertiser.name,
        campaign,
        scope,
    };
    Ok(page.scope.remember(html(&page)))
}

/// `POST /admin/campaigns/{id}/delete`: asks first, unless sources still name it.
pub async fn delete(state: web::Data<AppState>, posted: Posted, Id(id): Id<CampaignId>) -> Answer {
    posted.session.editor()?;
    let (store, by) = (&state.store, posted.session.reader());
    let campaign: Campaign = store.get(by, id.0).await?;
    let sources = source::naming(store, by, "campaign_id", id.0).await?;
    let request = DeleteRequest {
        cascade: vec!["Pages show its ID instead of its name. Reports keep the name".to_owned()],
        stays: format!("Tags with campaign_id={id} keep working. Their ad views and clicks are recorded with that ID."),
        blockers: source::links(sources).collect(),
        advice: "Delete its sources first, or give them another campaign:",
        ..DeleteRequest::new(KIND, id, campaign.name)
    };
    confirm_delete::answer::<Campaign>(store, posted, id.0, request).await
}
