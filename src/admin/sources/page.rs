//! A source's page, and its deletion.

use actix_web::web;
use askama::Template;

use crate::admin::forms::confirm_delete;
use crate::admin::forms::confirm_delete::DeleteRequest;
use crate::admin::rows::change::LastChange;
use crate::admin::shell::extract::Id;
use crate::admin::shell::object_kind::SOURCE as KIND;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::parts::ObjectName;
use crate::admin::shell::session::{Posted, Session};
use crate::admin::text::conditions;
use crate::admin::text::conditions::PartWords;
use crate::domain::{
    Advertiser, Campaign, CampaignId, LineItem, Publisher, PublisherId, Source, SourceId, SourceTemplate,
    UNPAID_LINKS_ALONE,
};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/sources/page.html")]
struct SourcePage {
    page: Page,
    source: Source,
    parts: Vec<PartWords>,
    line_item: LineItem,
    advertiser: Advertiser,
    publisher: Option<ObjectName<PublisherId>>,
    campaign: Option<ObjectName<CampaignId>>,
    /// What to do on the platform's side.
    template: Option<&'static SourceTemplate>,
    /// Why it takes too much; empty if it does not.
    warning: &'static str,
    changed: LastChange,
}

/// `GET /admin/sources/{id}`
pub async fn show(state: web::Data<AppState>, session: Session, Id(id): Id<SourceId>) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let source = store.get::<Source>(by, id.0).await?;
    let publisher = match source.publisher_id {
        Some(id) => Some(ObjectName { id, name: store.get::<Publisher>(by, id.0).await?.name }),
        None => None,
    };
    let campaign = match source.campaign_id {
        Some(id) => Some(ObjectName { id, name: store.get::<Campaign>(by, id.0).await?.name }),
        None => None,
    };
    Ok(html(&SourcePage {
        page: session.page(KIND.section, source.name.clone()).with_tab(format!("{}, source", source.name)),
        parts: conditions::condition(&source.condition, true),
        line_item: store.get(by, source.line_item_id.0).await?,
        advertiser: store.get(by, source.advertiser_id.0).await?,
        publisher,
        campaign,
        template: SourceTemplate::like(&source.condition),
        warning: if source.condition.takes_unpaid_links() { UNPAID_LINKS_ALONE } else { "" },
        changed: LastChange::load::<Source>(store, &session, id.0, source.last_modified, "source").await?,
        source,
    }))
}

/// `POST /admin/sources/{id}/delete`: asks first.
pub async fn delete(state: web::Data<AppState>, posted: Posted, Id(id): Id<SourceId>) -> Answer {
    posted.session.editor()?;
    let source = state.store.get::<Source>(posted.session.reader(), id.0).await?;
    let request = DeleteRequest {
        cascade: vec!["Its arrivals go to the next source that matches, or to none".to_owned()],
        stays: "Its recorded arrivals stay, and keep their credit.".to_owned(),
        ..DeleteRequest::new(KIND, id, source.name)
    };
    confirm_delete::answer::<Source>(&state.store, posted, id.0, request).await
}
