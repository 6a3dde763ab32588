//! Saved reports: a report's form under a name, for all users who may see its advertiser. Saving one takes the right to
//! edit; running one takes the right to read.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::definition::control;
use super::{PATH, SaveForm, labels, read, report};
use crate::admin::forms::confirm_delete;
use crate::admin::forms::confirm_delete::DeleteRequest;
use crate::admin::forms::form_key;
use crate::admin::forms::save::{self, Created};
use crate::admin::shell::extract::Id;
use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::form::{Errors, Form};
use crate::admin::shell::object_kind::SAVED_REPORT as KIND;
use crate::admin::shell::page::{Answer, Page, html, html_again};
use crate::admin::shell::session::{Posted, Session};
use crate::admin::text::format::Moment;
use crate::domain::{FieldError, SavedReport, SavedReportId};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/reports/saved.html")]
struct SavedPage {
    page: Page,
    id: SavedReportId,
    /// The address that runs it.
    address: String,
    /// The report's name on the pages.
    report: &'static str,
    owner: String,
    created: Moment,
    /// The text of the field `name`.
    new_name: String,
    /// The name that it has, which the form sends along.
    was_name: String,
    errors: Errors,
}

/// The address that runs a saved report.
pub fn address(saved: &SavedReport) -> String {
    format!("{PATH}?{}&saved={}", saved.definition, saved.id)
}

/// The report's name on the pages.
pub fn report_name(saved: &SavedReport) -> &'static str {
    let form = Form::parse(saved.definition.as_bytes());
    labels::find(form.text("type")).map_or("", |(_, labels)| labels.name)
}

/// `POST /admin/reports/saved`
pub async fn save(state: web::Data<AppState>, posted: Posted, request: HttpRequest) -> Answer {
    let Posted { session, form } = posted;
    let editor = session.editor()?;
    let by = session.reader();
    let data = read(&state, &session, &form).await?;
    let name = form.text("name").to_owned();
    let mut saved = SavedReport::new(name.clone(), session.caller().name.clone(), data.query());
    saved.advertiser_id = match (by.scope().advertiser(), data.values("advertiser_id")) {
        (Some(own), _) => Some(own),
        (None, [only]) => only.parse().ok(),
        (None, _) => None,
    };
    match save::create(&state, &session, &editor, &form, saved, |_| Ok(()), control).await? {
        Created::New(saved) => {
            let flash = Flash::new(FlashKind::Good, format!("Report “{}” saved for everyone with access.", saved.name));
            Ok(session.go_with(address(&saved), &flash))
        }
        Created::Before(saved) => {
            let flash = Flash::new(FlashKind::Warning, form_key::sent_before(&saved.name));
            Ok(session.go_with(address(&saved), &flash))
        }
        Created::Wrong(errors) => report(&state, &session, &request, &form, SaveForm { name, errors }).await,
    }
}

/// `GET /admin/reports/saved/{id}`
pub async fn show(state: web::Data<AppState>, session: Session, Id(id): Id<SavedReportId>) -> Answer {
    let saved: SavedReport = state.store.get(session.reader(), id.0).await?;
    let name = saved.name.clone();
    Ok(html(&page(&session, saved, name, Errors::default())))
}

/// `POST /admin/reports/saved/{id}`: gives it another name.
pub async fn rename(state: web::Data<AppState>, posted: Posted, Id(id): Id<SavedReportId>) -> Answer {
    let Posted { session, form } = posted;
    let editor = session.editor()?;
    let saved: SavedReport = state.store.get(session.reader(), id.0).await?;
    let name = form.text("name").to_owned();
    let (new_name, was) = (name.clone(), form.some("was_name").map(str::to_owned));
    let write = move |saved: &mut SavedReport| {
        if was.as_ref().is_some_and(|was| *was != saved.name) && saved.name != new_name {
            let message = format!("was changed to {:?} while this page was open. Save again to keep yours", saved.name);
            return Err(vec![FieldError { field: "name".to_owned(), message }]);
        }
        saved.name.clone_from(&new_name);
        saved.check()
    };
    match save::change(&state, &editor, &saved, write, control).await? {
        Ok(saved) => {
            let flash = Flash::new(FlashKind::Good, format!("Report renamed to “{}”.", saved.name));
            Ok(session.go_with(format!("{PATH}/saved/{id}"), &flash))
        }
        Err(errors) => Ok(html_again(&page(&session, saved, name, errors))),
    }
}

/// `POST /admin/reports/saved/{id}/delete`: asks first.
pub async fn delete(state: web::Data<AppState>, posted: Posted, Id(id): Id<SavedReportId>) -> Answer {
    posted.session.editor()?;
    let saved: SavedReport = state.store.get(posted.session.reader(), id.0).await?;
    let request = DeleteRequest {
        address: format!("{PATH}/saved/{id}"),
        cascade: vec!["It is removed for everyone with access".to_owned()],
        stays: "Its files and the recorded events are kept.".to_owned(),
        ..DeleteRequest::new(KIND, id, saved.name)
    };
    confirm_delete::answer::<SavedReport>(&state.store, posted, id.0, request).await
}

fn page(session: &Session, saved: SavedReport, name: String, errors: Errors) -> SavedPage {
    SavedPage {
        page: session.page(KIND.section, saved.name.clone()).with_tab(format!("{}, saved report", saved.name)),
        id: saved.id,
        address: address(&saved),
        report: report_name(&saved),
        created: Moment::new(saved.created_on, session.now),
        owner: saved.owner,
        new_name: name,
        was_name: saved.name,
        errors,
    }
}
