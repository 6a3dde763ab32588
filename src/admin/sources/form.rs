//! The form of a source. `fields` reads and writes its fields. It offers the line items of one advertiser, so a user who sees
//! several must first choose an advertiser.

use actix_web::HttpResponse;
use askama::Template;

use super::fields::{FIELDS, ParameterRow, SourceFormData, control, label};
use crate::admin::choices;
use crate::admin::choices::Choice;
use crate::admin::forms::conflict::name_of;
use crate::admin::forms::fold;
use crate::admin::forms::fold::Fold;
use crate::admin::forms::object_form::{ObjectForm, Occasion};
use crate::admin::forms::parse::{FormData, required};
use crate::admin::shell::error::PageError;
use crate::admin::shell::form::{Control, Errors, Form, Labels, capital};
use crate::admin::shell::object_kind;
use crate::admin::shell::object_kind::ObjectKind;
use crate::admin::shell::page::{Page, html};
use crate::admin::shell::session::Session;
use crate::domain::{
    Advertiser, AdvertiserId, Campaign, Checks, ClickId, FieldError, LineItem, LineItemId, Publisher, Source, SourceId,
    SourceTemplate,
};
use crate::store::{ListQuery, Store};

pub struct SourceForm {
    advertiser: Advertiser,
    line_items: Vec<LineItem>,
    publishers: Vec<Publisher>,
    campaigns: Vec<Campaign>,
}

#[derive(Template)]
#[template(path = "admin/sources/form.html")]
struct SourceFormPage {
    page: Page,
    id: Option<SourceId>,
    advertiser: Advertiser,
    line_items: Vec<Choice>,
    publishers: Vec<Choice>,
    campaigns: Vec<Choice>,
    click_ids: Vec<ClickIdBox>,
    rows: Vec<Row>,
    /// What the template says to do on the platform's side.
    template: Option<&'static SourceTemplate>,
    campaign_fold: Fold,
    advanced: Fold,
    data: SourceFormData,
    errors: Errors,
}

/// A click id to tick.
struct ClickIdBox {
    id: &'static ClickId,
    ticked: bool,
}

/// The click ids to tick.
fn click_ids(chosen: &[String]) -> Vec<ClickIdBox> {
    let is_chosen = |id: &ClickId| chosen.iter().any(|name| name.eq_ignore_ascii_case(id.name));
    let mut ids = ClickId::all();
    let others: Vec<_> = chosen.iter().flat_map(|name| ClickId::of(name)).filter(|id| !ids.contains(id)).collect();
    ids.extend(others);
    ids.into_iter().map(|id| ClickIdBox { id, ticked: is_chosen(id) }).collect()
}

/// A row of parameters; it counts from 1.
struct Row {
    number: usize,
    data: ParameterRow,
}

/// The page that asks for the advertiser of a new source.
#[derive(Template)]
#[template(path = "admin/sources/choose_advertiser.html")]
struct ChooseAdvertiserPage {
    page: Page,
    advertisers: Vec<Choice>,
    /// The key of the template; empty for none.
    template: String,
}

impl ObjectForm for SourceForm {
    type Object = Source;
    type Data = SourceFormData;

    const KIND: ObjectKind = object_kind::SOURCE;
    const FIELDS: Labels = FIELDS;

    async fn question(store: &Store, session: &Session, query: &Form) -> Result<Option<HttpResponse>, PageError> {
        let named = |name| !query.ids::<i64>(name).is_empty();
        if named("advertiser_id") || named("line_item_id") {
            return Ok(None);
        }
        let advertisers = choices::all::<Advertiser>(store, session.reader(), &[]).await?;
        if advertisers.len() == 1 {
            return Ok(None);
        }
        let option = |advertiser: &Advertiser| (advertiser.id.0, advertiser.name.clone());
        Ok(Some(html(&ChooseAdvertiserPage {
            page: session.page(Self::KIND.section, "New source"),
            advertisers: choices::options(&advertisers, "", option),
            template: SourceTemplate::of(query.text("template")).map_or("", |template| template.key).to_owned(),
        })))
    }

    async fn load(store: &Store, session: &Session, occasion: Occasion<'_, Source>) -> Result<Self, PageError> {
        let by = session.reader();
        let (owner, line_item, publisher, campaign) = match occasion {
            Occasion::New(query) => {
                let line_item = query.ids::<LineItemId>("line_item_id").pop();
                let owner = match (query.ids("advertiser_id").pop(), line_item) {
                    (Some(id), _) => Some(id),
                    (None, Some(id)) => Some(store.get::<LineItem>(by, id.0).await?.advertiser_id),
                    // `question` asks for the advertiser before this runs.
                    (None, None) => choices::all::<Advertiser>(store, by, &[]).await?.pop().map(|only| only.id),
                };
                (owner.ok_or(PageError::NoPage)?, line_item, None, None)
            }
            Occasion::Create(form) => {
                let id = |name| form.ids::<i64>(name).pop();
                let line_item = form.ids("line_item_id").pop();
                (AdvertiserId(id("advertiser_id").unwrap_or(0)), line_item, id("publisher_id"), id("campaign_id"))
            }
            Occasion::Change(source) => {
                let (publisher, campaign) = (source.publisher_id, source.campaign_id);
                let (publisher, campaign) = (publisher.map(|id| id.0), campaign.map(|id| id.0));
                (source.advertiser_id, Some(source.line_item_id), publisher, campaign)
            }
        };
        let ids = |id: Option<i64>| id.into_iter().collect::<Vec<_>>();
        let line_items = ListQuery::default().with_id::<LineItem>("advertiser_id", owner.0);
        let campaigns = ListQuery::default().with_id::<Campaign>("advertiser_id", owner.0);
        Ok(SourceForm {
            advertiser: store.get(by, owner.0).await?,
            line_items: choices::all_with(store, by, line_items, &ids(line_item.map(|id| id.0))).await?,
            publishers: choices::all(store, by, &ids(publisher)).await?,
            campaigns: choices::all_with(store, by, campaigns, &ids(campaign)).await?,
        })
    }

    fn data(source: &Source) -> SourceFormData {
        SourceFormData::of(source)
    }

    /// What the link says: a template, or the parameters of an arrival.
    fn blank(&self, query: &Form) -> SourceFormData {
        let mut data = SourceFormData { state: "active".to_owned(), ..SourceFormData::read(query) };
        match SourceTemplate::of(&data.template) {
            Some(template) => data.follow(template),
            None => data.template = String::new(),
        }
        if let ([only], true) = (self.line_items.as_slice(), data.line_item_id.is_empty()) {
            data.line_item_id = only.id.to_string();
        }
        data
    }

    fn add_row(data: &mut SourceFormData) -> bool {
        data.add_row();
        true
    }

    fn new_object(&self, _: &SourceFormData) -> Source {
        Source::new(self.advertiser.id, LineItemId(0), "")
    }

    fn write(&self, data: &SourceFormData, source: &mut Source) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        let line_item = self.line_items.iter().find(|one| one.id.to_string() == data.line_item_id).map(|one| one.id);
        source.line_item_id = required(&mut checks, "line_item_id", line_item, source.line_item_id);
        source.publisher_id =
            self.publishers.iter().find(|one| one.id.to_string() == data.publisher_id).map(|one| one.id);
        let is_known = |known: bool, text: &str| known || text.is_empty();
        checks.require(is_known(source.publisher_id.is_some(), &data.publisher_id), "publisher_id", || {
            "must be one of the choices".to_owned()
        });
        source.campaign_id = self.campaigns.iter().find(|one| one.id.to_string() == data.campaign_id).map(|one| one.id);
        checks.require(is_known(source.campaign_id.is_some(), &data.campaign_id), "campaign_id", || {
            "must be one of the choices".to_owned()
        });
        data.write(checks, source)
    }

    fn page(&self, page: Page, source: Option<&Source>, mut data: SourceFormData, errors: Errors) -> impl Template {
        if data.parameters.is_empty() {
            data.add_row();
        }
        let line_item = |line_item: &LineItem| (line_item.id.0, line_item.name.clone());
        let of_campaign = |campaign: &Campaign| {
            let of = self.line_items.iter().find(|one| one.id == campaign.line_item_id);
            (campaign.id.0, of.map_or_else(|| campaign.name.clone(), |of| format!("{} · {}", of.name, campaign.name)))
        };
        SourceFormPage {
            page,
            id: source.map(|source| source.id),
            advertiser: self.advertiser.clone(),
            line_items: choices::options(&self.line_items, &data.line_item_id, line_item),
            publishers: choices::options(&self.publishers, &data.publisher_id, |publisher| {
                (publisher.id.0, publisher.name.clone())
            }),
            campaigns: choices::options(&self.campaigns, &data.campaign_id, of_campaign),
            click_ids: click_ids(&data.click_id.0),
            rows: (1..).zip(&data.parameters).map(|(number, row)| Row { number, data: row.clone() }).collect(),
            template: SourceTemplate::of(&data.template),
            campaign_fold: campaign_fold(&data, &errors),
            advanced: Fold::new(&errors, &["code"], "code", &[fold::code(&data.code)]),
            data,
            errors,
        }
    }

    fn label(field: &str) -> Option<&'static str> {
        label(field)
    }

    fn words(&self, data: &SourceFormData, field: &str) -> String {
        match field {
            "line_item_id" => name_of(&self.line_items, &data.line_item_id, |one| (one.id.0, one.name.clone())),
            "publisher_id" => name_of(&self.publishers, &data.publisher_id, |one| (one.id.0, one.name.clone())),
            "campaign_id" => name_of(&self.campaigns, &data.campaign_id, |one| (one.id.0, one.name.clone())),
            "state" => capital(&data.state),
            _ => data.words(field),
        }
    }

    fn name(source: &Source) -> &str {
        &source.name
    }

    fn created(source: &Source) -> String {
        format!("Source “{}” created. Try an address below.", source.name)
    }

    fn changed(_: &Source) -> String {
        "Saved. Changes apply to new arrivals.".to_owned()
    }

    /// The list, where its place in the order and the tester are.
    fn destination(_: &Session, source: &Source) -> String {
        format!("{}?advertiser_id={}", Self::KIND.path, source.advertiser_id)
    }

    fn control(field: &str) -> Option<Control> {
        control(field)
    }
}

fn campaign_fold(data: &SourceFormData, errors: &Errors) -> Fold {
    let by = match (data.campaign_by.as_str(), data.makes_campaigns) {
        ("", _) => String::new(),
        (name, false) => format!("by {name}"),
        (name, true) => format!("by {name}, made when new"),
    };
    let fixed = if data.campaign_id.is_empty() { "" } else { "one campaign for all" };
    Fold::new(errors, &["campaign_", "makes_campaigns"], "which campaign gets the click", &[by, fixed.to_owned()])
}
