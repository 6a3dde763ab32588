//! Saved reports: a definition under a name, for everybody who sees what it is about. Saving one is an edit; running it
//! is reading.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::super::delete::{self, Wanted};
use super::super::extract::Id;
use super::super::flash::{Flash, Kind};
use super::super::form::{Errors, Form};
use super::super::page::{Answer, Page, html, html_again};
use super::super::save;
use super::super::session::{Posted, Session};
use super::super::wording::Moment;
use super::typed::place;
use super::{PATH, read, report, words};
use crate::domain::{SavedReport, SavedReportId};
use crate::web::State;

#[derive(Template)]
#[template(path = "report_saved.html")]
struct SavedPage {
    page: Page,
    id: SavedReportId,
    /// Where it is run.
    address: String,
    what: &'static str,
    owner: String,
    made: Moment,
    /// The name as typed.
    called: String,
    errors: Errors,
}

/// Where a saved report is run.
pub fn address(saved: &SavedReport) -> String {
    format!("{PATH}?{}&saved={}", saved.definition, saved.id)
}

/// Its type, as people know it.
pub fn what(saved: &SavedReport) -> &'static str {
    let form = Form::parse(saved.definition.as_bytes());
    words::find(form.text("type")).map_or("", |(_, words)| words.name)
}

/// `POST /admin/reports/saved`
pub async fn save(state: web::Data<State>, posted: Posted, request: HttpRequest) -> Answer {
    let Posted { session, form } = posted;
    let editor = session.editor()?;
    let by = session.reader();
    let typed = read(&state, &session, &form).await?;
    let name = form.text("name").to_owned();
    let mut fresh = SavedReport::new(name.clone(), session.caller().name.clone(), typed.query());
    fresh.advertiser_id = match (by.scope().advertiser(), typed.values("advertiser_id")) {
        (Some(own), _) => Some(own),
        (None, [only]) => only.parse().ok(),
        (None, _) => None,
    };
    match save::create(&state.store, &editor, fresh, |_| Ok(()), place).await? {
        Ok(saved) => {
            let flash = Flash::new(Kind::Good, format!("“{}” is saved, for all who may see it.", saved.name));
            Ok(session.go_with(address(&saved), &flash))
        }
        Err(errors) => report(&state, &session, &request, &form, name, errors).await,
    }
}

/// `GET /admin/reports/saved/{id}`
pub async fn show(state: web::Data<State>, session: Session, Id(id): Id<SavedReportId>) -> Answer {
    let saved: SavedReport = state.store.get(session.reader(), id.0).await?;
    let name = saved.name.clone();
    Ok(html(&page(&session, saved, name, Errors::default())))
}

/// `POST /admin/reports/saved/{id}`: another name.
pub async fn rename(state: web::Data<State>, posted: Posted, Id(id): Id<SavedReportId>) -> Answer {
    let Posted { session, form } = posted;
    let editor = session.editor()?;
    let saved: SavedReport = state.store.get(session.reader(), id.0).await?;
    let name = form.text("name").to_owned();
    let wanted = name.clone();
    let write = move |saved: &mut SavedReport| {
        saved.name.clone_from(&wanted);
        saved.check()
    };
    match save::change(&state.store, &editor, &saved, write, place).await? {
        Ok(saved) => {
            let flash = Flash::new(Kind::Good, format!("It is called “{}” now.", saved.name));
            Ok(session.go_with(format!("{PATH}/saved/{id}"), &flash))
        }
        Err(errors) => Ok(html_again(&page(&session, saved, name, errors))),
    }
}

/// `POST /admin/reports/saved/{id}/delete`: asks first.
pub async fn delete(state: web::Data<State>, posted: Posted, Id(id): Id<SavedReportId>) -> Answer {
    posted.session.editor()?;
    let saved: SavedReport = state.store.get(posted.session.reader(), id.0).await?;
    let wanted = Wanted {
        section: "reports",
        list_name: "Reports",
        list: PATH,
        address: format!("{PATH}/saved/{id}"),
        what: "saved report",
        name: saved.name,
        goes: vec!["Everybody who uses it loses it".to_owned()],
        stays: "Files that were made of it stay, and so does what it reports on.".to_owned(),
        blockers: Vec::new(),
        first: "",
    };
    delete::answer::<SavedReport>(&state.store, posted, id.0, wanted).await
}

fn page(session: &Session, saved: SavedReport, name: String, errors: Errors) -> SavedPage {
    SavedPage {
        page: session.page("reports", saved.name.clone()),
        id: saved.id,
        address: address(&saved),
        what: what(&saved),
        made: Moment::new(saved.created_on, session.now),
        owner: saved.owner,
        called: name,
        errors,
    }
}
