//! The form that makes or changes a campaign.

use actix_web::web;
use askama::Template;

use super::campaigns::PATH;
use super::extract::{Asked, Id};
use super::flash::{Flash, Kind};
use super::form::{Errors, Form, in_table};
use super::line_item_choices::{Group, Offered};
use super::page::{Answer, Page, html, html_again};
use super::save;
use super::session::{Posted, Session};
use super::typed::{all_in, chosen, optional, word};
use crate::domain::{AdvertiserId, Campaign, CampaignId, Checks, FieldError, LineItemId, Status};
use crate::store::{Store, StoreError};
use crate::web::State;

/// The published fields with their labels, down the page.
const FIELDS: [(&str, &str); 4] =
    [("name", "Name"), ("line_item_id", "Line item"), ("code", "Code"), ("state", "State")];

#[derive(Template)]
#[template(path = "campaign_form.html")]
struct FormPage {
    page: Page,
    /// None for a new one.
    id: Option<CampaignId>,
    line_items: Vec<Group>,
    typed: Typed,
    errors: Errors,
}

/// Every field as text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Typed {
    name: String,
    code: String,
    line_item_id: String,
    state: String,
}

/// `GET /admin/campaigns/new`
pub async fn new(state: web::Data<State>, session: Session, Asked(asked): Asked) -> Answer {
    session.editor()?;
    let (of, under) = (asked.ids("advertiser_id").pop(), asked.ids::<LineItemId>("line_item_id").pop());
    let offered = Offered::load(&state.store, session.reader(), of, under).await?;
    let mut typed = Typed::of(&Campaign::new(AdvertiserId(0), LineItemId(0), ""));
    typed.line_item_id = under.map(|id| id.to_string()).unwrap_or_default();
    Ok(html(&form_page(&session, None, &offered, typed, Errors::default())))
}

/// `POST /admin/campaigns/new`
pub async fn create(state: web::Data<State>, posted: Posted) -> Answer {
    let Posted { session, form } = posted;
    let editor = session.editor()?;
    let typed = Typed::read(&form);
    let offered = Offered::load(&state.store, session.reader(), None, typed.line_item_id.parse().ok()).await?;
    let owner = offered.find(&typed.line_item_id).map(|line_item| line_item.advertiser_id);
    let fresh = Campaign::new(owner.unwrap_or(AdvertiserId(0)), LineItemId(0), "");
    let write = |campaign: &mut Campaign| typed.write_into(campaign, &offered);
    match save::create(&state.store, &editor, fresh, write, place).await? {
        Ok(campaign) => {
            let text = format!("“{}” is made. Name it in the tags of its line item's trackers.", campaign.name);
            Ok(session.go_with(format!("{PATH}/{}", campaign.id), &Flash::new(Kind::Good, text)))
        }
        Err(errors) => Ok(html_again(&form_page(&session, None, &offered, typed, errors))),
    }
}

/// `GET /admin/campaigns/{id}/edit`
pub async fn edit(state: web::Data<State>, session: Session, Id(id): Id<CampaignId>) -> Answer {
    session.editor()?;
    let (campaign, offered) = stored(&state.store, &session, id).await?;
    Ok(html(&form_page(&session, Some(&campaign), &offered, Typed::of(&campaign), Errors::default())))
}

/// `POST /admin/campaigns/{id}/edit`
pub async fn change(state: web::Data<State>, posted: Posted, Id(id): Id<CampaignId>) -> Answer {
    let Posted { session, form } = posted;
    let editor = session.editor()?;
    let (campaign, offered) = stored(&state.store, &session, id).await?;
    let offered = std::sync::Arc::new(offered);
    let typed = Typed::read(&form);
    let (wanted, among) = (typed.clone(), offered.clone());
    let write = move |campaign: &mut Campaign| wanted.write_into(campaign, &among);
    match save::change(&state.store, &editor, &campaign, write, place).await? {
        Ok(_) => Ok(session.go_with(format!("{PATH}/{id}"), &Flash::new(Kind::Good, "Saved."))),
        Err(errors) => Ok(html_again(&form_page(&session, Some(&campaign), &offered, typed, errors))),
    }
}

async fn stored(store: &Store, session: &Session, id: CampaignId) -> Result<(Campaign, Offered), StoreError> {
    let campaign: Campaign = store.get(session.reader(), id.0).await?;
    let (owner, under) = (campaign.advertiser_id, campaign.line_item_id);
    let offered = Offered::load(store, session.reader(), Some(owner), Some(under)).await?;
    Ok((campaign, offered))
}

fn form_page(
    session: &Session,
    campaign: Option<&Campaign>,
    offered: &Offered,
    typed: Typed,
    errors: Errors,
) -> FormPage {
    let title = campaign.map_or_else(|| "New campaign".to_owned(), |one| format!("Edit {}", one.name));
    FormPage {
        page: session.page("campaigns", title),
        id: campaign.map(|campaign| campaign.id),
        line_items: offered.groups(&typed.line_item_id),
        typed,
        errors,
    }
}

impl Typed {
    fn of(campaign: &Campaign) -> Self {
        Typed {
            name: campaign.name.clone(),
            code: campaign.code.clone().unwrap_or_default(),
            line_item_id: campaign.line_item_id.to_string(),
            state: campaign.state.to_string(),
        }
    }

    fn read(form: &Form) -> Self {
        let text = |name| form.text(name).to_owned();
        Typed { name: text("name"), code: text("code"), line_item_id: text("line_item_id"), state: text("state") }
    }

    /// Writes it into a campaign; the line item must be one of those on offer.
    fn write_into(&self, campaign: &mut Campaign, offered: &Offered) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        campaign.name = self.name.clone();
        campaign.code = optional(&self.code);
        campaign.state = word(&mut checks, "state", Status::parse(&self.state), campaign.state);
        let line_item = offered.find(&self.line_item_id).map(|line_item| line_item.id);
        campaign.line_item_id = chosen(&mut checks, "line_item_id", line_item, campaign.line_item_id);
        all_in(&FIELDS, checks, campaign.check())
    }
}

/// The control and label of a published field.
fn place(field: &str) -> Option<(String, String)> {
    in_table(&FIELDS, field)
}
