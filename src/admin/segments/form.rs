//! The form of a segment. `fields` reads and writes its fields.

use askama::Template;

use super::fields::{FIELDS, SegmentFormData};
use crate::admin::choices;
use crate::admin::choices::Choice;
use crate::admin::forms::conflict::name_of;
use crate::admin::forms::fold;
use crate::admin::forms::fold::Fold;
use crate::admin::forms::object_form::{ObjectForm, Occasion};
use crate::admin::forms::parse::FormData;
use crate::admin::forms::piggybacks;
use crate::admin::forms::piggybacks::PiggybackRow;
use crate::admin::shell::error::PageError;
use crate::admin::shell::form::{Control, Errors, Form, Labels, capital, control_in};
use crate::admin::shell::object_kind;
use crate::admin::shell::object_kind::ObjectKind;
use crate::admin::shell::page::Page;
use crate::admin::shell::session::Session;
use crate::domain::{Advertiser, FieldError, Segment, SegmentId};
use crate::store::Store;

pub struct SegmentForm {
    /// The name of a stored segment's advertiser; empty for a new one.
    owner: String,
    /// Whether this user may say that all advertisers share it.
    may_serve_all: bool,
    /// The advertisers that may own it.
    advertisers: Vec<Advertiser>,
}

#[derive(Template)]
#[template(path = "admin/segments/form.html")]
struct SegmentFormPage {
    page: Page,
    id: Option<SegmentId>,
    owner: String,
    may_serve_all: bool,
    advertisers: Vec<Choice>,
    rows: Vec<PiggybackRow>,
    advanced: Fold,
    data: SegmentFormData,
    errors: Errors,
}

impl ObjectForm for SegmentForm {
    type Object = Segment;
    type Data = SegmentFormData;

    const KIND: ObjectKind = object_kind::SEGMENT;
    const FIELDS: Labels = FIELDS;

    /// Users limited to one advertiser see segments without an advertiser, but change only their own.
    fn may_change_object(session: &Session, segment: &Segment) -> Result<(), PageError> {
        if segment.advertiser_id.is_none() {
            session.editor_of_all()?;
        }
        Ok(())
    }

    async fn load(store: &Store, session: &Session, occasion: Occasion<'_, Segment>) -> Result<Self, PageError> {
        let by = session.reader();
        let may_serve_all = session.editor_of_all().is_ok();
        let (owner, advertisers) = match occasion {
            Occasion::New(form) | Occasion::Create(form) => {
                (String::new(), choices::all::<Advertiser>(store, by, &form.ids("advertiser_id")).await?)
            }
            Occasion::Change(segment) => {
                let ids: Vec<_> = segment.advertiser_id.iter().map(|id| id.0).collect();
                (owner(store, session, segment).await?, choices::all::<Advertiser>(store, by, &ids).await?)
            }
        };
        Ok(SegmentForm { owner, may_serve_all, advertisers })
    }

    fn data(segment: &Segment) -> SegmentFormData {
        SegmentFormData::of(segment)
    }

    fn blank(&self, query: &Form) -> SegmentFormData {
        let mut segment = Segment::new("");
        segment.advertiser_id = query.ids("advertiser_id").pop();
        SegmentFormData::of(&segment)
    }

    fn add_row(data: &mut SegmentFormData) -> bool {
        data.add_row();
        true
    }

    fn new_object(&self, _: &SegmentFormData) -> Segment {
        Segment::new("")
    }

    fn write(&self, data: &SegmentFormData, segment: &mut Segment) -> Result<(), Vec<FieldError>> {
        data.write(segment)
    }

    fn page(&self, page: Page, segment: Option<&Segment>, data: SegmentFormData, errors: Errors) -> impl Template {
        SegmentFormPage {
            page,
            id: segment.map(|segment| segment.id),
            owner: self.owner.clone(),
            may_serve_all: self.may_serve_all,
            advertisers: choices::options(
                &self.advertisers,
                data.advertiser_id.as_deref().unwrap_or(""),
                |advertiser| (advertiser.id.0, advertiser.name.clone()),
            ),
            rows: piggybacks::rows(&data.piggyback_pixels, &errors),
            advanced: advanced(&data, &errors),
            data,
            errors,
        }
    }

    fn words(&self, data: &SegmentFormData, field: &str) -> String {
        match (field, data.advertiser_id.as_deref()) {
            ("advertiser_id", None | Some("")) => "All advertisers".to_owned(),
            ("advertiser_id", Some(id)) => name_of(&self.advertisers, id, |one| (one.id.0, one.name.clone())),
            ("state", _) => capital(&data.state),
            _ => data.words(field),
        }
    }

    fn name(segment: &Segment) -> &str {
        &segment.short_name
    }

    fn created(segment: &Segment) -> String {
        format!("Segment “{}” created.", segment.short_name)
    }

    fn changed(_: &Segment) -> String {
        "Saved. Changes apply to new visits.".to_owned()
    }

    fn control(field: &str) -> Option<Control> {
        piggybacks::control(field).or_else(|| control_in(FIELDS, field))
    }
}

fn advanced(data: &SegmentFormData, errors: &Errors) -> Fold {
    let set = [fold::code(&data.code), piggybacks::words(&data.piggyback_pixels)];
    let mut fold = Fold::new(errors, &["code", "piggyback_"], "code, extra pixels", &set);
    fold.open |= piggybacks::has_new_row(&data.piggyback_pixels);
    fold
}

async fn owner(store: &Store, session: &Session, segment: &Segment) -> Result<String, PageError> {
    match segment.advertiser_id {
        None => Ok("All advertisers".to_owned()),
        Some(id) => {
            let mut names = store.names::<Advertiser>(session.reader(), vec![id.0]).await?;
            Ok(names.remove(&id.0).unwrap_or_default())
        }
    }
}
