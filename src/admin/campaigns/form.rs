//! The form of a campaign.

use askama::Template;

use crate::admin::forms::object_form::{ObjectForm, Occasion};
use crate::admin::forms::parse::{FormData, form_data, merge_errors, optional, required, word};
use crate::admin::line_items::options::{LineItemChoices, LineItemGroup};
use crate::admin::shell::error::PageError;
use crate::admin::shell::form::{Errors, Form, Labels, capital};
use crate::admin::shell::object_kind;
use crate::admin::shell::object_kind::ObjectKind;
use crate::admin::shell::page::Page;
use crate::admin::shell::session::Session;
use crate::domain::{AdvertiserId, Campaign, CampaignId, Checks, FieldError, LineItemId, Status};
use crate::store::Store;

pub struct CampaignForm {
    line_items: LineItemChoices,
}

#[derive(Template)]
#[template(path = "admin/campaigns/form.html")]
struct CampaignFormPage {
    page: Page,
    id: Option<CampaignId>,
    line_items: Vec<LineItemGroup>,
    data: CampaignFormData,
    errors: Errors,
}

form_data! {
    /// Every field as text.
    CampaignFormData {
        name: String,
        code: String,
        line_item_id: String,
        state: String,
    }
}

impl ObjectForm for CampaignForm {
    type Object = Campaign;
    type Data = CampaignFormData;

    const KIND: ObjectKind = object_kind::CAMPAIGN;
    const FIELDS: Labels = &[("name", "Name"), ("line_item_id", "Line item"), ("code", "Code"), ("state", "Status")];

    async fn load(store: &Store, session: &Session, occasion: Occasion<'_, Campaign>) -> Result<Self, PageError> {
        let (advertiser, line_item) = match occasion {
            Occasion::New(query) => (query.ids("advertiser_id").pop(), query.ids("line_item_id").pop()),
            Occasion::Create(form) => (None, form.text("line_item_id").parse().ok()),
            Occasion::Change(campaign) => (Some(campaign.advertiser_id), Some(campaign.line_item_id)),
        };
        let line_items = LineItemChoices::load(store, session.reader(), advertiser, line_item).await?;
        Ok(CampaignForm { line_items })
    }

    fn data(campaign: &Campaign) -> CampaignFormData {
        CampaignFormData {
            name: campaign.name.clone(),
            code: campaign.code.clone().unwrap_or_default(),
            line_item_id: campaign.line_item_id.to_string(),
            state: campaign.state.to_string(),
        }
    }

    fn blank(&self, query: &Form) -> CampaignFormData {
        let line_item = query.ids::<LineItemId>("line_item_id").pop();
        CampaignFormData {
            line_item_id: line_item.map(|id| id.to_string()).unwrap_or_default(),
            ..Self::data(&Campaign::new(AdvertiserId(0), LineItemId(0), ""))
        }
    }

    fn new_object(&self, data: &CampaignFormData) -> Campaign {
        let advertiser = self.line_items.find(&data.line_item_id).map(|line_item| line_item.advertiser_id);
        Campaign::new(advertiser.unwrap_or(AdvertiserId(0)), LineItemId(0), "")
    }

    fn write(&self, data: &CampaignFormData, campaign: &mut Campaign) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        campaign.name = data.name.clone();
        campaign.code = optional(&data.code);
        campaign.state = word(&mut checks, "state", Status::parse(&data.state), campaign.state);
        let line_item = self.line_items.find(&data.line_item_id).map(|line_item| line_item.id);
        campaign.line_item_id = required(&mut checks, "line_item_id", line_item, campaign.line_item_id);
        merge_errors(Self::FIELDS, checks, campaign.check())
    }

    fn page(&self, page: Page, campaign: Option<&Campaign>, data: CampaignFormData, errors: Errors) -> impl Template {
        let line_items = self.line_items.groups(&data.line_item_id);
        CampaignFormPage { page, id: campaign.map(|campaign| campaign.id), line_items, data, errors }
    }

    fn words(&self, data: &CampaignFormData, field: &str) -> String {
        match field {
            "line_item_id" => self.line_items.name(&data.line_item_id),
            "state" => capital(&data.state),
            _ => data.words(field),
        }
    }

    fn name(campaign: &Campaign) -> &str {
        &campaign.name
    }

    fn created(campaign: &Campaign) -> String {
        format!("Campaign “{}” created. Add its campaign_id to your trackers.", campaign.name)
    }
}
