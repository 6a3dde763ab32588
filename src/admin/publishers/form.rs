//! The form of a placement.

use askama::Template;

use crate::admin::forms::object_form::{ObjectForm, Occasion};
use crate::admin::forms::parse::{form_data, merge_errors, optional, word};
use crate::admin::shell::error::PageError;
use crate::admin::shell::form::{Errors, Labels};
use crate::admin::shell::object_kind;
use crate::admin::shell::object_kind::ObjectKind;
use crate::admin::shell::page::Page;
use crate::admin::shell::session::Session;
use crate::domain::{Checks, Editor, FieldError, Publisher, PublisherId, Status};
use crate::store::Store;

pub struct PublisherForm;

#[derive(Template)]
#[template(path = "admin/publishers/form.html")]
struct PublisherFormPage {
    page: Page,
    id: Option<PublisherId>,
    data: PublisherFormData,
    errors: Errors,
}

form_data! {
    /// Every field as text.
    PublisherFormData {
        name: String,
        code: String,
        state: String,
    }
}

impl ObjectForm for PublisherForm {
    type Object = Publisher;
    type Data = PublisherFormData;

    const KIND: ObjectKind = object_kind::PUBLISHER;
    const FIELDS: Labels = &[("name", "Name"), ("code", "Code"), ("state", "Status")];

    fn may_create(session: &Session) -> Result<Editor, PageError> {
        session.editor_of_all()
    }

    fn may_change(session: &Session) -> Result<Editor, PageError> {
        session.editor_of_all()
    }

    async fn load(_: &Store, _: &Session, _: Occasion<'_, Publisher>) -> Result<Self, PageError> {
        Ok(PublisherForm)
    }

    fn data(publisher: &Publisher) -> PublisherFormData {
        PublisherFormData {
            name: publisher.name.clone(),
            code: publisher.code.clone().unwrap_or_default(),
            state: publisher.state.to_string(),
        }
    }

    fn new_object(&self, _: &PublisherFormData) -> Publisher {
        Publisher::new("")
    }

    fn write(&self, data: &PublisherFormData, publisher: &mut Publisher) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        publisher.name = data.name.clone();
        publisher.code = optional(&data.code);
        publisher.state = word(&mut checks, "state", Status::parse(&data.state), publisher.state);
        merge_errors(Self::FIELDS, checks, publisher.check())
    }

    fn page(
        &self,
        page: Page,
        publisher: Option<&Publisher>,
        data: PublisherFormData,
        errors: Errors,
    ) -> impl Template {
        PublisherFormPage { page, id: publisher.map(|publisher| publisher.id), data, errors }
    }

    fn name(publisher: &Publisher) -> &str {
        &publisher.name
    }

    fn created(publisher: &Publisher) -> String {
        format!("Placement “{}” created.", publisher.name)
    }
}
