//! A campaign's page, with the parameter that names it in tags and its figures, and its deletion.

use actix_web::web;
use askama::Template;

use crate::admin::forms::confirm_delete;
use crate::admin::forms::confirm_delete::DeleteRequest;
use crate::admin::overview::figures::Figures;
use crate::admin::shell::extract::Id;
use crate::admin::shell::object_kind::CAMPAIGN as KIND;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::session::{Posted, Session};
use crate::admin::text::format::Moment;
use crate::domain::{Advertiser, Campaign, CampaignId, LineItem};
use crate::store::SumsOf;
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/campaigns/page.html")]
struct CampaignPage {
    page: Page,
    campaign: Campaign,
    advertiser: String,
    line_item: String,
    figures: Figures,
    changed: Moment,
}

/// `GET /admin/campaigns/{id}`
pub async fn show(state: web::Data<AppState>, session: Session, Id(id): Id<CampaignId>) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let campaign: Campaign = store.get(by, id.0).await?;
    let advertiser: Advertiser = store.get(by, campaign.advertiser_id.0).await?;
    let line_item = campaign.line_item_id.0;
    Ok(html(&CampaignPage {
        page: session.page(KIND.section, campaign.name.clone()),
        line_item: store.names::<LineItem>(by, vec![line_item]).await?.remove(&line_item).unwrap_or_default(),
        figures: Figures::load(store, by, SumsOf::Campaign(id), advertiser.zone(), session.now).await?,
        changed: Moment::new(campaign.last_modified, session.now),
        advertiser: advertiser.name,
        campaign,
    }))
}

/// `POST /admin/campaigns/{id}/delete`: asks first.
pub async fn delete(state: web::Data<AppState>, posted: Posted, Id(id): Id<CampaignId>) -> Answer {
    posted.session.editor()?;
    let campaign: Campaign = state.store.get(posted.session.reader(), id.0).await?;
    let request = DeleteRequest {
        cascade: vec!["Pages show its number from then on; reports keep its name".to_owned()],
        stays: format!(
            "Tags that name campaign_id={id} go on working, and their exposures are logged under that number."
        ),
        ..DeleteRequest::new(KIND, id, campaign.name)
    };
    confirm_delete::answer::<Campaign>(&state.store, posted, id.0, request).await
}
