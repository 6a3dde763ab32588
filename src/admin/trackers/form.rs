//! The form of a tracker of either kind.

use askama::Template;

use crate::admin::choices;
use crate::admin::choices::Choice;
use crate::admin::forms::conflict::name_of;
use crate::admin::forms::object_form::{ObjectForm, Occasion};
use crate::admin::forms::parse::{FormData, form_data, merge_errors, optional, required, word};
use crate::admin::line_items::options::{LineItemChoices, LineItemGroup};
use crate::admin::shell::error::PageError;
use crate::admin::shell::form::{Errors, Form, Labels, capital};
use crate::admin::shell::object_kind;
use crate::admin::shell::object_kind::ObjectKind;
use crate::admin::shell::page::Page;
use crate::admin::shell::session::Session;
use crate::domain::{
    AdvertiserId, Checks, FieldError, LineItemId, Publisher, PublisherId, Status, Tracker, TrackerId, TrackerKind,
};
use crate::store::{ListQuery, Store};

pub struct TrackerForm {
    line_items: LineItemChoices,
    publishers: Vec<Publisher>,
    /// Whether this user may create the publisher that a tracker needs.
    may_create_publishers: bool,
}

#[derive(Template)]
#[template(path = "admin/trackers/form.html")]
struct TrackerFormPage {
    page: Page,
    id: Option<TrackerId>,
    line_items: Vec<LineItemGroup>,
    publishers: Vec<Choice>,
    may_create_publishers: bool,
    data: TrackerFormData,
    errors: Errors,
}

form_data! {
    /// Every field as text.
    TrackerFormData {
        kind: String,
        name: String,
        code: String,
        line_item_id: String,
        publisher_id: String,
        click_url: String,
        state: String,
    }
}

impl ObjectForm for TrackerForm {
    type Object = Tracker;
    type Data = TrackerFormData;

    const KIND: ObjectKind = object_kind::TRACKER;
    const FIELDS: Labels = &[
        ("kind", "What it records"),
        ("name", "Name"),
        ("line_item_id", "Line item"),
        ("publisher_id", "Placement"),
        ("click_url", "Landing page"),
        ("code", "Code"),
        ("state", "Status"),
    ];

    async fn load(store: &Store, session: &Session, occasion: Occasion<'_, Tracker>) -> Result<Self, PageError> {
        let (advertiser, line_item, publisher): (_, _, Option<PublisherId>) = match occasion {
            Occasion::New(query) => {
                (query.ids("advertiser_id").pop(), query.ids("line_item_id").pop(), query.ids("publisher_id").pop())
            }
            Occasion::Create(form) => {
                (None, form.text("line_item_id").parse().ok(), form.text("publisher_id").parse().ok())
            }
            Occasion::Change(tracker) => {
                (Some(tracker.advertiser_id), Some(tracker.line_item_id), Some(tracker.publisher_id))
            }
        };
        let (by, publishers): (_, Vec<i64>) = (session.reader(), publisher.iter().map(|id| id.0).collect());
        Ok(TrackerForm {
            line_items: LineItemChoices::load(store, by, advertiser, line_item).await?,
            publishers: choices::all_with::<Publisher>(store, by, ListQuery::default(), &publishers).await?,
            may_create_publishers: session.editor_of_all().is_ok(),
        })
    }

    fn data(tracker: &Tracker) -> TrackerFormData {
        TrackerFormData {
            kind: tracker.kind.to_string(),
            name: tracker.name.clone(),
            code: tracker.code.clone().unwrap_or_default(),
            line_item_id: tracker.line_item_id.to_string(),
            publisher_id: tracker.publisher_id.to_string(),
            click_url: tracker.click_url.clone().unwrap_or_default(),
            state: tracker.state.to_string(),
        }
    }

    fn blank(&self, query: &Form) -> TrackerFormData {
        let line_item = query.ids::<LineItemId>("line_item_id").pop();
        let publisher = query.ids::<PublisherId>("publisher_id").pop();
        let tracker = Tracker::new(TrackerKind::Impression, AdvertiserId(0), LineItemId(0), PublisherId(0), "");
        TrackerFormData {
            line_item_id: line_item.map(|id| id.to_string()).unwrap_or_default(),
            publisher_id: publisher.map(|id| id.to_string()).unwrap_or_default(),
            ..Self::data(&tracker)
        }
    }

    fn keep_fixed(data: &mut TrackerFormData, tracker: &Tracker) {
        data.kind = tracker.kind.to_string();
    }

    fn new_object(&self, data: &TrackerFormData) -> Tracker {
        let kind = TrackerKind::parse(&data.kind).unwrap_or(TrackerKind::Impression);
        let advertiser = self.line_items.find(&data.line_item_id).map(|line_item| line_item.advertiser_id);
        Tracker::new(kind, advertiser.unwrap_or(AdvertiserId(0)), LineItemId(0), PublisherId(0), "")
    }

    fn write(&self, data: &TrackerFormData, tracker: &mut Tracker) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        // A stored tracker never changes its kind. The form of a new one may hold an unknown text.
        word(&mut checks, "kind", TrackerKind::parse(&data.kind), tracker.kind);
        tracker.name = data.name.clone();
        tracker.code = optional(&data.code);
        tracker.state = word(&mut checks, "state", Status::parse(&data.state), tracker.state);
        let line_item = self.line_items.find(&data.line_item_id).map(|line_item| line_item.id);
        tracker.line_item_id = required(&mut checks, "line_item_id", line_item, tracker.line_item_id);
        let publisher = self.publishers.iter().find(|publisher| publisher.id.to_string() == data.publisher_id);
        let publisher = publisher.map(|publisher| publisher.id);
        tracker.publisher_id = required(&mut checks, "publisher_id", publisher, tracker.publisher_id);
        tracker.click_url = optional(&data.click_url);
        merge_errors(Self::FIELDS, checks, tracker.check())
    }

    fn page(&self, page: Page, tracker: Option<&Tracker>, data: TrackerFormData, errors: Errors) -> impl Template {
        TrackerFormPage {
            page,
            id: tracker.map(|tracker| tracker.id),
            line_items: self.line_items.groups(&data.line_item_id),
            publishers: choices::options(&self.publishers, &data.publisher_id, |publisher| {
                (publisher.id.0, publisher.name.clone())
            }),
            may_create_publishers: self.may_create_publishers,
            data,
            errors,
        }
    }

    fn words(&self, data: &TrackerFormData, field: &str) -> String {
        match field {
            "line_item_id" => self.line_items.name(&data.line_item_id),
            "publisher_id" => {
                name_of(&self.publishers, &data.publisher_id, |publisher| (publisher.id.0, publisher.name.clone()))
            }
            "state" => capital(&data.state),
            _ => data.words(field),
        }
    }

    fn name(tracker: &Tracker) -> &str {
        &tracker.name
    }

    fn created(tracker: &Tracker) -> String {
        let next = match tracker.kind {
            TrackerKind::Impression => "Put its tag next to your ad.",
            TrackerKind::Click => "Use its link in your ad.",
        };
        format!("Tracker “{}” created. {next}", tracker.name)
    }

    fn changed(_: &Tracker) -> String {
        "Saved. Changes apply to new ad views and clicks.".to_owned()
    }
}
